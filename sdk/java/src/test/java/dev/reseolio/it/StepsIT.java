package dev.reseolio.it;

import static dev.reseolio.Steps.step;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reseolio.Durable0;
import dev.reseolio.Durable1;
import dev.reseolio.Handler0;
import dev.reseolio.JobAttempt;
import dev.reseolio.JobCancelledException;
import dev.reseolio.JobContext;
import dev.reseolio.JobFailedException;
import dev.reseolio.JobHandle;
import dev.reseolio.JobStep;
import dev.reseolio.Reseolio;
import dev.reseolio.ReseolioBuilder;
import dev.reseolio.StepContext;
import dev.reseolio.Steps;
import dev.reseolio.TypeRef;
import java.io.BufferedReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(90)
class StepsIT extends SidecarIT {
  private static final Duration LONG = Duration.ofSeconds(60);

  private final JoiningIT.Where where = new JoiningIT.Where();

  /// Bodies that were run, by their keys.
  private final List<String> done = new CopyOnWriteArrayList<>();

  @Override
  ReseolioBuilder configure(ReseolioBuilder builder) {
    return builder.listener(where);
  }

  @BeforeEach
  void nothingIsDone() {
    done.clear();
  }

  private String doing(StepContext context) {
    done.add(context.key());
    return context.key() + " of " + done.size();
  }

  private String does(String name) throws Exception {
    return step(name, String.class, this::doing);
  }

  /// `key:attempt` of each.
  private static List<String> recorded(JobHandle<?> job) {
    List<JobStep> steps = job.details().steps();
    return steps.stream().map(step -> step.key() + ":" + step.attempt()).toList();
  }

  private static void failTheFirstAttempt() {
    if (JobContext.current().attempt() == 1) {
      throw new IllegalStateException("the first attempt ends here");
    }
  }

  @Test
  void anAttemptGoesOnWhereTheOneBeforeItFailed() {
    Durable0<String> fn =
        reseolio.durable(
            unique("three"),
            String.class,
            () -> {
              String first = does("charge") + ", " + does("ship");
              failTheFirstAttempt();
              return first + ", " + does("tell");
            },
            attempts(2));
    JobHandle<String> job = fn.call();
    assertEquals("charge of 1, ship of 2, tell of 3", job.result(SOON));
    assertEquals(List.of("charge", "ship", "tell"), done);
    assertEquals(List.of("charge:1", "ship:1", "tell:2"), recorded(job));
    JobStep charge = job.details().steps().get(0);
    assertEquals("\"charge of 1\"".length(), charge.resultBytes());
    assertFalse(charge.recordedAt().isBefore(job.details().createdAt()));
  }

  @Test
  void stepsOfOneNameAreTakenInTheirOrder() {
    Durable0<List<String>> fn =
        reseolio.durable(
            unique("repeated"),
            new TypeRef<List<String>>() {},
            () -> {
              List<String> parts = new ArrayList<>();
              for (int i = 0; i < 3; i++) {
                parts.add(does("part"));
                if (i == 1) {
                  failTheFirstAttempt();
                }
              }
              return parts;
            },
            attempts(2));
    JobHandle<List<String>> job = fn.call();
    assertEquals(List.of("part of 1", "part#2 of 2", "part#3 of 3"), job.result(SOON));
    assertEquals(List.of("part:1", "part#2:1", "part#3:2"), recorded(job));
  }

  @Test
  void stepsThatReturnNothingOrNullAreRecordedToo() {
    Durable0<String> fn =
        reseolio.durable(
            unique("nothing"),
            String.class,
            () -> {
              step("void", () -> done.add("void"));
              String none =
                  step(
                      "null",
                      String.class,
                      () -> {
                        done.add("null");
                        return null;
                      });
              failTheFirstAttempt();
              return "was " + none;
            },
            attempts(2));
    assertEquals("was null", fn.call().result(SOON));
    assertEquals(List.of("void", "null"), done);
  }

  @Test
  void theStepsOfManyJobsAreEachDoneOnce() {
    Map<String, Integer> bodies = new ConcurrentHashMap<>();
    try (Reseolio many = builder().concurrency(100).start()) {
      Durable1<Integer, Integer> fn =
          many.durable(
              unique("many"),
              Integer.class,
              Integer.class,
              in -> {
                int sum = 0;
                for (int i = 0; i < 5; i++) {
                  sum +=
                      step(
                          "add",
                          Integer.class,
                          context -> {
                            bodies.merge(context.idempotencyKey(), 1, Integer::sum);
                            return in;
                          });
                }
                return sum;
              });
      List<JobHandle<Integer>> jobs = new ArrayList<>();
      for (int i = 0; i < 200; i++) {
        jobs.add(fn.call(i));
      }
      for (int i = 0; i < 200; i++) {
        assertEquals(5 * i, jobs.get(i).result(LONG));
      }
    }
    assertEquals(1_000, bodies.size());
    assertEquals(1_000, bodies.values().stream().mapToInt(Integer::intValue).sum());
  }

  @Test
  void aStepWithMoreThanTheLimitFailsTheJobOnceAndIsNamed() {
    Durable0<String> fn =
        reseolio.durable(
            unique("large"),
            String.class,
            () -> {
              does("small");
              return step("big", String.class, () -> "x".repeat(5 << 20));
            },
            attempts(3));
    JobHandle<String> job = fn.call();
    JobFailedException e = assertThrows(JobFailedException.class, () -> job.result(SOON));
    assertEquals("PayloadTooLarge", e.type());
    assertEquals(1, e.attempts());
    assertTrue(String.valueOf(e.getMessage()).contains("step \"big\" has 5242882 bytes"));
    assertEquals(List.of("small:1"), recorded(job));
  }

  /// All pages of them.
  @Test
  void whatManyLargeStepsReturnedIsReadAgain() {
    Durable0<Integer> fn =
        reseolio.durable(
            unique("pages"),
            Integer.class,
            () -> {
              int bytes = 0;
              for (int i = 0; i < 12; i++) {
                bytes +=
                    step(
                            "megabytes",
                            String.class,
                            context -> {
                              doing(context);
                              return "x".repeat(3 << 20);
                            })
                        .length();
              }
              failTheFirstAttempt();
              return bytes;
            },
            attempts(2));
    assertEquals(36 << 20, fn.call().result(LONG));
    assertEquals(12, done.size());
  }

  @Test
  void cancellingInterruptsTheBodyAndItsStepIsNotRecorded() throws Exception {
    CountDownLatch running = new CountDownLatch(1);
    CountDownLatch interrupted = new CountDownLatch(1);
    Durable0<String> fn =
        reseolio.durable(
            unique("cancel"),
            String.class,
            () -> {
              does("before");
              step(
                  "stuck",
                  () -> {
                    running.countDown();
                    try {
                      new CountDownLatch(1).await();
                    } finally {
                      interrupted.countDown();
                    }
                  });
              return does("never");
            });
    JobHandle<String> job = fn.call();
    await(running);
    assertTrue(job.cancel());
    await(interrupted);
    assertThrows(JobCancelledException.class, () -> job.result(SOON));
    assertEquals(List.of("before"), done);
    assertEquals(List.of("before:1"), recorded(job));
  }

  @Test
  void aDeadJobThatIsRetriedGoesOnAtItsFirstUnfinishedStep() {
    AtomicBoolean repaired = new AtomicBoolean();
    Durable0<String> fn =
        reseolio.durable(
            unique("repair"),
            String.class,
            () ->
                does("first")
                    + ", "
                    + step(
                        "second",
                        String.class,
                        context -> {
                          if (!repaired.get()) {
                            throw new IllegalStateException("broken");
                          }
                          return doing(context);
                        }),
            attempts(1));
    JobHandle<String> job = fn.call();
    assertThrows(JobFailedException.class, () -> job.result(SOON));
    assertEquals(List.of("first:1"), recorded(job));
    repaired.set(true);
    assertTrue(job.retry());
    assertEquals("first of 1, second of 2", job.result(SOON));
    assertEquals(List.of("first:1", "second:2"), recorded(job));
  }

  /// The step during which it dies is done again: its result was not recorded.
  @Test
  void aKilledSidecarCostsAtMostTheStepUnderWay() {
    Durable0<String> fn =
        reseolio.durable(
            unique("sidecar"),
            String.class,
            () -> {
              String first = does("before");
              step(
                  "during",
                  context -> {
                    doing(context);
                    if (JobContext.current().attempt() == 1) {
                      ProcessHandle.current().children().forEach(ProcessHandle::destroyForcibly);
                    }
                  });
              return first + ", " + does("after");
            },
            attempts(1));
    JobHandle<String> job = fn.call();
    assertEquals("before of 1, after of 4", job.result(LONG));
    assertEquals(List.of("before", "during", "during", "after"), done);
    assertEquals(List.of("before:1", "during:2", "after:2"), recorded(job));
  }

  /// Another process, which is killed in its third step.
  public static final class Victim {
    private Victim() {}

    public static void main(String[] arguments) throws InterruptedException {
      Reseolio reseolio = Reseolio.builder().address(arguments[0]).start();
      reseolio.durable(
          arguments[1],
          String.class,
          flow(context -> {
            System.out.println(context.key());
            if (context.key().equals("tell")) {
              new CountDownLatch(1).await();
            }
            return context.key() + " there";
          }));
      new CountDownLatch(1).await();
    }
  }

  private static Handler0<String> flow(Steps.Body<String> body) {
    return () -> {
      List<String> results = new ArrayList<>();
      for (String name : List.of("charge", "ship", "tell", "close")) {
        results.add(step(name, String.class, body));
      }
      return String.join(", ", results);
    };
  }

  @Test
  void theJobOfAKilledProcessGoesOnInAnother() throws Exception {
    String address = where.addresses().stream().reduce((one, later) -> later).orElseThrow();
    String name = unique("process");
    Process victim =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                Victim.class.getName(),
                address,
                name)
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    try (Reseolio calls = Reseolio.builder().address(address).concurrency(0).start()) {
      JobHandle<String> job = calls.durable(name, String.class, () -> "never").call();
      BufferedReader said = victim.inputReader(StandardCharsets.UTF_8);
      assertEquals(
          "charge ship tell", said.readLine() + " " + said.readLine() + " " + said.readLine());
      victim.destroyForcibly();
      reseolio.durable(
          name,
          String.class,
          flow(context -> {
            done.add(context.key());
            return context.key() + " here";
          }));
      assertEquals("charge there, ship there, tell here, close here", job.result(SOON));
      assertEquals(List.of("tell", "close"), done);
      assertEquals(List.of("charge:1", "ship:1", "tell:2", "close:2"), recorded(job));
      assertEquals(
          List.of(JobAttempt.Outcome.WORKER_LOST, JobAttempt.Outcome.SUCCEEDED),
          job.details().attempts().stream().map(JobAttempt::outcome).toList());
    } finally {
      victim.destroyForcibly();
    }
  }
}
