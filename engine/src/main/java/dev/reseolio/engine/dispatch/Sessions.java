package dev.reseolio.engine.dispatch;

import dev.reseolio.engine.job.EngineException;
import dev.reseolio.engine.job.Lane;
import dev.reseolio.engine.job.Outcome;
import dev.reseolio.engine.job.Text;
import dev.reseolio.engine.machine.Machine;
import dev.reseolio.engine.store.Jobs;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/// The workers of this node: who is there, who resumes, who is lost.
public final class Sessions {
  private static final System.Logger LOG = System.getLogger(Sessions.class.getName());
  private static final int MISSED_BEATS = 3;

  /// The kernel closes a dying process's connections just before the process itself is gone.
  private static final long FIRST_LOOK_NANOS = 500_000;

  private static final long LONGEST_LOOK_NANOS = 8_000_000;

  private final CopyOnWriteArrayList<WorkerSession> open = new CopyOnWriteArrayList<>();
  private final Map<String, WorkerSession> byId = new ConcurrentHashMap<>();
  private final Machine machine;
  private final Executions executions;
  private final Jobs jobs;
  private final Duration resumeGrace;
  private final Duration beatInterval;
  private final Runnable moreWork;
  private volatile boolean closed;

  /// @param moreWork called when slots or functions were added
  Sessions(
      Machine machine,
      Executions executions,
      Jobs jobs,
      Duration resumeGrace,
      Duration beatInterval,
      Runnable moreWork) {
    this.machine = machine;
    this.executions = executions;
    this.jobs = jobs;
    this.resumeGrace = resumeGrace;
    this.beatInterval = beatInterval;
    this.moreWork = moreWork;
  }

  /// Workers that count as live, connected or within their grace.
  List<WorkerSession> open() {
    return open;
  }

  /// Numbers of the functions that workers of this node offer.
  public Set<Integer> offered() {
    Set<Integer> all = new HashSet<>();
    open.forEach(s -> all.addAll(s.offers()));
    return all;
  }

  /// Slots of all workers.
  public int slots() {
    return open.stream().mapToInt(WorkerSession::credits).sum();
  }

  public int workers() {
    return open.size();
  }

  /// Lets a worker in.
  ///
  /// @return the connection's end of the session, and whether it is the one to be resumed
  public Attached connect(WorkerHello hello, WorkerLink link) {
    checkCredits(hello.credits());
    WorkerSession old = hello.resume() == null ? null : byId.get(hello.resume().session());
    if (old != null && hello.resume() != null && old.attach(link)) {
      return resume(old, hello, hello.resume(), link);
    }
    WorkerSession session =
        new WorkerSession(
            machine,
            machine.randomUuid().toString(),
            Text.clip(hello.workerId(), Text.MAX_NAME),
            hello.process(),
            hello.credits(),
            link);
    session.offer(hello.functions(), functionIds(hello.functions()));
    return new Attached(session, link, false, List.of());
  }

  private static void checkCredits(long credits) {
    if (credits < 0 || credits > 100_000) {
      throw EngineException.invalid("credits", "credits must be 0 to 100000, but is " + credits);
    }
  }

  private Attached resume(
      WorkerSession session, WorkerHello hello, WorkerHello.Resume resume, WorkerLink link) {
    LOG.log(System.Logger.Level.INFO, "worker {0} resumes", session.workerId());
    session.offer(hello.functions(), functionIds(hello.functions()));
    session.resize(hello.credits() - session.credits());
    Set<LeaseKey> kept = new LinkedHashSet<>(resume.leases());
    List<Running> unknown =
        session.held().values().stream().filter(r -> !kept.contains(r.lease())).toList();
    executions.finishAll(unknown, new Outcome.Released());
    List<LeaseKey> lost =
        kept.stream().filter(l -> !session.held().containsKey(l) && !session.owes(l)).toList();
    return new Attached(session, link, true, lost);
  }

  /// After a failover the numbers of functions may be others.
  void offerAgain() {
    for (WorkerSession session : open) {
      session.renumber(functionIds(session.names()));
    }
  }

  private Set<Integer> functionIds(Collection<String> names) {
    Set<Integer> ids = new HashSet<>();
    for (String name : names) {
      ids.add(jobs.lane(Text.name("function", name), Lane.DEFAULT_QUEUE).functionId());
    }
    return ids;
  }

  /// A sign of life that did not come over the worker's stream. False: there is no such session.
  public boolean beat(String sessionId) {
    WorkerSession session = byId.get(sessionId);
    if (session != null) {
      session.beat();
    }
    return session != null;
  }

  /// True while the session's worker runs this.
  public boolean holds(String sessionId, LeaseKey lease) {
    WorkerSession session = byId.get(sessionId);
    return session != null && session.held().containsKey(lease);
  }

  /// Ends sessions whose worker has missed three beats.
  public void endSilent() {
    long patience = beatInterval.toNanos() * MISSED_BEATS;
    long now = machine.nanoTime();
    for (WorkerSession session : open) {
      if (now - session.lastHeardNanos() > patience) {
        lost(session, "it missed %d beats".formatted(MISSED_BEATS));
      }
    }
  }

  private void lost(WorkerSession session, String why) {
    disown(session);
    if (session.close(why)) {
      open.remove(session);
      byId.remove(session.id());
      LOG.log(
          System.Logger.Level.WARNING,
          "worker {0} is lost with {1,number,#} attempts: {2}",
          session.workerId(),
          session.held().size(),
          why);
      executions.finishAll(
          List.copyOf(session.held().values()), new Outcome.WorkerLost(session.workerId()));
    }
  }

  /// Tells the worker, if it can still hear, that what it holds runs elsewhere.
  private static void disown(WorkerSession session) {
    List<LeaseKey> held = List.copyOf(session.held().keySet());
    if (!held.isEmpty()) {
      session.tell(link -> link.leaseLost(held));
    }
  }

  private void left(WorkerSession session) {
    disown(session);
    if (session.close("the worker has left")) {
      open.remove(session);
      byId.remove(session.id());
      executions.finishAll(List.copyOf(session.held().values()), new Outcome.Released());
    }
  }

  /// Waits for the worker to come back, or for the news that its process is gone. A worker that
  /// goes on beating lives, although its event loop may be too busy to connect again.
  private void awaitResume(WorkerSession session, long since) {
    long beats = beatInterval.toNanos() * 3 / 2;
    WorkerProcess process = session.process();
    long pause = FIRST_LOOK_NANOS;
    while (session.detachedNanos() == since && !session.attached() && !session.closed()) {
      boolean late = machine.nanoTime() - since > resumeGrace.toNanos();
      if (process != null && process.dead()) {
        lost(session, "its process is gone");
      } else if (closed || (late && !session.beatenWithin(beats))) {
        lost(session, "its connection broke and was not resumed");
      } else {
        machine.parkNanos(pause);
        pause = Math.min(2 * pause, LONGEST_LOOK_NANOS);
      }
    }
  }

  /// Tells every worker that nothing more is pushed.
  public void drain(Instant deadline) {
    closed = true;
    for (WorkerSession session : open) {
      session.drain();
      session.tell(link -> link.drain(deadline));
    }
  }

  /// Hands back what is still held, and ends all sessions.
  public void close() {
    closed = true;
    open.forEach(this::left);
  }

  void restoreCredits() {
    open.forEach(WorkerSession::restoreCredits);
  }

  /// One connection's end of a session. What comes over a connection that has been replaced is
  /// ignored.
  public final class Attached {
    private final WorkerSession session;
    private final WorkerLink link;
    private final boolean resumed;

    /// Not told yet.
    private List<LeaseKey> lost;

    private Attached(WorkerSession session, WorkerLink link, boolean resumed, List<LeaseKey> lost) {
      this.session = session;
      this.link = link;
      this.resumed = resumed;
      this.lost = lost;
    }

    public String sessionId() {
      return session.id();
    }

    public boolean resumed() {
      return resumed;
    }

    /// The worker has been welcomed: push from now on.
    public void ready() {
      session.welcome();
      if (!resumed) {
        byId.put(session.id(), session);
        open.add(session);
      } else {
        tellLost();
        executions.repeatStops(session);
      }
      moreWork.run();
    }

    private void tellLost() {
      List<LeaseKey> told = lost;
      lost = List.of();
      if (!told.isEmpty()) {
        session.tell(to -> to.leaseLost(told));
      }
    }

    private boolean current() {
      session.heard();
      return session.attachedTo(link);
    }

    public void report(List<Reported> outcomes) {
      if (current()) {
        executions.report(session, outcomes);
      }
    }

    public void record(List<ReportedStep> steps) {
      if (current()) {
        executions.record(session, steps);
      }
    }

    public void beat() {
      session.heard();
    }

    /// Returns how many functions the worker offers now.
    public int register(List<String> functions) {
      if (current()) {
        session.offer(functions, functionIds(functions));
        moreWork.run();
      }
      return session.offers().size();
    }

    public void credit(int delta) {
      checkCredits((long) session.credits() + delta);
      if (current()) {
        session.resize(delta);
        moreWork.run();
      }
    }

    public void drain() {
      session.drain();
    }

    /// What was sent has left: there is room for more.
    public void drained() {
      moreWork.run();
    }

    /// The worker said goodbye: what it still holds goes back uncharged.
    public void closed() {
      if (session.attachedTo(link)) {
        left(session);
      }
    }

    /// The connection broke: the worker may resume within the grace.
    public void broken() {
      if (session.attachedTo(link)) {
        long since = session.detach();
        machine.virtualThread("reseolio-resume", () -> awaitResume(session, since)).start();
      }
    }
  }
}
