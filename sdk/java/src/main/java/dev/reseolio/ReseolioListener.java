package dev.reseolio;

/// What happens, as it happens. Job events come on the handler's thread, the others on threads of
/// their own; an exception thrown here is logged and goes no further.
public interface ReseolioListener {
  /// Connected, for the first time or again.
  default void onReady(String address) {}

  /// The connection was lost; it is sought again for ever.
  default void onDisconnected(String address) {}

  /// Closed by the application.
  default void onStopped() {}

  /// The sidecar this process started has ended by itself; it is started again.
  default void onSidecarExit(int exitCode) {}

  default void onJobStart(JobContext job) {}

  /// The handler returned. The job is committed a moment later.
  default void onJobSuccess(JobContext job) {}

  /// The handler threw.
  default void onJobError(JobContext job, Throwable error) {}
}
