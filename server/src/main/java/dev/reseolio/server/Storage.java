package dev.reseolio.server;

import dev.reseolio.embedded.EmbeddedPostgres;
import dev.reseolio.embedded.EmbeddedPostgresException;
import dev.reseolio.server.config.ServerConfig;
import dev.reseolio.server.config.StorageUrl;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;

/// The PostgreSQL to use: the one that was named, or an embedded one that is left at the end.
record Storage(StorageUrl url, AutoCloseable server) implements AutoCloseable {
  private static final Logger LOG = System.getLogger(Storage.class.getName());

  static Storage open(ServerConfig.Storage config) throws StartException {
    if (config.url().isPresent()) {
      return new Storage(config.url().get(), () -> {});
    }
    try {
      var postgres = EmbeddedPostgres.start(config.dataDir(), line -> LOG.log(Level.INFO, line));
      return new Storage(StorageUrl.of(postgres.url()), postgres);
    } catch (EmbeddedPostgresException e) {
      throw new StartException(
          StartException.STORAGE_UNAVAILABLE, String.valueOf(e.getMessage()), e);
    }
  }

  @Override
  public void close() {
    try {
      server.close();
    } catch (Exception e) {
      LOG.log(Level.WARNING, "the embedded PostgreSQL was not left properly", e);
    }
  }
}
