package dev.reseolio.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reseolio.Durable1;
import dev.reseolio.JobHandle;
import dev.reseolio.Reseolio;
import dev.reseolio.ReseolioBuilder;
import dev.reseolio.ReseolioException;
import dev.reseolio.ReseolioListener;
import dev.reseolio.embedded.EmbeddedPostgres;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// More than the sidecar's heap of 64 MB holds, while something does not take it.
@Timeout(180)
class OverloadIT extends SidecarIT {
  private static final int MAX_PAYLOAD = 4 << 20;

  private static final Set<String> REFUSALS =
      Set.of("overloaded", "storage_unavailable", "outcome_unknown");

  @TempDir static Path data;

  private final CompletableFuture<String> address = new CompletableFuture<>();
  private final CountDownLatch exited = new CountDownLatch(1);

  @SuppressWarnings("NullAway.Init") // by configure()
  private EmbeddedPostgres postgres;

  @Override
  ReseolioBuilder configure(ReseolioBuilder builder) {
    postgres = EmbeddedPostgres.builder(data.resolve("postgres")).setting("fsync", "off").start();
    return builder
        .storage(postgres.url())
        .enqueueTimeout(Duration.ofSeconds(5))
        .listener(
            new ReseolioListener() {
              @Override
              public void onReady(String at) {
                address.complete(at);
              }

              @Override
              public void onSidecarExit(int exitCode) {
                exited.countDown();
              }
            });
  }

  @AfterAll
  void stopPostgres() {
    postgres.close();
  }

  private void assertTheSidecarLives() {
    assertEquals(1, exited.getCount(), "the sidecar should not have ended");
  }

  /// 800 MB of arguments from eight callers, while another session has locked the tables.
  @Test
  void aStalledDatabaseHoldsCallersBackAndLosesNothing() throws Exception {
    Durable1<String, Integer> length =
        reseolio.durable(unique("stalled"), String.class, Integer.class, String::length);
    String large = "m".repeat(MAX_PAYLOAD - 100);
    length.call(large).result(SOON);
    var accepted = new ConcurrentLinkedQueue<JobHandle<Integer>>();
    Set<String> refusals = ConcurrentHashMap.newKeySet();
    Callable<Void> caller =
        () -> {
          for (int i = 0; i < 25; i++) {
            try {
              accepted.add(length.call(large));
            } catch (ReseolioException refused) {
              refusals.add(refused.code());
            }
          }
          return null;
        };
    ExecutorService callers = Executors.newFixedThreadPool(8);
    try (Connection other = DriverManager.getConnection(postgres.jdbcUrl())) {
      other.setAutoCommit(false);
      try (var lock = other.createStatement()) {
        lock.execute("LOCK TABLE reseolio.job, reseolio.done IN ACCESS EXCLUSIVE MODE");
      }
      List<Future<Void>> all = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        all.add(callers.submit(caller));
      }
      hold(other, Duration.ofSeconds(10));
      other.rollback();
      for (Future<Void> one : all) {
        one.get();
      }
    } finally {
      callers.shutdown();
    }
    assertTheSidecarLives();
    assertFalse(refusals.isEmpty(), "some callers should have run out of time");
    assertTrue(REFUSALS.containsAll(refusals), refusals.toString());
    for (JobHandle<Integer> handle : accepted) {
      assertEquals(large.length(), handle.result(SOON));
    }
    assertTheSidecarLives();
  }

  /// The statement keeps the session, and with it the lock, for so long.
  private static void hold(Connection session, Duration time) throws SQLException {
    try (var sleep = session.prepareStatement("SELECT pg_sleep(?)")) {
      sleep.setDouble(1, time.toMillis() / 1e3);
      sleep.execute();
    }
  }

  /// 200 MB of results. A second client that does read has them all: so they went to the first one
  /// as well, as far as the sidecar let them.
  @Test
  void resultsForAClientThatDoesNotReadWaitInTheDatabase() throws Exception {
    Durable1<Integer, String> megabytes =
        reseolio.durable(unique("unread"), Integer.class, String.class, n -> "r".repeat(n << 20));
    List<String> ids = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      ids.add(megabytes.call(2).id());
    }
    String sidecar = address.get(SOON.toSeconds(), TimeUnit.SECONDS);
    try (var stalled = RawResults.watch(sidecar, ids);
        Reseolio reader = Reseolio.builder().address(sidecar).start()) {
      List<CompletableFuture<String>> read =
          ids.stream().map(id -> reader.handle(id, String.class).resultAsync()).toList();
      for (CompletableFuture<String> one : read) {
        assertEquals(2 << 20, one.get(SOON.toSeconds(), TimeUnit.SECONDS).length());
      }
      assertTheSidecarLives();
      Map<String, Integer> sizes = stalled.read(ids.size(), SOON);
      assertEquals(new HashSet<>(ids), sizes.keySet());
      sizes.values().forEach(size -> assertTrue(size > 2 << 20, "whole: " + size));
    }
  }
}
