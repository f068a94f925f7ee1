package dev.reseolio.examples.payments;

import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;

/// Slow, and it fails now and then.
///
/// @param failRate share of the charges that fail, 0 to 1
/// @param fastest milliseconds a charge takes at least
/// @param slowest milliseconds a charge takes at most
record CardNetwork(double failRate, long fastest, long slowest) {

  /// FAIL_RATE, default 0.15; CARD_MILLIS, default 5-30.
  static CardNetwork of(Map<String, String> environment) {
    String[] millis = environment.getOrDefault("CARD_MILLIS", "5-30").split("-", 2);
    return new CardNetwork(
        Double.parseDouble(environment.getOrDefault("FAIL_RATE", "0.15")),
        Long.parseLong(millis[0]),
        Long.parseLong(millis[1]));
  }

  void charge() throws InterruptedException {
    ThreadLocalRandom random = ThreadLocalRandom.current();
    Thread.sleep(random.nextLong(fastest, slowest + 1));
    if (random.nextDouble() < failRate) {
      throw new IllegalStateException("card network timeout");
    }
  }
}
