package dev.reseolio.engine.store;

import java.time.Instant;

/// The database, opened: the schema is there and not newer than this program.
public interface Store extends AutoCloseable {
  Writer openWriter();

  Nodes nodes();

  Backlog backlog();

  Jobs jobs();

  Maintenance maintenance();

  /// The database's clock.
  Instant now();

  @Override
  void close();
}
