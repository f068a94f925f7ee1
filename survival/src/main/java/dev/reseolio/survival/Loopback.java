package dev.reseolio.survival;

import dev.reseolio.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.DriverManager;
import java.sql.SQLException;

/// All addresses of this machine alone, 127.0.0.0/8, from one of which each [Proxy] comes, and
/// those of a [Network], which nobody else can have.
public final class Loopback {
  private Loopback() {}

  /// Lets a PostgreSQL take connections from all of them, not from 127.0.0.1 only.
  ///
  /// @param folder that it was started in
  public static void open(EmbeddedPostgres server, Path folder) {
    try (var sql = DriverManager.getConnection(server.jdbcUrl());
        var reload = sql.createStatement()) {
      Files.writeString(
          folder.resolve("data/pg_hba.conf"),
          "\nhost all all 127.0.0.0/8 scram-sha-256\nhost all all 192.0.2.0/24 scram-sha-256\n",
          StandardOpenOption.APPEND);
      reload.execute("SELECT pg_reload_conf()");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }
}
