package dev.reseolio.embedded;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class EmbeddedPostgresTest {
  private static final Path LOCAL_15 = Path.of("/usr/lib/postgresql/15/bin");

  @TempDir Path dir;
  private final List<String> progress = Collections.synchronizedList(new ArrayList<>());

  @AfterEach
  void killLeftOver() {
    if (Files.exists(dir)) {
      Postmaster.running(new DataDir(dir)).ifPresent(p -> Fixtures.kill(p.pid()));
    }
  }

  private EmbeddedPostgres start() {
    return EmbeddedPostgres.start(dir, progress::add);
  }

  @Test
  void startsStopsAndKeepsItsDataAndPort() throws Exception {
    int port;
    try (var postgres = start()) {
      port = postgres.port();
      execute(postgres, "CREATE TABLE kept AS SELECT 42 AS answer");
      assertTrue(query(postgres, "SHOW server_version").startsWith("18."));
      assertEquals("C.UTF-8", query(postgres, "SELECT datlocale FROM pg_database LIMIT 1"));
      assertEquals("on", query(postgres, "SHOW fsync"));
    }
    assertTrue(Postmaster.running(new DataDir(dir)).isEmpty());
    try (var postgres = start()) {
      assertEquals(port, postgres.port());
      assertEquals("42", query(postgres, "SELECT answer FROM kept"));
    }
  }

  @Test
  void secretsBelongToTheOwnerAlone() throws Exception {
    try (var postgres = start()) {
      assertEquals("rw-------", mode(dir.resolve("password")));
      assertEquals("rwx------", mode(dir.resolve("data")));
      assertEquals("rwx------", mode(dir));
      var password = Files.readString(dir.resolve("password")).strip();
      assertFalse(String.join("\n", progress).contains(password));
      var wrong = postgres.jdbcUrl().replace(password, "wrong");
      assertThrows(SQLException.class, () -> DriverManager.getConnection(wrong));
    }
  }

  @Test
  void nobodyComesInWithoutThePasswordAndNobodyFromElsewhere() throws Exception {
    try (var postgres = EmbeddedPostgres.start(dir, line -> {})) {
      for (String rules : Files.readAllLines(dir.resolve("data/pg_hba.conf"))) {
        assertTrue(
            rules.isBlank() || rules.startsWith("#") || rules.endsWith(" scram-sha-256"), rules);
      }
      for (String user : List.of("user=reseolio", "user=reseolio&password=x", "user=postgres")) {
        var url = "jdbc:postgresql://127.0.0.1:%d/reseolio?%s".formatted(postgres.port(), user);
        var refused = assertThrows(SQLException.class, () -> DriverManager.getConnection(url));
        assertTrue(String.valueOf(refused.getSQLState()).matches("28P01|08004"), refused::toString);
      }
      try (var connection = DriverManager.getConnection(postgres.jdbcUrl());
          var statement = connection.createStatement();
          var row =
              statement.executeQuery(
                  "SELECT current_setting('listen_addresses'), current_setting('unix_socket_directories')")) {
        row.next();
        assertEquals("127.0.0.1", row.getString(1));
        assertEquals("", row.getString(2));
      }
    }
  }

  @Test
  void theLastOneToLeaveStopsTheServer() {
    var first = start();
    var second = start();
    assertEquals(first.pid(), second.pid());
    first.close();
    first.close();
    assertTrue(Postmaster.running(new DataDir(dir)).isPresent());
    second.close();
    assertTrue(Postmaster.running(new DataDir(dir)).isEmpty());
  }

  @Test
  void somebodyElsesConnectionKeepsTheServer() throws Exception {
    var postgres = start();
    try (var _ = DriverManager.getConnection(postgres.jdbcUrl())) {
      postgres.close();
      assertTrue(Postmaster.running(new DataDir(dir)).isPresent());
    }
    start().close();
    assertTrue(Postmaster.running(new DataDir(dir)).isEmpty());
  }

  @Test
  void twoProcessesStartingAtOnceShareOneServer() throws Exception {
    try (var one = StarterProcess.launch(dir);
        var two = StarterProcess.launch(dir)) {
      assertEquals(one.postgresPid(), two.postgresPid());
      assertEquals(0, one.leave());
      assertTrue(Postmaster.running(new DataDir(dir)).isPresent());
      assertEquals(0, two.leave());
      assertTrue(Postmaster.running(new DataDir(dir)).isEmpty());
    }
  }

  @Test
  void aKilledStarterLeavesAServerThatTheNextOneJoins() throws Exception {
    long pid;
    try (var killed = StarterProcess.launch(dir)) {
      pid = killed.postgresPid();
      killed.kill();
    }
    try (var postgres = start()) {
      assertEquals(pid, postgres.pid());
      assertEquals(List.of(), progress);
    }
    assertTrue(Postmaster.running(new DataDir(dir)).isEmpty());
  }

  @Test
  void recoversFromAnUncleanStop() throws Exception {
    var crashed = start();
    execute(crashed, "CREATE TABLE kept AS SELECT 42 AS answer");
    Fixtures.kill(crashed.pid());
    crashed.close();
    try (var postgres = start()) {
      assertNotEquals(crashed.pid(), postgres.pid());
      assertEquals("42", query(postgres, "SELECT answer FROM kept"));
      assertTrue(progress.contains("starting PostgreSQL; it recovers from an unclean stop"));
    }
  }

  @Test
  void aReusedProcessIdInAStalePidFileDoesNotPreventTheStart() throws Exception {
    var crashed = start();
    Fixtures.kill(crashed.pid());
    crashed.close();
    var file = dir.resolve("data/postmaster.pid");
    var lines = new ArrayList<>(Files.readAllLines(file));
    lines.set(0, Long.toString(ProcessHandle.current().pid()));
    Files.write(file, lines);
    try (var postgres = start()) {
      assertEquals("1", query(postgres, "SELECT 1"));
    }
  }

  @Test
  void survivesAHalfDoneInitAndAGarbledNote() throws Exception {
    Files.createDirectories(dir.resolve("data.init-1/base"));
    Files.writeString(dir.resolve("data.init-1/PG_VERSION"), "18");
    Files.writeString(dir.resolve("postgres.json"), "{\"port\":99999");
    try (var postgres = start()) {
      assertEquals("1", query(postgres, "SELECT 1"));
    }
    assertFalse(Files.exists(dir.resolve("data.init-1")));
  }

  @Test
  void takesAnotherPortWhenItsOwnIsTaken() throws Exception {
    start().close();
    try (var taken = Fixtures.listen()) {
      Files.writeString(dir.resolve("postgres.json"), "{\"port\":" + taken.getLocalPort() + "}");
      try (var postgres = start()) {
        assertNotEquals(taken.getLocalPort(), postgres.port());
      }
    }
  }

  static boolean hasLocal15() {
    return Files.isExecutable(LOCAL_15.resolve("postgres"));
  }

  @Test
  @EnabledIf("hasLocal15")
  void runsALocalInstallation() throws Exception {
    try (var postgres =
        EmbeddedPostgres.builder(dir).binaries(LOCAL_15).setting("fsync", "off").start()) {
      assertTrue(query(postgres, "SHOW server_version").startsWith("15."));
      assertEquals("off", query(postgres, "SHOW fsync"));
    }
    var refused = assertThrows(EmbeddedPostgresException.class, this::start);
    assertTrue(refused.toString().contains("was made by PostgreSQL 15, but this one is 18"));
  }

  @Test
  void aMissingPasswordIsExplained() throws Exception {
    start().close();
    Files.delete(dir.resolve("password"));
    var refused = assertThrows(EmbeddedPostgresException.class, this::start);
    assertTrue(refused.toString().contains("Restore the file"), refused.toString());
  }

  @Test
  void unpacksOnceEvenWhenTwoDoItAtOnce() throws Exception {
    var cache = dir.resolve("cache");
    var source = new Binaries(null, cache, progress::add);
    var threads = List.of(unpack(source), unpack(source));
    for (var thread : threads) {
      assertTrue(thread.join(java.time.Duration.ofSeconds(60)));
    }
    try (var entries = Files.list(cache)) {
      assertEquals(1, entries.count());
    }
    assertTrue(Files.isExecutable(source.bin(dir, true).resolve("initdb")));
  }

  private Thread unpack(Binaries source) {
    return Thread.ofPlatform().start(() -> source.bin(dir, true));
  }

  private static String mode(Path path) throws Exception {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
  }

  private static void execute(EmbeddedPostgres postgres, String sql) throws SQLException {
    try (var connection = DriverManager.getConnection(postgres.jdbcUrl());
        var statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private static String query(EmbeddedPostgres postgres, String sql) throws SQLException {
    try (var connection = DriverManager.getConnection(postgres.jdbcUrl());
        var statement = connection.createStatement();
        var row = statement.executeQuery(sql)) {
      row.next();
      return row.getString(1);
    }
  }
}
