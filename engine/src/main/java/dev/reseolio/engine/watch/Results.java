package dev.reseolio.engine.watch;

import dev.reseolio.engine.job.EngineException;
import dev.reseolio.engine.job.Reason;
import dev.reseolio.engine.machine.Machine;
import dev.reseolio.engine.store.JobEnd;
import dev.reseolio.engine.store.Jobs;
import dev.reseolio.engine.store.StoreException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// Waiters for the ends of jobs. A job that runs here is announced by the flusher; every other one
/// is looked up once when somebody starts to wait, when a doorbell names it, and now and then in
/// case the doorbell was lost, or a failover of the database lost the job. Look-ups are collected:
/// one query at a time.
public final class Results {
  private static final int POLL = 500;
  private static final System.Logger LOG = System.getLogger(Results.class.getName());

  private final Map<UUID, Waiter> waiters = new ConcurrentHashMap<>();
  private final Set<UUID> questions = ConcurrentHashMap.newKeySet();
  private final Jobs jobs;
  private final Predicate<UUID> runsHere;
  private final Thread thread;
  private Iterator<UUID> rotation = Collections.emptyIterator();
  private volatile boolean stopping;

  /// @param runsHere true while the end of the job will be announced by [#announce]
  public Results(Machine machine, Jobs jobs, Predicate<UUID> runsHere) {
    thread = machine.virtualThread("reseolio-results", this::run);
    this.jobs = jobs;
    this.runsHere = runsHere;
  }

  public void start() {
    thread.start();
  }

  /// Who waits for one job, and who else does.
  private record Waiter(ResultListener listener, @Nullable Waiter next) {
    /// Null: nobody is left.
    @Nullable Waiter without(ResultListener gone) {
      Waiter left = null;
      for (Waiter one = this; one != null; one = one.next) {
        left = one.listener.equals(gone) ? left : new Waiter(one.listener, left);
      }
      return left;
    }

    void tell(Consumer<ResultListener> news) {
      for (Waiter one = this; one != null; one = one.next) {
        try {
          news.accept(one.listener);
        } catch (RuntimeException bug) {
          LOG.log(System.Logger.Level.ERROR, "a listener failed for a reason that is a bug", bug);
        }
      }
    }
  }

  /// Tells the listener, once, of the end of the job, or that there is none: JOB_NOT_FOUND when
  /// there is no such job, or no longer.
  public void await(UUID job, ResultListener listener) {
    waiters.merge(job, new Waiter(listener, null), (others, one) -> new Waiter(listener, others));
    if (!runsHere.test(job)) {
      ask(List.of(job));
    }
  }

  /// The listener waits for this job no longer; it may be told all the same.
  public void forget(UUID job, ResultListener listener) {
    waiters.computeIfPresent(
        job,
        (id, all) -> {
          Waiter left = all.without(listener);
          if (left == null) {
            questions.remove(id); // Here: whoever waits from now on asks anew.
          }
          return left;
        });
  }

  /// As above. Who waits no longer cancels it.
  @SuppressWarnings("FutureReturnValueIgnored") // It is the same future.
  public CompletableFuture<JobEnd> await(UUID job) {
    var end = new Future();
    end.whenComplete((ended, failure) -> {
      if (end.isCancelled()) {
        forget(job, end);
      }
    });
    await(job, end);
    return end;
  }

  private static final class Future extends CompletableFuture<JobEnd> implements ResultListener {
    @Override
    public void ended(JobEnd end) {
      complete(end);
    }

    @Override
    public void failed(UUID job, EngineException why) {
      completeExceptionally(why);
    }
  }

  public int waiting() {
    return waiters.size();
  }

  /// These jobs have ended.
  public void announce(List<JobEnd> ends) {
    for (JobEnd end : ends) {
      tell(end.id(), listener -> listener.ended(end));
    }
  }

  private void tell(UUID job, Consumer<ResultListener> news) {
    Waiter waiter = waiters.remove(job);
    if (waiter != null) {
      waiter.tell(news);
    }
  }

  /// These jobs have ended somewhere: look them up if somebody waits.
  public void heard(Collection<UUID> ended) {
    ask(ended.stream().filter(waiters::containsKey).toList());
  }

  /// Looks up some of the jobs that are waited for and do not run here, the next ones each time:
  /// their doorbell may have been lost, or they themselves.
  public void poll() {
    List<UUID> some = new ArrayList<>();
    if (!rotation.hasNext()) {
      rotation = waiters.keySet().iterator();
    }
    while (rotation.hasNext() && some.size() < POLL) {
      UUID id = rotation.next();
      if (!runsHere.test(id)) {
        some.add(id);
      }
    }
    ask(some);
  }

  private void ask(Collection<UUID> ids) {
    if (!ids.isEmpty()) {
      questions.addAll(ids);
      LockSupport.unpark(thread);
    }
  }

  public void stop() {
    stopping = true;
    LockSupport.unpark(thread);
    EngineException why =
        new EngineException(Reason.SHUTTING_DOWN, "the sidecar is shutting down; ask another one");
    for (UUID id : List.copyOf(waiters.keySet())) {
      tell(id, listener -> listener.failed(id, why));
    }
  }

  private void run() {
    while (!stopping) {
      Set<UUID> batch = new HashSet<>();
      for (Iterator<UUID> i = questions.iterator();
          batch.size() < 1000 && i.hasNext();
          i.remove()) {
        batch.add(i.next());
      }
      if (batch.isEmpty()) {
        LockSupport.park(this);
      } else {
        lookUp(batch);
      }
    }
  }

  private void lookUp(Set<UUID> batch) {
    try {
      List<JobEnd> ends = jobs.ends(batch);
      Telling.all(() -> announce(ends));
      ends.forEach(end -> batch.remove(end.id()));
      refuseUnknown(batch);
      askForTheRest(batch, ends);
    } catch (StoreException e) {
      // The next poll asks again; until then the callers wait as they would for a job that runs.
      LOG.log(System.Logger.Level.DEBUG, "results are looked up later: {0}", e.getMessage());
    } catch (RuntimeException bug) {
      LOG.log(System.Logger.Level.ERROR, "a look-up failed for a reason that is a bug", bug);
    }
  }

  /// What has not ended may not exist: it never did, or a failover has lost it since somebody began
  /// to wait.
  private void refuseUnknown(Set<UUID> unfinished) {
    for (UUID id : unfinished.isEmpty() ? List.<UUID>of() : jobs.unknown(unfinished)) {
      unfinished.remove(id);
      tell(id, listener -> listener.failed(id, EngineException.noJob(id)));
    }
  }

  /// Large results come a part at a time.
  private void askForTheRest(Set<UUID> unfinished, List<JobEnd> ends) {
    long bytes = 0;
    for (JobEnd end : ends) {
      bytes += end.result() == null ? 0 : end.result().size();
    }
    if (bytes >= Jobs.ENDS_BYTES) {
      heard(unfinished);
    }
  }
}
