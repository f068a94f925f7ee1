package dev.reseolio.engine.store.postgres;

import dev.reseolio.engine.job.Lane;
import dev.reseolio.engine.store.FlushReply;
import dev.reseolio.engine.store.FlushReply.Claimed;
import dev.reseolio.engine.store.JobEnd;
import dev.reseolio.engine.store.JobView;
import dev.reseolio.engine.store.NodeRef;
import dev.reseolio.engine.store.Writer;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/// The contract of [Writer] against a real server: a node that writes to the database of its test
/// class. After every test the invariants hold.
abstract class WriterFixture {
  static int functions;

  private final StoreFixture db;
  private final PostgresNodes nodes;
  final Writer writer;
  NodeRef me = new NodeRef(0, UUID.randomUUID());
  Lane lane = new Lane(0, 0, "", "");

  WriterFixture(StoreFixture db) {
    this.db = db;
    this.nodes = new PostgresNodes(db.store.connections());
    this.writer = db.store.openWriter();
  }

  @BeforeEach
  void join() {
    me = nodes.join("n", "1");
    lane = db.jobs().lane("f" + ++functions, "default");
  }

  @AfterEach
  void leave() {
    writer.close();
    nodes.close();
    Invariants.check(db);
  }

  FlushReply flush(Flushes flush) {
    return writer.flush(me, flush.build());
  }

  JobView find(UUID id) {
    return db.jobs().find(id).orElseThrow();
  }

  JobEnd end(UUID id) {
    return db.jobs().ends(List.of(id)).getFirst();
  }

  String count(String table, UUID id) {
    String column = table.equals("attempt") ? "job" : "id";
    return String.valueOf(
        db.text("SELECT count(*) FROM %s WHERE %s = '%s'".formatted(table, column, id)));
  }

  String rows() {
    return String.valueOf(
        db.text(
            """
            SELECT concat_ws(' ', (SELECT count(*) FROM job), (SELECT count(*) FROM done), (SELECT count(*) FROM ready),
              (SELECT count(*) FROM timer), (SELECT count(*) FROM lease), (SELECT count(*) FROM attempt),
              (SELECT count(*) FROM job_key), (SELECT count(*) FROM deadline),
              (SELECT coalesce(sum(hashtext(r::text)), 0) FROM ready r), (SELECT coalesce(sum(hashtext(l::text)), 0) FROM lease l),
              (SELECT coalesce(sum(hashtext(d::text)), 0) FROM done d))
            """));
  }

  /// A job that this node holds with a row in `lease`.
  Claimed claimed() {
    UUID id = Flushes.id();
    flush(new Flushes().ready(id, lane));
    return flush(new Flushes().claim(lane, 1)).claimed().getFirst();
  }

  static List<UUID> ids(List<Claimed> jobs) {
    return jobs.stream().map(Claimed::id).toList();
  }
}
