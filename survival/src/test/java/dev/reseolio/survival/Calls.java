package dev.reseolio.survival;

import dev.reseolio.CallOnly;
import dev.reseolio.CallOptions;
import dev.reseolio.JobHandle;
import dev.reseolio.ReseolioException;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;

/// Every call of a test and what came of it: acknowledged, refused or unknown. Each carries its
/// number as a tag, so that the checker finds the jobs of calls that were refused.
final class Calls {
  /// Handlers wait while their ledger is away: that is no timeout of theirs.
  private static final Duration LONG = Duration.ofMinutes(5);

  private final AtomicLong numbers = new AtomicLong();
  private final AtomicLong open = new AtomicLong();
  private final Set<String> acknowledged = ConcurrentHashMap.newKeySet();
  private final Set<String> refused = ConcurrentHashMap.newKeySet();
  private final LongAdder unknown = new LongAdder();
  private final Map<String, LongAdder> failures = new ConcurrentHashMap<>();

  CompletableFuture<JobHandle<String>> call(CallOnly client, String function, String mode) {
    return call(client, function, mode, CallOptions.defaults());
  }

  CompletableFuture<JobHandle<String>> keyed(CallOnly client, String function, String mode) {
    return call(
        client, function, mode, CallOptions.key("k" + numbers.get() + "-" + System.nanoTime()));
  }

  private CompletableFuture<JobHandle<String>> call(
      CallOnly client, String function, String mode, CallOptions options) {
    String tag = "n" + numbers.incrementAndGet();
    open.incrementAndGet();
    return client
        .call(function, mode, options.tags(tag).timeout(LONG))
        .whenComplete((job, failure) -> {
          note(tag, job, failure);
          open.decrementAndGet();
        });
  }

  private void note(String tag, JobHandle<String> job, Throwable failure) {
    if (failure == null) {
      acknowledged.add(job.id());
      return;
    }
    String code = code(failure);
    failures.computeIfAbsent(code, k -> new LongAdder()).increment();
    if (code.equals("outcome_unknown")) {
      unknown.increment();
    } else {
      refused.add(tag);
    }
  }

  static String code(Throwable failure) {
    Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
    return cause instanceof ReseolioException known ? known.code() : String.valueOf(cause);
  }

  /// Calls under way.
  long open() {
    return open.get();
  }

  Set<String> acknowledged() {
    return acknowledged;
  }

  Set<String> refused() {
    return refused;
  }

  long unknown() {
    return unknown.sum();
  }

  Map<String, LongAdder> failures() {
    return failures;
  }
}
