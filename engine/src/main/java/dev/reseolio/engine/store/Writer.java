package dev.reseolio.engine.store;

/// The hot path: fenced, group-committed writes. One connection, one caller at a time.
public interface Writer extends AutoCloseable {
  /// Commits the flush as one transaction, or nothing of it.
  ///
  /// @throws StoreException of any kind; after UNAVAILABLE the outcome is unknown
  FlushReply flush(NodeRef me, Flush flush);

  /// Drops the connection; the next flush opens a new one. Safe from any thread: unblocks a flush
  /// under way.
  void reset();

  /// Drops the connection of a flush that does not return though the server is not at work on it:
  /// what was sent, or the answer, is lost on the way, and the connection does not know. Called
  /// beside the flush, when it takes long.
  void rescue();

  @Override
  void close();
}
