package dev.reseolio.examples.payments.demo;

import dev.reseolio.Backoff;
import dev.reseolio.CallOptions;
import dev.reseolio.Durable2;
import dev.reseolio.FunctionOptions;
import dev.reseolio.JobHandle;
import dev.reseolio.Reseolio;
import dev.reseolio.ReseolioListener;
import dev.reseolio.examples.payments.demo.Screen.Tone;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;

/// People at the till, each with one payment at a time: calls the durable function with the
/// payment's key, now and then twice, and waits for the receipt.
final class Customers {
  private static final int AT_ONCE = 24;
  private static final double TWICE = 0.1;
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  /// What a worker answers.
  record Receipt(String paymentId, boolean booked) {}

  /// A payment that was made.
  ///
  /// @param called when the call began
  /// @param roundTrip from the call to the receipt
  record Paid(String id, long amountCents, Instant called, Duration roundTrip, boolean booked) {}

  /// Tells the watcher when their connection moves to the other sidecar.
  record Told(Screen screen) implements ReseolioListener {
    @Override
    public void onDisconnected(String address) {
      screen.event(Tone.WARM, screen.mark("↯", "!"), "the customers' connection is gone");
    }

    @Override
    public void onReady(String address) {
      screen.event(Tone.GOOD, screen.mark("✓", "+"), "the customers are connected");
    }
  }

  private final Durable2<String, Long, Receipt> charge;
  private final int payments;
  private final AtomicInteger next = new AtomicInteger();
  private final CountDownLatch left = new CountDownLatch(AT_ONCE);
  private final Map<String, Paid> paid = new ConcurrentHashMap<>();
  private final ConcurrentLinkedQueue<String> complaints = new ConcurrentLinkedQueue<>();
  private final AtomicInteger calls = new AtomicInteger();
  private final AtomicInteger deduplicated = new AtomicInteger();

  Customers(Reseolio reseolio, int payments) {
    this.payments = payments;
    // Never run here: the function is registered to be called.
    this.charge =
        reseolio.durable(
            Reseolio.namespace("demo", "payments", "charge"),
            String.class,
            Long.class,
            Receipt.class,
            (paymentId, amountCents) -> {
              throw new IllegalStateException("the conductor runs no payments");
            },
            FunctionOptions.defaults()
                .maxAttempts(20)
                .backoff(
                    Backoff.exponential()
                        .initial(Duration.ofMillis(100))
                        .max(Duration.ofSeconds(2))));
  }

  void start() {
    for (int i = 0; i < AT_ONCE; i++) {
      Thread.ofVirtual().start(this::queueUp);
    }
  }

  private void queueUp() {
    try {
      int number;
      while ((number = next.incrementAndGet()) <= payments) {
        pay("payment-" + number);
      }
    } finally {
      left.countDown();
    }
  }

  private void pay(String id) {
    long amountCents = ThreadLocalRandom.current().nextLong(100, 50_000);
    Instant called = Instant.now();
    long begun = System.nanoTime();
    try {
      Durable2<String, Long, Receipt> keyed = charge.with(CallOptions.key(id));
      JobHandle<Receipt> job =
          ThreadLocalRandom.current().nextDouble() < TWICE
              ? twice(keyed, id, amountCents)
              : once(keyed, id, amountCents).join();
      Receipt receipt = job.result(PATIENCE);
      Duration roundTrip = Duration.ofNanos(System.nanoTime() - begun);
      paid.put(id, new Paid(id, amountCents, called, roundTrip, receipt.booked()));
    } catch (RuntimeException e) {
      complaints.add(id + ": " + e);
    }
  }

  private CompletableFuture<JobHandle<Receipt>> once(
      Durable2<String, Long, Receipt> keyed, String id, long amountCents) {
    calls.incrementAndGet();
    return keyed.callAsync(id, amountCents);
  }

  /// The impatient click again: sometimes while the first call is under way, sometimes after it.
  private JobHandle<Receipt> twice(
      Durable2<String, Long, Receipt> keyed, String id, long amountCents) {
    CompletableFuture<JobHandle<Receipt>> first = once(keyed, id, amountCents);
    if (ThreadLocalRandom.current().nextBoolean()) {
      first.join();
    }
    CompletableFuture<JobHandle<Receipt>> second = once(keyed, id, amountCents);
    if (second.join().id().equals(first.join().id())) {
      deduplicated.incrementAndGet();
    } else {
      complaints.add(id + ": two calls with one key made two jobs");
    }
    return first.join();
  }

  void awaitAll() throws InterruptedException {
    left.await();
  }

  boolean allLeft() {
    return left.getCount() == 0;
  }

  /// Payments whose receipt came.
  Map<String, Paid> paid() {
    return paid;
  }

  int calls() {
    return calls.get();
  }

  /// Second calls that got the job of the first.
  int deduplicated() {
    return deduplicated.get();
  }

  /// What went wrong, as the customers saw it.
  List<String> complaints() {
    return List.copyOf(complaints);
  }
}
