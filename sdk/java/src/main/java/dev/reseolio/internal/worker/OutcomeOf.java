package dev.reseolio.internal.worker;

import dev.reseolio.FunctionOptions;
import dev.reseolio.NonRetryableException;
import dev.reseolio.RetryAfterException;
import dev.reseolio.internal.Log;
import dev.reseolio.internal.wire.Times;
import dev.reseolio.proto.v1.Complete;
import dev.reseolio.proto.v1.Fail;
import dev.reseolio.proto.v1.JobError;
import dev.reseolio.proto.v1.Outcome;
import dev.reseolio.proto.v1.Payload;
import dev.reseolio.proto.v1.Release;
import java.io.PrintWriter;
import java.io.StringWriter;

/// What became of an attempt, as a message.
final class OutcomeOf {
  private static final int MAX_MESSAGE = 8 << 10;
  private static final int MAX_STACK = 16 << 10;

  private OutcomeOf() {}

  static Outcome result(Attempt attempt, Payload result) {
    return of(attempt).setComplete(Complete.newBuilder().setResult(result)).build();
  }

  static Outcome release(Attempt attempt) {
    return of(attempt).setRelease(Release.getDefaultInstance()).build();
  }

  /// The handler ended, or was not started, because it was told to stop.
  static Outcome stopped(Attempt attempt, Stop stop) {
    return switch (stop) {
      case CANCELLED ->
          fail(attempt, Fail.newBuilder().setCancelled(true), "Cancelled", "The job was cancelled");
      case TIMEOUT ->
          fail(
              attempt,
              Fail.newBuilder(),
              "Timeout",
              "The attempt took longer than "
                  + Times.fromProto(attempt.run().getTimeout()).toMillis()
                  + " ms");
      case DEADLINE ->
          fail(attempt, Fail.newBuilder(), "DeadlineExceeded", "The job's deadline is over");
      case LOST, CLOSING -> release(attempt);
    };
  }

  static Outcome thrown(Attempt attempt, FunctionOptions options, Throwable error) {
    Fail.Builder fail = Fail.newBuilder().setNonRetryable(mustNotBeRetried(options, error));
    if (error instanceof RetryAfterException again) {
      fail.setRetryAfter(Times.toProto(again.delay()));
    }
    fail.getErrorBuilder().setStack(cut(stack(error), MAX_STACK));
    String message = error.getMessage() == null ? error.toString() : error.getMessage();
    return fail(attempt, fail, type(error), message);
  }

  private static boolean mustNotBeRetried(FunctionOptions options, Throwable error) {
    if (error instanceof NonRetryableException) {
      return true;
    }
    try {
      return options.retryIf() != null && !options.retryIf().test(error);
    } catch (RuntimeException e) {
      Log.warn("retryIf failed; the error is retried", e);
      return false;
    }
  }

  private static String type(Throwable error) {
    String simple = error.getClass().getSimpleName();
    return simple.isEmpty() ? error.getClass().getName() : simple;
  }

  private static String stack(Throwable error) {
    StringWriter text = new StringWriter();
    error.printStackTrace(new PrintWriter(text));
    return text.toString();
  }

  private static Outcome fail(Attempt attempt, Fail.Builder fail, String type, String message) {
    JobError.Builder error = fail.getErrorBuilder();
    error.setType(type).setMessage(cut(message, MAX_MESSAGE));
    return of(attempt).setFail(fail).build();
  }

  private static Outcome.Builder of(Attempt attempt) {
    return Outcome.newBuilder().setLease(attempt.run().getLease());
  }

  private static String cut(String text, int max) {
    return text.length() <= max ? text : text.substring(0, max);
  }
}
