package dev.reseolio.survival;

import dev.reseolio.CallOnly;
import dev.reseolio.proto.v1.Function;
import dev.reseolio.proto.v1.Hello;
import dev.reseolio.proto.v1.Lease;
import dev.reseolio.proto.v1.Resume;
import dev.reseolio.proto.v1.WorkRequest;
import dev.reseolio.proto.v1.WorkResponse;
import dev.reseolio.proto.v1.WorkerServiceGrpc;
import io.grpc.ManagedChannel;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Many workers' streams, most of which read nothing but the welcome, against a sidecar with its
/// own heap of 64 MB: after each, work goes on.
@Timeout(300)
class UnreadWorkersIT {
  private static final int STREAMS = 90;
  private static final int LEASES = 50_000;
  private static final int JOBS = 300;
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final String WORK = "/reseolio.v1.WorkerService/Work";
  private static final String UNREAD = "survival:unread:run";
  private static final String LARGE = "quick" + " ".repeat(500_000);

  @Test
  void leasesThatManyStreamsResumeAndNeverHadAreBound() throws Exception {
    survivesResuming("30-resumed", false);
  }

  /// The same when each is told, and reads it.
  @Test
  void leasesThatAreToldAsLostAreForgotten() throws Exception {
    survivesResuming("34-told", true);
  }

  private static void survivesResuming(String name, boolean reads) throws Exception {
    HostileClientIT.survives(
        name,
        (scene, node, channel) -> {
          var worker = HostileClientIT.connect(node);
          try {
            resume(node, channel, open(worker, hello().build(), true), reads);
          } finally {
            worker.shutdownNow();
          }
        });
  }

  @Test
  void leasesOfASessionThatNeverWasAreDropped() throws Exception {
    HostileClientIT.survives(
        "31-strangers", (scene, node, channel) -> resume(node, channel, "no session", false));
  }

  /// One stream after the other, since a connection may not have so much on its way in at once.
  private static void resume(Node node, ManagedChannel channel, String session, boolean reads)
      throws Exception {
    var resume = Resume.newBuilder().setSession(session);
    var lease = Lease.newBuilder().setJobId("01890000-0000-7000-8000-000000000000");
    for (int i = 0; i < LEASES; i++) {
      resume.addLeases(lease.setAttempt(i));
    }
    Hello hello = hello().setResume(resume).build();
    for (int i = 0; i < STREAMS; i++) {
      open(channel, hello, reads);
      HostileClientIT.assertAlive(node);
    }
  }

  /// 150 MB of arguments for 200 streams of 10 connections.
  @Test
  void runsThatManyStreamsDoNotReadAreBound() throws Exception {
    runs(
        "32-runs",
        node -> {
          List<AutoCloseable> workers = new ArrayList<>();
          for (int i = 0; i < 10; i++) {
            ManagedChannel channel = HostileClientIT.connect(node);
            workers.add(channel::shutdownNow);
            for (int n = 0; n < 20; n++) {
              open(channel, runner(), false);
            }
          }
          return workers;
        });
  }

  /// The same for one stream whose window lets all of it through, and whose socket is not read.
  @Test
  void runsThatAWindowLetsThroughAreBound() throws Exception {
    runs(
        "33-window-runs",
        node -> {
          var raw = new RawStreams(node);
          raw.grant(Integer.MAX_VALUE);
          raw.streams(WORK, 1, WorkRequest.newBuilder().setHello(runner()).build());
          return List.of(raw);
        });
  }

  private interface Stalled {
    List<AutoCloseable> connect(Node node) throws Exception;
  }

  /// The workers miss their beats, and then somebody runs what they had.
  private static void runs(String name, Stalled stalled) throws Exception {
    HostileClientIT.survives(
        name,
        (scene, node, channel) -> {
          double others = workers(node);
          List<AutoCloseable> workers = stalled.connect(node);
          try {
            Await.until("they are welcome", HostileClientIT.SOON, () -> workers(node) > others);
            CallOnly client = scene.client(node, PATIENCE);
            enqueue(scene, node, client);
            Await.until(
                "they are lost",
                PATIENCE,
                () -> {
                  HostileClientIT.call(scene, client);
                  return workers(node) <= others;
                });
          } finally {
            for (AutoCloseable one : workers) {
              one.close();
            }
          }
          scene.worker("late", node, 16, UNREAD);
          Await.until(
              "all have run",
              PATIENCE,
              () ->
                  scene.longs("SELECT count(*) FROM reseolio.done")
                      >= scene.calls().acknowledged().size());
          scene.check(0);
        });
  }

  private static double workers(Node node) throws InterruptedException {
    return HostileClientIT.metric(node, "reseolio_workers");
  }

  @SuppressWarnings("FutureReturnValueIgnored") // The calls are noted.
  private static void enqueue(Scene scene, Node node, CallOnly client) {
    for (int i = 0; i < JOBS; i++) {
      scene.calls().call(client, UNREAD, LARGE);
    }
    Await.until(
        "all are enqueued",
        PATIENCE,
        () -> {
          HostileClientIT.assertAlive(node);
          return scene.calls().open() == 0;
        });
  }

  private static Hello runner() {
    return hello().addFunctions(Function.newBuilder().setName(UNREAD)).setCredits(JOBS).build();
  }

  private static Hello.Builder hello() {
    return Hello.newBuilder().setProtocolMin(1).setProtocolMax(1).setWorkerId("w");
  }

  /// Returns the session of a new stream; empty when it was refused.
  ///
  /// @param reads false: nothing after the welcome
  private static String open(ManagedChannel channel, Hello hello, boolean reads) throws Exception {
    var welcome = new Welcomed(new CompletableFuture<>(), reads);
    WorkerServiceGrpc.newStub(channel)
        .work(welcome)
        .onNext(WorkRequest.newBuilder().setHello(hello).build());
    return welcome.session.get(HostileClientIT.SOON.toSeconds(), TimeUnit.SECONDS);
  }

  private record Welcomed(CompletableFuture<String> session, boolean reads)
      implements ClientResponseObserver<WorkRequest, WorkResponse> {
    @Override
    public void beforeStart(ClientCallStreamObserver<WorkRequest> stream) {
      if (!reads) {
        stream.disableAutoRequestWithInitial(1);
      }
    }

    @Override
    public void onNext(WorkResponse answer) {
      session.complete(answer.getWelcome().getSession());
    }

    @Override
    public void onError(Throwable refused) {
      session.complete("");
    }

    @Override
    public void onCompleted() {
      session.complete("");
    }
  }
}
