package dev.reseolio.engine.store.postgres;

import static dev.reseolio.engine.store.postgres.WriterSql.ADOPT;
import static dev.reseolio.engine.store.postgres.WriterSql.AGAIN;
import static dev.reseolio.engine.store.postgres.WriterSql.CLAIM;
import static dev.reseolio.engine.store.postgres.WriterSql.FENCE;
import static dev.reseolio.engine.store.postgres.WriterSql.FINISH;
import static dev.reseolio.engine.store.postgres.WriterSql.INSERT;
import static dev.reseolio.engine.store.postgres.WriterSql.INSERT_KEYED;
import static dev.reseolio.engine.store.postgres.WriterSql.INSERT_LEASED;
import static dev.reseolio.engine.store.postgres.WriterSql.KEY_HOLDERS;
import static dev.reseolio.engine.store.postgres.WriterSql.SPILL;
import static dev.reseolio.engine.store.postgres.WriterSql.STEP;
import static dev.reseolio.engine.store.postgres.WriterSql.STEP_AGAIN;
import static dev.reseolio.engine.store.postgres.WriterSql.SUCCEED;
import static dev.reseolio.engine.store.postgres.WriterSql.TAKE_KEYS;
import static dev.reseolio.engine.store.postgres.WriterSql.UNLEASE;

import dev.reseolio.engine.job.Decision;
import dev.reseolio.engine.job.JobError;
import dev.reseolio.engine.job.JobStatus;
import dev.reseolio.engine.job.NewJob;
import dev.reseolio.engine.job.Payload;
import dev.reseolio.engine.store.Flush;
import dev.reseolio.engine.store.Flush.Ending;
import dev.reseolio.engine.store.Flush.Insert;
import dev.reseolio.engine.store.NodeRef;
import java.sql.SQLException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// One flush, sorted into the parts it needs, ready to be bound.
final class FlushStatement {
  private final Pass pass;
  private final NodeRef me;
  private final Flush flush;
  private final List<Ending> finishes = new ArrayList<>();
  private final List<Ending> successes = new ArrayList<>();
  private final List<Ending> agains = new ArrayList<>();
  private final List<Insert> leased = new ArrayList<>();
  private final List<Insert> plain = new ArrayList<>();
  private final List<Insert> keyed = new ArrayList<>();
  private final EnumSet<WriterSql> parts = EnumSet.of(FENCE);

  /// @param guarded every statement allows for having been committed before
  FlushStatement(Pass pass, Flush flush, boolean guarded) {
    this.pass = pass;
    this.me = pass.node();
    this.flush = flush;
    for (Ending ending : flush.endings()) {
      sort(ending, guarded).add(ending);
    }
    for (Insert insert : flush.inserts()) {
      sort(insert, guarded).add(insert);
    }
    keyed.sort(FlushStatement::byKey);
    need(!flush.steps().isEmpty(), guarded ? STEP_AGAIN : STEP);
    need(!flush.spills().isEmpty(), SPILL);
    need(!finishes.isEmpty(), FINISH);
    need(successes.stream().anyMatch(Ending::explicit), UNLEASE);
    need(!successes.isEmpty(), SUCCEED);
    need(!agains.isEmpty(), AGAIN);
    need(!leased.isEmpty(), INSERT_LEASED);
    need(!plain.isEmpty(), INSERT);
    need(!keyed.isEmpty(), TAKE_KEYS, INSERT_KEYED, KEY_HOLDERS);
    need(flush.claim() != null, CLAIM);
    need(flush.adopt(), ADOPT);
  }

  private List<Ending> sort(Ending ending, boolean guarded) {
    return switch (ending.decision()) {
      case Decision.Again again -> agains;
      case Decision.Finish end ->
          guarded || end.status() != JobStatus.SUCCEEDED ? finishes : successes;
    };
  }

  private List<Insert> sort(Insert insert, boolean guarded) {
    if (insert.job().labels().key() != null) {
      return keyed;
    }
    return guarded || !insert.leased() || insert.job().due().deadline() != null ? plain : leased;
  }

  private void need(boolean needed, WriterSql... some) {
    if (needed) {
      parts.addAll(List.of(some));
    }
  }

  /// The statements to send, in order; also the shape a prepared statement is kept under.
  EnumSet<WriterSql> parts() {
    return parts;
  }

  static String sql(EnumSet<WriterSql> parts) {
    return parts.stream().map(WriterSql::sql).collect(Collectors.joining(";\n"));
  }

  void bind(Binder binder) throws SQLException {
    for (WriterSql part : parts) {
      switch (part) {
        case FENCE -> binder.set(me.id()).set(me.token()).set(pass.writer()).set(pass.timeline());
        case STEP, STEP_AGAIN -> bindSteps(binder);
        case FINISH -> bindFinishes(binder);
        case AGAIN -> bindAgains(binder);
        case SPILL -> bindSpills(binder);
        case UNLEASE -> bindLeases(binder, successes).set(me.id());
        case SUCCEED -> bindSuccesses(binder);
        case INSERT_LEASED -> bindLeased(binder);
        case INSERT -> bindInserts(binder, plain);
        case TAKE_KEYS -> bindKeys(binder).longs(keyed, i -> i.job().labels().keyTtl().toMillis());
        case INSERT_KEYED ->
            bindInserts(binder, keyed)
                .ints(keyed, i -> i.lane().functionId())
                .texts(keyed, FlushStatement::keyOf);
        case KEY_HOLDERS -> bindKeys(binder);
        case CLAIM -> bindClaim(binder, Objects.requireNonNull(flush.claim()));
        case ADOPT -> binder.set(me.id());
      }
    }
  }

  private void bindSteps(Binder binder) throws SQLException {
    binder
        .set(me.id())
        .uuids(flush.steps(), Flush.Step::job)
        .texts(flush.steps(), Flush.Step::key)
        .shorts(flush.steps(), Flush.Step::attempt)
        .texts(flush.steps(), s -> s.result().type())
        .bytes(flush.steps(), s -> s.result().data());
  }

  private void bindFinishes(Binder binder) throws SQLException {
    Function<Ending, Decision.Finish> finish = e -> (Decision.Finish) e.decision();
    Function<Ending, @Nullable JobError> error = e -> finish.apply(e).error();
    bindLeases(binder, finishes)
        .set(me.id())
        .set(me.id())
        .uuids(finishes, Ending::job)
        .ints(finishes, Ending::laneId)
        .shorts(finishes, e -> finish.apply(e).status().code())
        .shorts(finishes, Ending::attempt)
        .shorts(finishes, e -> e.decision().progress().failures())
        .shorts(finishes, e -> e.decision().progress().crashes())
        .shorts(finishes, e -> e.decision().outcome().code())
        .longs(finishes, e -> e.startedAt().toEpochMilli())
        .texts(finishes, e -> map(finish.apply(e).result(), Payload::type))
        .bytes(finishes, e -> map(finish.apply(e).result(), Payload::data));
    bindErrors(binder, finishes, error);
  }

  /// What has rows in `lease`, each with its attempt.
  private static Binder bindLeases(Binder binder, List<Ending> endings) throws SQLException {
    List<Ending> explicit = explicit(endings);
    return binder.uuids(explicit, Ending::job).shorts(explicit, Ending::attempt);
  }

  private void bindSuccesses(Binder binder) throws SQLException {
    Function<Ending, @Nullable Payload> result = e -> ((Decision.Finish) e.decision()).result();
    binder
        .set(me.id())
        .uuids(successes, Ending::job)
        .ints(successes, Ending::laneId)
        .shorts(successes, Ending::attempt)
        .shorts(successes, e -> e.decision().progress().failures())
        .shorts(successes, e -> e.decision().progress().crashes())
        .longs(successes, e -> e.startedAt().toEpochMilli())
        .texts(successes, e -> map(result.apply(e), Payload::type))
        .bytes(successes, e -> map(result.apply(e), Payload::data));
  }

  private void bindLeased(Binder binder) throws SQLException {
    binder
        .set(me.id())
        .uuids(leased, Insert::id)
        .ints(leased, i -> i.lane().id())
        .shorts(leased, i -> i.job().priority())
        .shorts(leased, i -> i.job().policy().maxAttempts())
        .longs(leased, i -> i.job().policy().timeout().toMillis())
        .texts(leased, i -> i.job().policy().backoff().encode())
        .texts(leased, i -> tags(i.job().labels().tags()))
        .texts(leased, i -> i.job().args().type())
        .bytes(leased, i -> i.job().args().data());
  }

  /// Ids of the jobs that INSERT_LEASED creates: all of them, or the flush fails.
  List<UUID> leased() {
    return leased.stream().map(Insert::id).toList();
  }

  private void bindAgains(Binder binder) throws SQLException {
    Function<Ending, Decision.Again> again = e -> (Decision.Again) e.decision();
    bindLeases(binder, agains)
        .set(me.id())
        .set(me.id())
        .uuids(agains, Ending::job)
        .shorts(agains, Ending::attempt)
        .ints(agains, Ending::laneId)
        .shorts(agains, e -> e.decision().outcome().code())
        .longs(agains, e -> e.startedAt().toEpochMilli())
        .nullableLongs(agains, e -> millis(again.apply(e).runAt()))
        .shorts(agains, e -> e.decision().progress().failures())
        .shorts(agains, e -> e.decision().progress().crashes());
    bindErrors(binder, agains, e -> again.apply(e).error());
  }

  private static void bindErrors(
      Binder binder, List<Ending> endings, Function<Ending, @Nullable JobError> error)
      throws SQLException {
    binder
        .texts(endings, e -> map(error.apply(e), JobError::type))
        .texts(endings, e -> map(error.apply(e), JobError::message))
        .texts(endings, e -> map(error.apply(e), JobError::stack));
  }

  private void bindSpills(Binder binder) throws SQLException {
    binder
        .set(me.id())
        .uuids(flush.spills(), Flush.Spill::job)
        .ints(flush.spills(), Flush.Spill::laneId)
        .shorts(flush.spills(), s -> s.progress().attempt())
        .shorts(flush.spills(), s -> s.progress().failures())
        .shorts(flush.spills(), s -> s.progress().crashes())
        .longs(flush.spills(), s -> s.startedAt().toEpochMilli());
  }

  private Binder bindInserts(Binder binder, List<Insert> inserts) throws SQLException {
    Function<Insert, NewJob> job = Insert::job;
    return binder
        .uuids(inserts, Insert::id)
        .ints(inserts, i -> i.lane().id())
        .ints(inserts, i -> i.leased() ? me.id() : 0)
        .shorts(inserts, i -> job.apply(i).priority())
        .shorts(inserts, i -> job.apply(i).policy().maxAttempts())
        .longs(inserts, i -> job.apply(i).policy().timeout().toMillis())
        .texts(inserts, i -> job.apply(i).policy().backoff().encode())
        .nullableLongs(inserts, i -> micros(job.apply(i).due().runAt()))
        .nullableLongs(inserts, i -> micros(job.apply(i).due().deadline()))
        .texts(inserts, i -> tags(job.apply(i).labels().tags()))
        .texts(inserts, i -> job.apply(i).args().type())
        .bytes(inserts, i -> job.apply(i).args().data());
  }

  private Binder bindKeys(Binder binder) throws SQLException {
    return binder
        .ints(keyed, i -> i.lane().functionId())
        .texts(keyed, FlushStatement::keyOf)
        .uuids(keyed, Insert::id);
  }

  private void bindClaim(Binder binder, Flush.Claim claim) throws SQLException {
    binder
        .ints(claim.slots(), Flush.Slot::laneId)
        .shorts(claim.slots(), Flush.Slot::priority)
        .longs(claim.slots(), Flush.Slot::after)
        .set(claim.limit())
        .set(claim.limit())
        .set(me.id());
  }

  private static List<Ending> explicit(List<Ending> endings) {
    return endings.stream().filter(Ending::explicit).toList();
  }

  // No Comparator.comparing: its lambdas cannot be in the AOT cache, and every start flushes.
  private static int byKey(Insert one, Insert other) {
    int byFunction = Integer.compare(one.lane().functionId(), other.lane().functionId());
    return byFunction != 0 ? byFunction : keyOf(one).compareTo(keyOf(other));
  }

  private static String keyOf(Insert insert) {
    return Objects.requireNonNull(insert.job().labels().key());
  }

  private static <A, B> @Nullable B map(@Nullable A value, Function<A, @Nullable B> getter) {
    return value == null ? null : getter.apply(value);
  }

  private static @Nullable String tags(List<String> tags) {
    return tags.isEmpty() ? null : String.join("\u001f", tags);
  }

  private static @Nullable Long micros(@Nullable Instant instant) {
    return instant == null ? null : ChronoUnit.MICROS.between(Instant.EPOCH, instant);
  }

  private static @Nullable Long millis(@Nullable Instant instant) {
    return instant == null ? null : instant.toEpochMilli();
  }
}
