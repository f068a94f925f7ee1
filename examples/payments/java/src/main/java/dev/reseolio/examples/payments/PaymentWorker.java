package dev.reseolio.examples.payments;

import dev.reseolio.FunctionOptions;
import dev.reseolio.JobContext;
import dev.reseolio.Reseolio;
import java.util.Map;
import java.util.concurrent.CountDownLatch;

/// Runs `demo:payments:charge(paymentId, amountCents)`. The card network is slow and fails now and
/// then; Reseolio retries until the payment is in the ledger, and the ledger's primary key makes a
/// repetition harmless.
///
/// Environment: RESEOLIO_ADDRESS (the sidecar), DEMO_DATABASE_URL (the ledger), FAIL_RATE (0 to 1,
/// default 0.15), CARD_MILLIS (how long a charge takes, default 5-30).
public final class PaymentWorker {
  private static final int CONCURRENCY = 10;

  private PaymentWorker() {}

  public static void main(String[] arguments) throws Exception {
    String worker = "java-" + ProcessHandle.current().pid();
    CardNetwork cards = CardNetwork.of(System.getenv());
    CountDownLatch stop = new CountDownLatch(1);
    CountDownLatch stopped = new CountDownLatch(1);
    try (Ledger ledger = new Ledger(required("DEMO_DATABASE_URL"), worker);
        Reseolio reseolio =
            Reseolio.builder()
                .address(required("RESEOLIO_ADDRESS"))
                .concurrency(CONCURRENCY)
                .start()) {
      reseolio.durable(
          Reseolio.namespace("demo", "payments", "charge"),
          String.class,
          Long.class,
          Map.class,
          (paymentId, amountCents) -> charge(ledger, cards, paymentId, amountCents),
          FunctionOptions.defaults());
      Runtime.getRuntime()
          .addShutdownHook(
              new Thread(() -> {
                stop.countDown();
                exitAfter(stopped);
              }));
      System.out.println("payment worker " + worker + " ready");
      stop.await();
    } finally {
      stopped.countDown();
    }
  }

  private static Map<String, Object> charge(
      Ledger ledger, CardNetwork cards, String paymentId, long amountCents) throws Exception {
    int attempt = JobContext.current().attempt();
    ledger.note(paymentId, attempt);
    cards.charge();
    boolean isNew = ledger.book(paymentId, amountCents, attempt);
    return Map.of("paymentId", paymentId, "booked", isNew);
  }

  private static String required(String name) {
    String value = System.getenv(name);
    if (value == null || value.isEmpty()) {
      throw new IllegalStateException("Set the environment variable " + name);
    }
    return value;
  }

  private static void exitAfter(CountDownLatch latch) {
    try {
      latch.await();
      Runtime.getRuntime()
          .halt(0); // a stop that was asked for is no failure, though the JVM would say 143
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
