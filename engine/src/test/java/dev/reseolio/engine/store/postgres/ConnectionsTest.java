package dev.reseolio.engine.store.postgres;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reseolio.engine.store.StorageStartException;
import dev.reseolio.engine.store.StorageStartException.Reason;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ConnectionsTest {
  private static final StoreFixture DB = new StoreFixture();
  private static final String LATE =
      "SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE 'late:%'";

  @AfterAll
  static void close() {
    DB.close();
  }

  /// Less than a node may be silent: lost connections must not keep the beat that long.
  @Test
  void aConnectionOfThePoolWaitsTenSecondsForAnAnswer() {
    assertEquals(10_000, DB.store.connections().<Integer>with(Connection::getNetworkTimeout));
  }

  @Test
  void everySessionIsSetUp() throws SQLException {
    try (Connection connection = DB.store.connections().openDedicated("writer")) {
      assertEquals("reseolio:reseolio:writer", show(connection, "application_name"));
      assertEquals("reseolio", show(connection, "search_path"));
      assertEquals("off", show(connection, "enable_seqscan"));
      assertEquals("off", show(connection, "enable_hashjoin"));
      assertEquals("off", show(connection, "enable_mergejoin"));
      assertEquals("off", show(connection, "jit"));
      assertEquals("force_generic_plan", show(connection, "plan_cache_mode"));
      assertEquals("10s", show(connection, "idle_in_transaction_session_timeout"));
      assertEquals("1", show(connection, "tcp_keepalives_idle"));
      assertEquals("2", show(connection, "tcp_keepalives_count"));
      assertEquals("1s", show(connection, "client_connection_check_interval"));
    }
  }

  private static String show(Connection connection, String name) throws SQLException {
    return String.valueOf(StoreFixture.text(connection, "SHOW " + name));
  }

  @Test
  void aQuotedSchemaNameIsFine() {
    try (PostgresStore store = PostgresStore.open(PostgresUrl.parse(DB.url), "Odd \"Schema", 1)) {
      assertTrue(store.jobs().lane("f", "q").id() > 0);
      assertFalse(store.now().isBefore(java.time.Instant.EPOCH));
    }
  }

  @Test
  void manyThreadsShareFewConnections() throws Exception {
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Boolean>> all = new ArrayList<>();
      for (int i = 0; i < 500; i++) {
        all.add(threads.submit(() -> DB.store.now().toEpochMilli() > 0));
      }
      for (Future<Boolean> one : all) {
        assertTrue(one.get());
      }
    }
    assertTrue(
        Integer.parseInt(
                String.valueOf(
                    DB.text(
                        "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'reseolio:reseolio:pool' AND datname = current_database()")))
            <= 5);
  }

  @Test
  void aTransactionIsAllOrNothing() {
    assertThrows(
        RuntimeException.class,
        () ->
            DB.store
                .connections()
                .inTransaction(connection -> {
                  connection
                      .createStatement()
                      .execute("INSERT INTO function (name) VALUES ('lost')");
                  throw new IllegalStateException("no");
                }));
    assertEquals("0", DB.text("SELECT count(*) FROM function WHERE name = 'lost'"));
  }

  @Test
  void nobodyListening() {
    assertEquals(Reason.STORAGE_UNREACHABLE, refused("postgres://u@127.0.0.1:1/db"));
    assertEquals(Reason.STORAGE_UNREACHABLE, refused("postgres://u@no-such-host.invalid/db"));
  }

  @Test
  void ofSeveralHostsTheOneThatAnswersIsTaken() {
    for (String attributes : List.of("", "?target_session_attrs=primary")) {
      String several = DB.url.replace("@127.0.0.1:", "@127.0.0.1:1,127.0.0.1:") + attributes;
      try (PostgresStore store = PostgresStore.open(PostgresUrl.parse(several), "reseolio", 2)) {
        assertFalse(store.now().isBefore(java.time.Instant.EPOCH));
        store.connections().openDedicated("writer").close();
      } catch (SQLException e) {
        throw new AssertionError(e);
      }
    }
    assertEquals(Reason.STORAGE_UNREACHABLE, refused("postgres://u@127.0.0.1:1,127.0.0.1:2/db"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"prefer", "disable"})
  void somethingElseListening(String sslmode) throws Exception {
    for (String greeting : List.of("J\0\0\0\n8.4.0\0", "HTTP/1.1 400 Bad Request\r\n\r\n")) {
      try (ServerSocket server = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
        Thread.ofVirtual().start(() -> greet(server, greeting));
        assertEquals(
            Reason.STORAGE_NOT_POSTGRESQL,
            refused(
                "postgres://u@127.0.0.1:%d/db?sslmode=%s"
                    .formatted(server.getLocalPort(), sslmode)));
      }
    }
  }

  private static void greet(ServerSocket server, String greeting) {
    while (!server.isClosed()) {
      try (Socket socket = server.accept()) {
        OutputStream out = socket.getOutputStream();
        out.write(greeting.getBytes(StandardCharsets.ISO_8859_1));
        out.flush();
        if (socket.getInputStream().readNBytes(8).length == 0) {
          return;
        }
      } catch (IOException e) {
        // The client went away: on to the next.
      }
    }
  }

  /// The pool forgets a connection that comes to be open when it is closed already: it would stay
  /// until the process ends, and an embedded PostgreSQL would run on for its sake.
  @Test
  @Timeout(20)
  void aConnectionThatIsOpenedWhileThePoolClosesIsClosed() throws Exception {
    URI server = URI.create(DB.url);
    try (ServerSocket door = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
      String late =
          "postgres://%s@127.0.0.1:%d%s?application_name=late"
              .formatted(server.getUserInfo(), door.getLocalPort(), server.getPath());
      Connections connections = new Connections(PostgresUrl.parse(late), "reseolio", 1);
      Thread.ofVirtual().start(() -> connections.with(Connection::getNetworkTimeout));
      Socket opening = door.accept();
      FutureTask<?> closing = new FutureTask<>(connections::close, null);
      Thread.ofVirtual().start(closing);
      assertThrows(TimeoutException.class, () -> closing.get(200, TimeUnit.MILLISECONDS));
      Cable.join(opening, new Socket(server.getHost(), server.getPort()));
      closing.get();
      while (!"0".equals(DB.text(LATE))) {
        TimeUnit.MILLISECONDS.sleep(10);
      }
    }
  }

  private static Reason refused(String url) {
    StorageStartException refused =
        assertThrows(
            StorageStartException.class,
            () -> PostgresStore.open(PostgresUrl.parse(url), "reseolio", 1));
    System.out.println(refused.reason().code() + ": " + refused.getMessage());
    return refused.reason();
  }
}
