package dev.reseolio.simulation.store;

import java.util.random.RandomGenerator;

/// How the network between one process and the database behaves at this moment.
public final class Network {
  private final RandomGenerator random;
  private boolean cut;
  private double faults;
  private long delay = 200_000;

  public Network(RandomGenerator random) {
    this.random = random;
  }

  /// @param share of the requests that do not end well, 0 to 1
  public void faults(double share) {
    faults = share;
  }

  /// @param nanos usual time of one way
  public void delay(long nanos) {
    delay = nanos;
  }

  /// Nothing passes until [#mend].
  public void cut() {
    cut = true;
  }

  public void mend() {
    cut = false;
  }

  public boolean cutOff() {
    return cut;
  }

  /// One way; now and then it takes many times as long.
  long way() {
    long usual = random.nextLong(delay / 4, delay * 2);
    return random.nextInt(200) == 0 ? usual * random.nextInt(10, 100) : usual;
  }

  /// How long a caller waits before it believes that nobody answers.
  long patience() {
    return random.nextLong(5_000_000, 3_000_000_000L);
  }

  /// How long a request may be under way without its caller.
  long late() {
    return random.nextLong(1_000_000, random.nextInt(4) == 0 ? 5_000_000_000L : 60_000_000);
  }

  Fate fate() {
    if (faults == 0 || random.nextDouble() >= faults) {
      return Fate.ANSWERED;
    }
    Fate[] bad = {Fate.REPLY_LOST, Fate.REQUEST_LOST, Fate.LATE, Fate.ROLLED_BACK};
    return bad[random.nextInt(bad.length)];
  }
}
