package dev.reseolio.bench.soak;

import dev.reseolio.bench.process.Postgres;
import dev.reseolio.bench.process.Program;
import dev.reseolio.bench.process.Sidecar;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.Map;

/// Looks at the processes and the database, once a second.
final class Probe implements AutoCloseable {
  private static final String LOOK =
      """
      SELECT (SELECT sum(pg_total_relation_size(c.oid)) FROM pg_class c
              WHERE c.relkind = 'r' AND c.relnamespace = 'reseolio'::regnamespace
                AND c.relname ~ '^(job|done|attempt)' AND c.relname <> 'job_key') / 1e6,
             (SELECT sum(pg_total_relation_size(c.oid)) FROM pg_class c
              WHERE c.relkind = 'r' AND c.relnamespace = 'reseolio'::regnamespace
                AND c.relname IN ('ready', 'timer', 'lease', 'job_key')) / 1e6,
             (SELECT sum(n_dead_tup) FROM pg_stat_user_tables),
             (SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE 'reseolio%'),
             pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0') / 1e6
      """;
  private static final String UNFINISHED =
      """
      SELECT count(*) FROM reseolio.job j WHERE NOT EXISTS (SELECT FROM reseolio.done d WHERE d.id = j.id)
      """;

  private final Sidecar sidecar;
  private final Program javaWorker;
  private final Program nodeWorker;
  private final Connection database;
  private final HttpClient http = HttpClient.newHttpClient();
  private double wal;

  Probe(Sidecar sidecar, Program javaWorker, Program nodeWorker, String storage) {
    this.sidecar = sidecar;
    this.javaWorker = javaWorker;
    this.nodeWorker = nodeWorker;
    database = Postgres.open(storage);
    look(new LinkedHashMap<>());
  }

  /// @param second what the client said of the last second
  Map<String, Double> sample(Program.Line second) {
    double[] said = second.numbers();
    Map<String, Double> sample = new LinkedHashMap<>();
    sample.put("jobs", said[0]);
    sample.put("p50", said[1]);
    sample.put("p99", said[2]);
    sample.put("under_way", said[4]);
    sample.put("sidecar_rss", sidecar.residentMegabytes());
    sample.put("sidecar_heap", metric("jvm_heap_used_bytes") / 1e6);
    sample.put("java_worker_rss", javaWorker.residentMegabytes());
    sample.put("java_worker_heap", heap(javaWorker));
    sample.put("node_worker_rss", nodeWorker.residentMegabytes());
    sample.put("node_worker_heap", heap(nodeWorker));
    look(sample);
    return sample;
  }

  private static double heap(Program worker) {
    worker.tell("memory");
    return worker.await("memory").numbers()[0];
  }

  private double metric(String name) {
    try {
      HttpRequest request = HttpRequest.newBuilder(URI.create(sidecar.http() + "/metrics")).build();
      return http.send(request, HttpResponse.BodyHandlers.ofString())
          .body()
          .lines()
          .filter(line -> line.startsWith(name + " "))
          .mapToDouble(line -> Double.parseDouble(line.substring(name.length() + 1)))
          .findFirst()
          .orElseThrow();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  private void look(Map<String, Double> sample) {
    try (var statement = database.createStatement();
        var row = statement.executeQuery(LOOK)) {
      row.next();
      sample.put("history", row.getDouble(1));
      sample.put("queues", row.getDouble(2));
      sample.put("dead_tuples", row.getDouble(3));
      sample.put("connections", row.getDouble(4));
      sample.put("wal", row.getDouble(5) - wal);
      wal = row.getDouble(5);
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  /// Jobs that were accepted and have not ended.
  long unfinished() {
    try (var statement = database.createStatement();
        var row = statement.executeQuery(UNFINISHED)) {
      row.next();
      return row.getLong(1);
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    try {
      database.close();
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }
}
