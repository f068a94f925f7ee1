package dev.reseolio.server;

import dev.reseolio.engine.store.StorageStartException;
import dev.reseolio.engine.store.postgres.PostgresStore;
import dev.reseolio.engine.store.postgres.PostgresUrl;
import dev.reseolio.server.config.ConfigException;
import dev.reseolio.server.config.ConfigLoader;
import dev.reseolio.server.config.ServerConfig;
import java.nio.file.Path;
import java.util.List;

/// `reseolio migrate`: brings the schema to this version and ends. For set-ups where sidecars have
/// a role that may not; all others migrate when they start.
public final class MigrateMain {
  private MigrateMain() {}

  /// The exit code: 0 done, 1 could not, 2 wrong usage.
  ///
  /// @param arguments those of `reseolio server`; only the storage matters
  public static int run(List<String> arguments) {
    try {
      var storage = ConfigLoader.load(arguments, System.getenv(), Path.of("")).storage();
      return migrate(storage);
    } catch (ConfigException e) {
      System.err.println("reseolio migrate: " + e.getMessage());
      return ServerMain.USAGE;
    }
  }

  private static int migrate(ServerConfig.Storage storage) {
    var url =
        storage
            .url()
            .orElseThrow(() ->
                new ConfigException(
                    "Name the database in RESEOLIO_STORAGE or --storage; an embedded one is migrated when it starts."));
    try {
      PostgresStore.open(PostgresUrl.parse(url.secret()), storage.schema(), 1).close();
      System.err.println("The schema " + storage.schema() + " of " + url + " is up to date.");
      return 0;
    } catch (StorageStartException e) {
      System.err.println("reseolio migrate: " + e.reason().code() + ": " + e.getMessage());
      return ServerMain.FAILED;
    }
  }
}
