package dev.reseolio.survival;

import dev.reseolio.CallOnly;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The stage of one test: a database, sidecars, workers, clients. Everything started here is ended
/// here, whatever happened.
final class Scene implements AutoCloseable {
  static final String FUNCTION = "survival:work:run";
  static final Duration SOON = Duration.ofSeconds(15);

  private final String name;
  private final Database database;
  private final Deque<AutoCloseable> opened = new ArrayDeque<>();
  private final Calls calls = new Calls();
  private final List<String> tags = new ArrayList<>();
  private @Nullable Connection sql;

  Scene(String name) throws SQLException {
    this.name = name;
    this.database = Database.create();
    try (var tables = sql().createStatement()) {
      tables.execute(Ledger.TABLES);
    }
  }

  Database database() {
    return database;
  }

  Calls calls() {
    return calls;
  }

  /// The test's own session, opened again when it was lost.
  Connection sql() throws SQLException {
    Connection known = sql;
    if (known == null || !known.isValid(5)) {
      known = database.connect();
      sql = known;
    }
    return known;
  }

  /// So many sidecars, started together.
  List<Node> nodes(int count, String... options) throws IOException {
    List<Node.Starting> starting = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      starting.add(launch(database.url(), "node" + i, options));
    }
    List<Node> nodes = new ArrayList<>();
    for (Node.Starting one : starting) {
      nodes.add(one.ready());
    }
    return nodes;
  }

  Node node(String url, String log, String... options) throws IOException {
    return launch(url, log, options).ready();
  }

  private Node.Starting launch(String url, String log, String... options) throws IOException {
    Path file = Files.createDirectories(Database.logs()).resolve(name + "-" + log + ".log");
    Files.deleteIfExists(file);
    Node.Starting one = Node.launch(url, "127.0.0.1:0", file, List.of(options));
    opened.push(one.process()::destroyForcibly);
    return one;
  }

  /// A worker of 16 slots for each node, started together: `w0`, `w1`, …
  List<Worker> workers(Node... nodes) throws IOException {
    List<Worker> workers = new ArrayList<>();
    for (int i = 0; i < nodes.length; i++) {
      workers.add(worker("w" + i, nodes[i], 16, FUNCTION));
    }
    for (Worker one : workers) {
      one.awaitReady();
    }
    return workers;
  }

  /// A worker that may not be ready yet.
  Worker worker(String called, Node node, int concurrency, String... functions) throws IOException {
    Worker worker =
        Worker.launch(
            called, name, node.address(), database.jdbcUrl(), concurrency, List.of(functions));
    opened.push(worker);
    return worker;
  }

  CallOnly client(Node node) {
    return client(node, Duration.ofSeconds(20));
  }

  CallOnly client(Node node, Duration enqueueTimeout) {
    CallOnly client = CallOnly.join(node.address(), enqueueTimeout);
    opened.push(client);
    return client;
  }

  Load load(int perSecond, CallOnly... clients) {
    Load load = new Load(calls, List.of(clients), FUNCTION, perSecond);
    opened.push(load);
    return load;
  }

  /// So many long jobs that run on `worker` now, until [#releaseAll()]. Those that start elsewhere
  /// are released at once.
  ///
  /// @param kind `slow` or `stubborn`
  List<String> longJobs(CallOnly client, Worker worker, int count, String kind)
      throws SQLException {
    List<String> ids = new ArrayList<>();
    while (ids.size() < count) {
      String tag = "t" + tags.size();
      tags.add(tag);
      String id = calls.call(client, FUNCTION, kind + ":" + tag).join().id();
      Await.until(
          "a long job starts",
          SOON,
          () -> longs("SELECT count(*) FROM effect WHERE job = ?::uuid", id) > 0);
      if (texts("SELECT worker FROM effect WHERE job = ?::uuid", id).contains(worker.name())) {
        ids.add(id);
      } else {
        release(tag);
      }
    }
    return ids;
  }

  void releaseAll() throws SQLException {
    for (String tag : tags) {
      release(tag);
    }
  }

  private void release(String tag) throws SQLException {
    try (var insert =
        sql().prepareStatement("INSERT INTO released VALUES (?) ON CONFLICT DO NOTHING")) {
      insert.setString(1, tag);
      insert.executeUpdate();
    }
  }

  /// Waits until the load is real: each worker has run some of it.
  void awaitFlow(Worker... workers) {
    for (Worker one : workers) {
      Await.until(
          "the load reaches " + one.name(),
          SOON,
          () ->
              longs("SELECT count(*) FROM effect WHERE worker = ? AND kind = 'end'", one.name())
                  >= 30);
    }
  }

  /// Waits until every one of these jobs has started again after the fault; when the first one did.
  Instant awaitRestart(List<String> jobs, Instant fault, Duration atMost) throws SQLException {
    String[] ids = jobs.toArray(String[]::new);
    Await.until(
        "all affected jobs run again",
        atMost,
        () ->
            longs(
                    "SELECT count(DISTINCT job) FROM effect WHERE kind = 'start' AND attempt > 1 AND job = ANY(?::uuid[]) AND at > ?::timestamptz",
                    ids,
                    fault.toString())
                == ids.length);
    return instant(
        "SELECT min(at) FROM effect WHERE kind = 'start' AND attempt > 1 AND job = ANY(?::uuid[]) AND at > ?::timestamptz",
        ids,
        fault.toString());
  }

  long longs(String query, Object... values) throws SQLException {
    try (var find = sql().prepareStatement(query)) {
      bind(find, values);
      try (var row = find.executeQuery()) {
        row.next();
        return row.getLong(1);
      }
    }
  }

  Instant instant(String query, Object... values) throws SQLException {
    try (var find = sql().prepareStatement(query)) {
      bind(find, values);
      try (var row = find.executeQuery()) {
        row.next();
        return row.getTimestamp(1).toInstant();
      }
    }
  }

  List<String> texts(String query, Object... values) throws SQLException {
    try (var find = sql().prepareStatement(query)) {
      bind(find, values);
      try (var rows = find.executeQuery()) {
        List<String> texts = new ArrayList<>();
        while (rows.next()) {
          texts.add(rows.getString(1));
        }
        return texts;
      }
    }
  }

  private static void bind(java.sql.PreparedStatement find, Object... values) throws SQLException {
    for (int i = 0; i < values.length; i++) {
      if (values[i] instanceof String[] many) {
        find.setArray(i + 1, find.getConnection().createArrayOf("text", many));
      } else {
        find.setObject(i + 1, values[i]);
      }
    }
  }

  long takeovers() throws SQLException {
    return longs("SELECT count(*) FROM reseolio.node WHERE taken_by IS NOT NULL");
  }

  /// Waits for the end of everything, then looks whether all of it is as it has to be.
  void check(int expectedDead) throws SQLException {
    Await.until("all calls are answered", Duration.ofSeconds(25), () -> calls.open() == 0);
    Await.until(
        "nothing is stuck",
        SOON,
        () ->
            longs(
                    "SELECT count(*) FROM reseolio.job j WHERE NOT EXISTS (SELECT FROM reseolio.done d WHERE d.id = j.id)")
                == 0);
    new Checker(this).check(expectedDead);
  }

  /// Tells a measured time. The bound grows with the load of the machine.
  void measured(String what, Instant from, Instant to, Duration bound) {
    long millis = Duration.between(from, to).toMillis();
    var system = ManagementFactory.getOperatingSystemMXBean();
    double load = system.getSystemLoadAverage() / system.getAvailableProcessors();
    System.out.printf("SURVIVAL | %s | %s | %d ms (load %.1f)%n", name, what, millis, load);
    if (millis > bound.toMillis() * Math.max(1, load)) {
      throw new AssertionError(what + " took " + millis + " ms, bound " + bound);
    }
  }

  void told(String what, Object value) {
    System.out.printf("SURVIVAL | %s | %s | %s%n", name, what, value);
  }

  /// What a failure needs to be understood, while everything still runs.
  private void tellLeftovers() {
    try {
      told(
          "attempts",
          texts(
              "SELECT 'outcome ' || outcome || coalesce(' ' || error_type, '') || ': ' || count(*) FROM reseolio.attempt GROUP BY outcome, error_type ORDER BY 1"));
      told(
          "not ended",
          texts(
              """
              SELECT CASE WHEN r.id IS NOT NULL THEN 'ready' WHEN t.id IS NOT NULL THEN 'timer' WHEN l.id IS NOT NULL THEN 'lease of ' || l.owner
                     ELSE 'implicit of ' || coalesce(j.owner::text, 'nobody') END || ': ' || count(*) || ', started ' || count(e.job)
              FROM reseolio.job j LEFT JOIN reseolio.ready r USING (id) LEFT JOIN reseolio.timer t USING (id) LEFT JOIN reseolio.lease l USING (id)
              LEFT JOIN (SELECT DISTINCT job FROM effect) e ON e.job = j.id
              WHERE NOT EXISTS (SELECT FROM reseolio.done d WHERE d.id = j.id)
              GROUP BY r.id IS NOT NULL, t.id IS NOT NULL, l.id IS NOT NULL, l.owner, j.owner,
                CASE WHEN r.id IS NOT NULL THEN 'ready' WHEN t.id IS NOT NULL THEN 'timer' WHEN l.id IS NOT NULL THEN 'lease of ' || l.owner
                     ELSE 'implicit of ' || coalesce(j.owner::text, 'nobody') END\
              """));
    } catch (SQLException e) {
      told("leftovers", e);
    }
  }

  @Override
  public void close() throws SQLException {
    tellLeftovers();
    while (!opened.isEmpty()) {
      try {
        opened.pop().close();
      } catch (Exception e) {
        System.err.println("while cleaning up: " + e);
      }
    }
    Connection last = sql;
    if (last != null) {
      last.close();
    }
  }
}
