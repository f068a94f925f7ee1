package dev.reseolio.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reseolio.JobContext;
import dev.reseolio.JobHandle;
import dev.reseolio.NotConnectedException;
import dev.reseolio.Reseolio;
import dev.reseolio.ReseolioListener;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// Starts, crashes and stops; every test has sidecars of its own.
@Tag("sidecar")
class LifecycleIT {

  static final class Events implements ReseolioListener {
    final BlockingQueue<String> seen = new LinkedBlockingQueue<>();
    final CountDownLatch exited = new CountDownLatch(1);

    @Override
    public void onReady(String address) {
      seen.add("ready");
    }

    @Override
    public void onStopped() {
      seen.add("stopped");
    }

    @Override
    public void onSidecarExit(int exitCode) {
      exited.countDown();
    }

    @Override
    public void onJobStart(JobContext job) {
      seen.add("start");
    }

    @Override
    public void onJobSuccess(JobContext job) {
      seen.add("success");
    }

    @Override
    public void onJobError(JobContext job, Throwable error) {
      seen.add("error " + error.getMessage());
    }
  }

  @Test
  void eventsAreTold() {
    Events events = new Events();
    try (Reseolio reseolio = SidecarIT.builder().listener(events).start()) {
      var fn =
          reseolio.durable(
              SidecarIT.unique("events"),
              String.class,
              () -> {
                if (JobContext.current().attempt() == 1) {
                  throw new IllegalStateException("once");
                }
                return "ok";
              },
              SidecarIT.attempts(2));
      fn.call().result(SidecarIT.SOON);
    }
    assertTrue(
        events.seen.containsAll(List.of("ready", "start", "error once", "success", "stopped")),
        events.seen.toString());
  }

  @Test
  void aKilledSidecarIsStartedAgainAndEveryJobFinishes() throws Exception {
    Events events = new Events();
    Map<Integer, Integer> done = new ConcurrentHashMap<>();
    CountDownLatch some = new CountDownLatch(20);
    try (Reseolio reseolio = SidecarIT.builder().listener(events).start()) {
      var fn =
          reseolio.durable(
              SidecarIT.unique("survive"),
              int.class,
              int.class,
              in -> {
                done.merge(in, 1, Integer::sum);
                some.countDown();
                return in;
              },
              SidecarIT.attempts(3));
      List<JobHandle<Integer>> jobs = new ArrayList<>();
      for (int i = 0; i < 200; i++) {
        jobs.add(fn.call(i));
      }
      SidecarIT.await(some);
      ProcessHandle.current().children().forEach(ProcessHandle::destroyForcibly);
      SidecarIT.await(events.exited);
      for (int i = 0; i < 200; i++) {
        assertEquals(i, jobs.get(i).result(Duration.ofSeconds(60)));
      }
      assertEquals(7, fn.call(7).result(SidecarIT.SOON));
      assertEquals(200, done.size());
    }
  }

  @Test
  void withoutConcurrencyItOnlyCalls() {
    String name = SidecarIT.unique("elsewhere");
    try (Reseolio runs = SidecarIT.builder().start();
        Reseolio calls = SidecarIT.builder().concurrency(0).start()) {
      runs.durable(name, String.class, () -> "there");
      var fn = calls.durable(name, String.class, () -> "here");
      for (int i = 0; i < 20; i++) {
        assertEquals("there", fn.call().result(SidecarIT.SOON));
      }
    }
  }

  @Test
  void closingWaitsForTheHandlersAndCommitsThem() throws Exception {
    CountDownLatch running = new CountDownLatch(1);
    CountDownLatch go = new CountDownLatch(1);
    AtomicInteger finished = new AtomicInteger();
    Reseolio reseolio = SidecarIT.builder().start();
    var fn =
        reseolio.durable(
            SidecarIT.unique("graceful"),
            String.class,
            () -> {
              running.countDown();
              SidecarIT.await(go);
              finished.incrementAndGet();
              return "done";
            });
    String id = fn.call().id();
    SidecarIT.await(running);
    Thread closing = new Thread(reseolio::close);
    closing.start();
    go.countDown();
    closing.join();
    assertEquals(1, finished.get());
    assertThrows(NotConnectedException.class, fn::call);
    reseolio.close();
    try (Reseolio next = SidecarIT.builder().start()) {
      assertEquals("done", next.handle(id, String.class).result(SidecarIT.SOON));
    }
  }

  @Test
  void handlersThatDoNotEndAreInterruptedAfterTheStopTimeout() throws Exception {
    CountDownLatch running = new CountDownLatch(1);
    CountDownLatch interrupted = new CountDownLatch(1);
    Reseolio reseolio = SidecarIT.builder().stopTimeout(Duration.ofMillis(100)).start();
    var fn =
        reseolio.durable(
            SidecarIT.unique("stubborn"),
            String.class,
            () -> {
              running.countDown();
              try {
                new CountDownLatch(1).await();
              } catch (InterruptedException e) {
                interrupted.countDown();
              }
              return "never";
            });
    fn.call();
    SidecarIT.await(running);
    reseolio.close();
    SidecarIT.await(interrupted);
  }

  @Test
  void aClosedInstanceAnswersNothing() {
    Reseolio reseolio = SidecarIT.builder().start();
    reseolio.close();
    assertThrows(NotConnectedException.class, () -> reseolio.handle("x", String.class).result());
    assertThrows(NotConnectedException.class, () -> reseolio.handle("x", String.class).status());
  }
}
