package dev.reseolio.internal.worker;

import dev.reseolio.internal.DrainLoop;
import dev.reseolio.internal.Listeners;
import dev.reseolio.internal.Log;
import dev.reseolio.internal.ReconnectDelay;
import dev.reseolio.internal.Timer;
import dev.reseolio.internal.client.LinkListener;
import dev.reseolio.internal.wire.Errors;
import dev.reseolio.internal.wire.Payloads;
import dev.reseolio.internal.wire.Times;
import dev.reseolio.proto.v1.Beat;
import dev.reseolio.proto.v1.Drain;
import dev.reseolio.proto.v1.Hello;
import dev.reseolio.proto.v1.Register;
import dev.reseolio.proto.v1.Resume;
import dev.reseolio.proto.v1.Run;
import dev.reseolio.proto.v1.Welcome;
import dev.reseolio.proto.v1.WorkRequest;
import dev.reseolio.proto.v1.WorkResponse;
import io.grpc.Channel;
import io.grpc.Status;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/// The worker of this process: its functions, its session with the server, the attempts it runs.
///
/// One stream at a time. When it breaks, the next one resumes the session with the attempts still
/// held; when the server does not know the session any more, or did not come back within the grace
/// it gave, those attempts run elsewhere and are stopped here.
public final class Worker implements LinkListener, WorkStream.Owner {
  private static final WorkRequest BEAT =
      WorkRequest.newBuilder().setBeat(Beat.getDefaultInstance()).build();
  private static final WorkRequest DRAIN =
      WorkRequest.newBuilder().setDrain(Drain.getDefaultInstance()).build();
  private static final long COMMIT_PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(5);
  private static final long RESUMING_MILLIS = 50;
  private static final long REFUSED_MILLIS = 30_000;
  private static final long INTERRUPT_PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final int concurrency;
  private final Values values;
  private final Runner runner;
  private final Executor threads;
  private final Timer timer;
  private final Identity identity = new Identity();
  private final Map<String, FunctionDefinition> functions = new ConcurrentHashMap<>();
  private final Held held = new Held();
  private final RecordedSteps recordedSteps =
      new RecordedSteps(() -> this.channel, this::currentSession);
  private final Outbox outbox = new Outbox();
  private final DrainLoop drain = new DrainLoop(this::pass);
  private final AtomicBoolean drainIsDue = new AtomicBoolean();
  private final Runnable dueDrain = this::drainNow;
  private final ReconnectDelay delay = new ReconnectDelay();
  private volatile @Nullable WorkStream stream;
  private volatile @Nullable Channel channel;
  private volatile boolean draining;
  private String session = "";
  private long graceMillis;
  private long losses;
  private @Nullable Future<?> beats;

  private Worker(
      int concurrency, Values values, Listeners listeners, Executor threads, Timer timer) {
    this.concurrency = concurrency;
    this.values = values;
    this.runner = new Runner(values, listeners);
    this.threads = threads;
    this.timer = timer;
  }

  public static Worker create(
      int concurrency, Payloads payloads, Listeners listeners, Executor threads, Timer timer) {
    return new Worker(concurrency, new Values(payloads), listeners, threads, timer);
  }

  /// False when the name is taken.
  public boolean register(FunctionDefinition function) {
    WorkStream open;
    synchronized (this) { // a Hello under way either has the function or is known here
      if (functions.putIfAbsent(function.name(), function) != null) {
        return false;
      }
      open = stream;
    }
    if (open == null) {
      openStream();
    } else {
      Register register = Register.newBuilder().addFunctions(Identity.function(function)).build();
      open.control(WorkRequest.newBuilder().setRegister(register).build());
      drain.run();
    }
    return true;
  }

  @Override
  public void up(Channel connected) {
    channel = connected;
    openStream();
  }

  @Override
  public void down() {
    channel = null;
  }

  private void openStream() {
    Channel over = channel;
    WorkStream fresh = over == null ? null : nextStream();
    if (over != null && fresh != null) {
      fresh.open(over);
      drain.run();
    }
  }

  private synchronized @Nullable WorkStream nextStream() {
    boolean needed = draining ? !held.all().isEmpty() : !functions.isEmpty();
    if (stream != null || !needed || concurrency == 0) {
      return null;
    }
    WorkStream fresh = WorkStream.prepare(this, WorkRequest.newBuilder().setHello(hello()).build());
    stream = fresh;
    return fresh;
  }

  private Hello hello() {
    Hello.Builder hello = identity.hello().setCredits(draining ? 0 : concurrency);
    functions.values().forEach(function -> hello.addFunctions(Identity.function(function)));
    if (!session.isEmpty()) {
      hello.setResume(Resume.newBuilder().setSession(session).addAllLeases(held.leases()));
    }
    return hello.build();
  }

  @Override
  public void received(WorkStream from, WorkResponse message) {
    switch (message.getMessageCase()) {
      case RUNS -> message.getRuns().getRunsList().forEach(this::run);
      case COMMITTED -> held.committed(message.getCommitted().getLeasesList());
      case STEPS_COMMITTED -> held.recorded(message.getStepsCommitted().getStepsList());
      case LEASE_LOST -> held.lost(message.getLeaseLost().getLeasesList());
      case CANCEL ->
          held.stop(message.getCancel().getLease(), Stop.of(message.getCancel().getReason()));
      case WELCOME -> welcome(from, message.getWelcome());
      case DRAIN -> Log.info("The server shuts down; running attempts go on");
      case MESSAGE_NOT_SET -> Log.debug("A message this version does not know");
    }
  }

  private void run(Run run) {
    Attempt attempt = new Attempt(run);
    if (!held.add(attempt)) {
      return;
    }
    FunctionDefinition function = functions.get(run.getFunction());
    if (draining || function == null) {
      attempt.finish(OutcomeOf.release(attempt));
      finished(attempt);
    } else {
      threads.execute(() -> {
        attempt.finish(
            draining ? OutcomeOf.release(attempt) : runner.run(execution(attempt), function));
        finished(attempt);
      });
    }
  }

  private Execution execution(Attempt attempt) {
    return new Execution(attempt, values, recordedSteps, this::finishedStep);
  }

  private void finished(Attempt attempt) {
    boolean alone = isAlone();
    outbox.outcome(attempt);
    held.finished();
    report(alone);
  }

  private void finishedStep(Attempt attempt) {
    outbox.step(attempt);
    report(isAlone());
  }

  private boolean isAlone() {
    return held.unfinished() <= 1;
  }

  /// Alone, a handler's own thread sends its report at once. Among others it leaves the sending to
  /// the timer's thread, which takes along all that come meanwhile.
  private void report(boolean alone) {
    if (alone) {
      drain.run();
    } else if (drainIsDue.compareAndSet(false, true)) {
      timer.soon(dueDrain);
    }
  }

  private void drainNow() {
    drainIsDue.set(false);
    drain.run();
  }

  private void pass() {
    WorkStream to = stream;
    if (to != null) {
      to.send(outbox);
    }
  }

  @Override
  public void writable() {
    drain.run();
  }

  private void welcome(WorkStream from, Welcome welcome) {
    if (from.isResuming() && !welcome.getResumed()) {
      Log.warn("The session is gone; its " + held.leases().size() + " attempts run elsewhere");
      held.lostAll();
    }
    values.limit(welcome.getMaxPayloadBytes());
    begin(welcome);
    outbox.putAgain(held);
    from.welcome();
    if (draining) {
      from.control(DRAIN);
    }
    drain.run();
  }

  private synchronized void begin(Welcome welcome) {
    session = welcome.getSession();
    graceMillis = Times.fromProto(welcome.getResumeGrace()).toMillis();
    losses++; // The wait for this stream is over.
    delay.reset();
    stopBeats();
    long millis = Math.max(100, Times.fromProto(welcome.getBeatInterval()).toMillis());
    beats = timer.every(millis, this::beat);
  }

  private synchronized String currentSession() {
    return session;
  }

  private void beat() {
    WorkStream to = stream;
    if (to != null && !to.isBacklogged()) {
      to.control(BEAT);
      drain.run();
    }
  }

  private void stopBeats() {
    if (beats != null) {
      beats.cancel(false);
    }
  }

  @Override
  public synchronized void ended(WorkStream which, @Nullable Throwable error) {
    if (stream != which) {
      return;
    }
    stream = null;
    stopBeats();
    if (which.isWelcome()) {
      long loss = ++losses;
      timer.after(graceMillis, () -> notResumed(loss));
    }
    boolean refused = error != null && Errors.refused(error);
    if (error != null && Status.fromThrowable(error).getCode() != Status.Code.UNAVAILABLE) {
      String what = refused ? "The sidecar refuses this worker" : "The worker's stream broke";
      Log.warn(what + ": " + error.getMessage());
    }
    timer.after(refused ? REFUSED_MILLIS : delay.nextMillis(), this::openStream);
  }

  /// The grace is over: whether the server lives or not, these attempts are no longer ours. A
  /// stream that asks to resume them has its answer waited for.
  private synchronized void notResumed(long loss) {
    if (loss == losses && stream != null) {
      timer.after(RESUMING_MILLIS, () -> notResumed(loss));
    } else if (loss == losses) {
      Log.warn("Not reconnected in time; " + held.leases().size() + " attempts run elsewhere");
      session = "";
      held.lostAll();
    }
  }

  /// Takes no more attempts, hands back those not started, waits for the handlers and for their
  /// outcomes to be committed.
  public void close(Duration patience) {
    draining = true;
    WorkStream open = stream;
    if (open != null) {
      open.control(DRAIN);
      drain.run();
    }
    try {
      if (!held.awaitHandlers(patience.toNanos())) {
        Log.warn(
            held.unfinished()
                + " handlers still run after "
                + patience
                + "; interrupting them, their jobs run elsewhere");
        held.stopAll(Stop.CLOSING);
        held.awaitHandlers(INTERRUPT_PATIENCE_NANOS);
      }
      held.awaitCommitted(COMMIT_PATIENCE_NANOS);
    } catch (InterruptedException e) {
      held.stopAll(Stop.CLOSING);
      Thread.currentThread().interrupt();
    }
    halfClose();
  }

  private synchronized void halfClose() {
    WorkStream open = stream;
    stream = null;
    stopBeats();
    if (open != null) {
      open.halfClose();
    }
  }
}
