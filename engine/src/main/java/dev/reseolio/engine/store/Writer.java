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

  @Override
  void close();
}
