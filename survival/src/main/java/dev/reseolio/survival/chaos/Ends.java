package dev.reseolio.survival.chaos;

import dev.reseolio.JobFailedException;
import dev.reseolio.ReseolioException;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/// What the SDK tells of calls and jobs, in the words of a history.
final class Ends {
  private Ends() {}

  /// How a job ended, as [Event.Answered] tells it; empty: it is not known to have ended.
  static String end(@Nullable String result, @Nullable Throwable failure) {
    if (failure == null) {
      return "succeeded:" + result;
    }
    Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
    if (cause instanceof JobFailedException dead) {
      return "dead:" + dead.type();
    }
    return code(failure).equals("job_cancelled") ? "cancelled" : "";
  }

  static String code(@Nullable Throwable failure) {
    Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
    String code = cause instanceof ReseolioException known ? known.code() : String.valueOf(cause);
    return code.replaceAll("[\t\n].*", "");
  }
}
