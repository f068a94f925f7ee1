package dev.reseolio.engine.store.postgres;

import dev.reseolio.engine.job.AttemptOutcome;
import dev.reseolio.engine.job.Decision;
import dev.reseolio.engine.job.Ids;
import dev.reseolio.engine.job.JobStatus;
import dev.reseolio.engine.job.Lane;
import dev.reseolio.engine.job.NewJob;
import dev.reseolio.engine.job.Payload;
import dev.reseolio.engine.job.Progress;
import dev.reseolio.engine.store.Flush;
import dev.reseolio.engine.store.NodeRef;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import org.postgresql.PGConnection;

/// Sorts a flush of 500 new jobs and 500 endings and turns its rows into columns, per row. What the
/// driver makes of the columns is not in it: that needs a connection.
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 3, time = 1)
@Fork(1)
public class FlushHotPath {
  private static final int ROWS = 1000;

  private final Pass pass = new Pass(new NodeRef(1, UUID.randomUUID()), 0, Timeline.UNKNOWN);
  private final Flush flush = flush();
  private final PreparedStatement nowhere = nowhere();

  @Benchmark
  @OperationsPerInvocation(ROWS)
  public Object bind() throws SQLException {
    FlushStatement statement = new FlushStatement(pass, flush, false);
    statement.bind(new Binder(nowhere));
    return statement;
  }

  private static Flush flush() {
    Ids ids = new Ids(new SecureRandom());
    Instant now = Instant.now();
    Payload payload = new Payload(new byte[100], null);
    Lane lane = new Lane(1, 1, "bench:jobs:noop", Lane.DEFAULT_QUEUE);
    Decision finish =
        new Decision.Finish(
            JobStatus.SUCCEEDED, AttemptOutcome.SUCCEEDED, Progress.FIRST, payload, null);
    List<Flush.Ending> endings = new ArrayList<>();
    List<Flush.Insert> inserts = new ArrayList<>();
    for (int i = 0; i < ROWS / 2; i++) {
      NewJob job = NewJob.of("bench:jobs:noop", payload);
      inserts.add(new Flush.Insert(ids.next(now), lane, job, true));
      endings.add(new Flush.Ending(ids.next(now), 1, 1, now, false, finish));
    }
    return new Flush(endings, List.of(), List.of(), inserts, null, false, false);
  }

  /// A statement that takes everything and does nothing.
  private static PreparedStatement nowhere() {
    PGConnection driver = proxy(PGConnection.class, (p, method, arguments) -> null);
    Connection connection = proxy(Connection.class, (p, method, arguments) -> driver);
    return proxy(
        PreparedStatement.class,
        (p, method, arguments) -> method.getName().equals("getConnection") ? connection : null);
  }

  private static <T> T proxy(Class<T> type, InvocationHandler handler) {
    return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, handler));
  }
}
