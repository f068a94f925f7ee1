package dev.reseolio.internal.sidecar;

/// Where the server is.
public interface Upstream extends AutoCloseable {
  /// The address to connect to now, `host:port` or `unix:/path`. Asked before every try to connect:
  /// a sidecar that has died is started again here. May take as long as a start takes.
  ///
  /// @throws dev.reseolio.ReseolioException when there is none and none can be started
  String locate() throws InterruptedException;

  /// Lets go: a sidecar of our own is stopped, any other is left alone.
  @Override
  void close();
}
