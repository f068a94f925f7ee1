package dev.reseolio.checker;

import dev.reseolio.checker.Event.Fenced;
import dev.reseolio.checker.Event.Row;
import dev.reseolio.checker.Event.Table;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Replays the commits: where each job was after every one of them, and who held its lease.
final class Commits {
  private static final Set<Table> PLACES =
      EnumSet.of(Table.DONE, Table.READY, Table.TIMER, Table.LEASE);

  private final Verdict verdict;
  private final Map<String, Job> jobs = new HashMap<>();
  private final Set<Integer> fenced = new HashSet<>();
  private final Map<Integer, Takeover> takeovers = new LinkedHashMap<>();

  /// What the commits made of a job.
  static final class Job {
    final String id;
    @Nullable String call;
    @Nullable String end;
    int endedWith;
    int losses;
    final Set<Integer> lost = new HashSet<>();
    final Map<String, String> steps = new HashMap<>();
    final EnumSet<Table> places = EnumSet.noneOf(Table.class);
    @Nullable Lease lease;

    Job(String id) {
      this.id = id;
    }
  }

  record Lease(int owner, int attempt) {}

  /// A node that was fenced, and the executions that this transaction took from it.
  record Takeover(long at, String tx, List<Execution> lost) {}

  record Execution(String job, int attempt) {}

  private Commits(Verdict verdict) {
    this.verdict = verdict;
  }

  static Commits replay(List<Event> events, Verdict verdict) {
    var commits = new Commits(verdict);
    List<Event> transaction = new ArrayList<>();
    String tx = "";
    for (Event event : events) {
      String of =
          switch (event) {
            case Row row -> row.tx();
            case Fenced gone -> gone.tx();
            default -> null;
          };
      if (of != null && !of.equals(tx)) {
        commits.commit(transaction);
        transaction.clear();
        tx = of;
      }
      if (of != null) {
        transaction.add(event);
      }
    }
    commits.commit(transaction);
    return commits;
  }

  Map<String, Job> jobs() {
    return jobs;
  }

  Map<Integer, Takeover> takeovers() {
    return takeovers;
  }

  private void commit(List<Event> transaction) {
    Set<Job> touched = new HashSet<>();
    @Nullable Takeover takeover = null;
    for (Event event : transaction) {
      if (event instanceof Fenced gone) {
        takeover = new Takeover(gone.at(), gone.tx(), new ArrayList<>());
        takeovers.put(gone.node(), takeover);
      } else if (event instanceof Row row) {
        touched.add(apply(row, takeover));
      }
    }
    for (Event event : transaction) {
      if (event instanceof Fenced gone) {
        fenced.add(gone.node());
      }
    }
    for (Job job : touched) {
      verdict.check(Invariant.ONE_PLACE, job.places.size() <= 1, job.id + " is in " + job.places);
      verdict.check(
          Invariant.ONE_PLACE,
          job.call != null || job.places.isEmpty(),
          job.id + " is in " + job.places + " without a job");
    }
  }

  private Job apply(Row row, @Nullable Takeover takeover) {
    Job job = jobs.computeIfAbsent(row.job(), Job::new);
    switch (row.change()) {
      case GONE -> job.places.remove(row.table());
      case TAMPERED ->
          verdict.fail(
              Invariant.ONE_END,
              job.id + ": its row in " + row.table() + " was changed or deleted");
      case PUT -> put(row, job, takeover);
    }
    return job;
  }

  private void put(Row row, Job job, @Nullable Takeover takeover) {
    if (row.owner() != 0) {
      verdict.check(
          Invariant.NO_STALE_WRITE,
          !fenced.contains(row.owner()),
          "a write of the fenced node: " + row);
    }
    if (PLACES.contains(row.table())) {
      job.places.add(row.table());
    }
    switch (row.table()) {
      case JOB -> {
        job.call = row.info();
        if (row.owner() != 0) {
          grant(row, job);
        }
      }
      case LEASE -> grant(row, job);
      case DONE -> end(row, job);
      case ATTEMPT -> again(row, job, takeover);
      case STEP -> step(row, job);
      case READY, TIMER -> job.lease = null;
    }
  }

  /// A lease that gets its row later is the same lease.
  private void grant(Row row, Job job) {
    var fresh = new Lease(row.owner(), row.attempt());
    Lease held = job.lease;
    verdict.check(
        Invariant.ONE_LEASE,
        held == null || held.equals(fresh) || fenced.contains(held.owner),
        "leased while " + held + " held it: " + row);
    job.lease = fresh;
  }

  private void end(Row row, Job job) {
    verdict.check(Invariant.ONE_END, job.end == null, "ended again: " + row);
    byHolder(row, job);
    job.end = row.info();
    job.endedWith = row.attempt();
    job.lease = null;
  }

  private void again(Row row, Job job, @Nullable Takeover takeover) {
    byHolder(row, job);
    if (row.info().equals("lost")) {
      job.losses++;
      job.lost.add(row.attempt());
      if (takeover != null) {
        takeover.lost.add(new Execution(job.id, row.attempt()));
      }
    }
    if (job.lease != null && job.lease.attempt == row.attempt()) {
      job.lease = null;
    }
  }

  private void step(Row row, Job job) {
    byHolder(row, job);
    int end = row.info().indexOf('=');
    String before = job.steps.put(row.info().substring(0, end), row.info().substring(end + 1));
    verdict.check(Invariant.ONE_VALUE_PER_STEP, before == null, "recorded again: " + row);
  }

  private void byHolder(Row row, Job job) {
    if (row.owner() != 0) {
      verdict.check(
          Invariant.ONE_LEASE,
          new Lease(row.owner(), row.attempt()).equals(job.lease),
          "written by a node that did not hold it (" + job.lease + " did): " + row);
    }
  }
}
