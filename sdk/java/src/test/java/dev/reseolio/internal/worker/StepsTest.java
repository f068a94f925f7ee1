package dev.reseolio.internal.worker;

import static dev.reseolio.Steps.step;
import static dev.reseolio.internal.worker.PlayedServer.json;
import static dev.reseolio.internal.worker.PlayedServer.lease;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reseolio.FunctionOptions;
import dev.reseolio.JacksonCodec;
import dev.reseolio.ReseolioException;
import dev.reseolio.StepContext;
import dev.reseolio.TypeRef;
import dev.reseolio.internal.Listeners;
import dev.reseolio.internal.Threads;
import dev.reseolio.internal.Timer;
import dev.reseolio.internal.wire.Payloads;
import dev.reseolio.proto.v1.Cancel;
import dev.reseolio.proto.v1.CancelReason;
import dev.reseolio.proto.v1.Fail;
import dev.reseolio.proto.v1.LeaseLost;
import dev.reseolio.proto.v1.ListStepsResponse;
import dev.reseolio.proto.v1.Outcome;
import dev.reseolio.proto.v1.RecordedStep;
import dev.reseolio.proto.v1.Step;
import dev.reseolio.proto.v1.WorkResponse;
import io.grpc.Status;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.function.Executable;

@Timeout(30)
class StepsTest {
  private static final String FN = "test:steps";

  private final List<String> done = new CopyOnWriteArrayList<>();
  private final BlockingQueue<Throwable> thrown = new LinkedBlockingQueue<>();
  private final PlayedServer server = new PlayedServer();
  private final Timer timer = new Timer();
  private final Executor threads = Threads.handlers();
  private final Worker worker =
      Worker.create(
          10, new Payloads(new JacksonCodec()), new Listeners(List.of(), threads), threads, timer);

  StepsTest() throws IOException {}

  /// Welcomes a worker that offers the handler.
  private PlayedServer.Stream offer(Handler handler) throws InterruptedException {
    worker.register(
        new FunctionDefinition(
            FN, List.of(), arguments -> handler.handle(), FunctionOptions.defaults()));
    worker.up(server.channel);
    PlayedServer.Stream stream = server.stream();
    assertTrue(stream.next().hasHello());
    stream.welcome(false);
    return stream;
  }

  private interface Handler {
    @Nullable Object handle() throws Exception;
  }

  /// What it throws can be asked for by [#thrown()].
  private Handler keepingErrors(Handler handler) {
    return () -> {
      try {
        return handler.handle();
      } catch (Exception e) {
        thrown.add(e);
        throw e;
      }
    };
  }

  private ReseolioException thrown() throws InterruptedException {
    Throwable error = thrown.poll(10, TimeUnit.SECONDS);
    return assertInstanceOf(ReseolioException.class, error);
  }

  @AfterEach
  void stop() {
    worker.close(Duration.ZERO);
    server.close();
    timer.close();
  }

  private String did(StepContext context) {
    done.add(context.idempotencyKey());
    return context.key();
  }

  @Test
  void eachStepWaitsForItsCommitAndTheSameNameIsNumbered() throws Exception {
    PlayedServer.Stream stream =
        offer(() -> {
          String first = step("a", String.class, this::did);
          step("b", context -> done.add(context.key()));
          return first + step("a", String.class, this::did);
        });
    stream.run(FN, lease("j", 1));
    Step a = stream.step();
    assertEquals("a", a.getKey());
    assertEquals(lease("j", 1), a.getLease());
    assertEquals(json("\"a\""), a.getResult());
    assertEquals(List.of("j/a"), done);
    stream.committed(a);
    Step b = stream.step();
    assertEquals("b", b.getKey());
    assertFalse(b.hasResult());
    stream.committed(b);
    Step again = stream.step();
    assertEquals("a#2", again.getKey());
    assertEquals(List.of("j/a", "b", "j/a#2"), done);
    stream.committed(a);
    stream.committed(again);
    assertEquals(json("\"aa#2\""), stream.outcome().getComplete().getResult());
    assertTrue(server.questions.isEmpty(), "of a first attempt nothing is recorded");
  }

  @Test
  void theExecutionThatRunsABodySeesTheValueLaterOnesWillSee() throws Exception {
    PlayedServer.Stream stream =
        offer(() -> step("n", Object.class, () -> 1L).getClass().getSimpleName());
    stream.run(FN, lease("j", 1));
    stream.committed(stream.step());
    assertEquals(json("\"Integer\""), stream.outcome().getComplete().getResult());
  }

  @Test
  void recordedStepsAreAskedForOnceAndNotRunAgain() throws Exception {
    server.answers.add(reply -> reply.onError(Status.UNAVAILABLE.asRuntimeException()));
    server.answers.add(reply -> {
      reply.onNext(
          ListStepsResponse.newBuilder()
              .addSteps(RecordedStep.newBuilder().setKey("a").setResult(json("[1]")))
              .setNextAfter("a")
              .build());
      reply.onCompleted();
    });
    server.answers.add(reply -> {
      reply.onNext(
          ListStepsResponse.newBuilder()
              .addSteps(RecordedStep.newBuilder().setKey("a#2").setResult(json("[2]")))
              .addSteps(RecordedStep.newBuilder().setKey("b"))
              .build());
      reply.onCompleted();
    });
    TypeRef<List<Integer>> list = new TypeRef<>() {};
    PlayedServer.Stream stream =
        offer(() -> {
          int one = step("a", list, () -> List.of(-1)).get(0);
          step("b", () -> done.add("b"));
          String fresh = step("fresh", String.class, this::did);
          return one + step("a", list, () -> List.of(-2)).get(0) + fresh;
        });
    stream.run(FN, lease("j", 2));
    Step fresh = stream.step();
    assertEquals("fresh", fresh.getKey());
    stream.committed(fresh);
    assertEquals(json("\"3fresh\""), stream.outcome().getComplete().getResult());
    assertEquals(List.of("j/fresh"), done);
    assertEquals(
        List.of("", "", "a"), server.questions.stream().map(asked -> asked.getAfter()).toList());
    assertEquals("s1", server.questions.element().getSession());
    assertEquals(lease("j", 2), server.questions.element().getLease());
  }

  @Test
  void aServerThatRefusesToListTheStepsFailsTheStep() throws Exception {
    server.answers.add(reply -> reply.onError(Status.FAILED_PRECONDITION.asRuntimeException()));
    PlayedServer.Stream stream = offer(keepingErrors(() -> step("a", String.class, this::did)));
    stream.run(FN, lease("j", 2));
    assertTrue(stream.outcome().hasFail());
    assertEquals("internal", thrown().code());
    assertEquals(List.of(), done);
  }

  @Test
  void whatABodyThrowsIsThrownAndNotRecorded() throws Exception {
    PlayedServer.Stream stream =
        offer(() -> {
          try {
            return step("a", String.class, () -> failing());
          } catch (IOException e) {
            return step("b", String.class, this::did);
          }
        });
    stream.run(FN, lease("j", 1));
    Step b = stream.step();
    assertEquals("b", b.getKey());
    stream.committed(b);
    assertTrue(stream.outcome().hasComplete());
  }

  private static String failing() throws IOException {
    throw new IOException("no");
  }

  @Test
  void whatIsNotCommittedIsSentAgainWhenTheSessionIsResumed() throws Exception {
    PlayedServer.Stream stream = offer(() -> step("a", String.class, this::did));
    stream.run(FN, lease("j", 1));
    Step a = stream.step();
    stream.breakOff();
    PlayedServer.Stream next = server.stream();
    assertEquals(List.of(lease("j", 1)), next.next().getHello().getResume().getLeasesList());
    next.welcome(true);
    assertEquals(a, next.step());
    next.committed(a);
    assertTrue(next.outcome().hasComplete());
    assertEquals(List.of("j/a"), done);
  }

  @Test
  void aLostLeaseEndsTheWait() throws Exception {
    PlayedServer.Stream stream = offer(keepingErrors(() -> step("a", String.class, this::did)));
    stream.run(FN, lease("j", 1));
    stream.step();
    stream.say(
        WorkResponse.newBuilder().setLeaseLost(LeaseLost.newBuilder().addLeases(lease("j", 1))));
    assertEquals("interrupted", thrown().code());
    worker.close(Duration.ofSeconds(10));
    assertTrue(stream.next().hasDrain(), "nothing is reported of what is lost");
  }

  @Test
  void aCancelledHandlerRecordsWhatItDidAndBeginsNoOtherStep() throws Exception {
    CountDownLatch inside = new CountDownLatch(1);
    PlayedServer.Stream stream =
        offer(
            keepingErrors(() -> {
              try {
                step("a", () -> untilInterrupted(inside));
              } finally {
                assertThrows(ReseolioException.class, () -> step("b", () -> done.add("b")));
              }
              return null;
            }));
    stream.run(FN, lease("j", 1));
    inside.await();
    stream.say(
        WorkResponse.newBuilder()
            .setCancel(
                Cancel.newBuilder()
                    .setLease(lease("j", 1))
                    .setReason(CancelReason.CANCEL_REASON_REQUESTED)));
    ReseolioException e = thrown();
    assertEquals("interrupted", e.code());
    assertTrue(String.valueOf(e.getMessage()).contains("cancelled"), e.getMessage());
    assertEquals("a", stream.step().getKey());
    Outcome outcome = stream.outcome();
    assertTrue(outcome.getFail().getCancelled());
    assertEquals(List.of(), done);
  }

  @SuppressWarnings("InterruptedExceptionSwallowed") // a body that ends its work nevertheless
  private static void untilInterrupted(CountDownLatch inside) {
    inside.countDown();
    try {
      new CountDownLatch(1).await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void aResultOverTheLimitOrOfAnotherTypeIsNotRetried() throws Exception {
    server.answers.add(reply -> {
      reply.onNext(
          ListStepsResponse.newBuilder()
              .addSteps(RecordedStep.newBuilder().setKey("a").setResult(json("\"text\"")))
              .build());
      reply.onCompleted();
    });
    PlayedServer.Stream stream =
        offer(() -> {
          int number = step("a", int.class, () -> 1);
          return step("big", String.class, () -> "x".repeat(100 * number));
        });
    stream.run(FN, lease("j", 1));
    stream.committed(stream.step());
    Fail tooLarge = stream.outcome().getFail();
    assertTrue(tooLarge.getNonRetryable());
    assertEquals("PayloadTooLarge", tooLarge.getError().getType());
    assertEquals(
        "The result of step \"big\" has 102 bytes, but the limit is 100; "
            + "return less, or raise the limit of the server",
        tooLarge.getError().getMessage());
    stream.run(FN, lease("j", 2));
    Fail mismatch = stream.outcome().getFail();
    assertTrue(mismatch.getNonRetryable());
    assertEquals("PayloadMismatch", mismatch.getError().getType());
    assertTrue(
        mismatch.getError().getMessage().startsWith("The result of step \"a\" cannot be read: "),
        mismatch.getError().getMessage());
  }

  @Test
  void namesThatNoKeyCanBeMadeOfAreRefused() throws Exception {
    refused("has 0", () -> step("", () -> {}));
    refused("has 256", () -> step("n".repeat(256), () -> {}));
    refused("'#', but \"a#2\"", () -> step("a#2", () -> {}));
    refused("surrogate pair, but \"a\\u000a\"", () -> step("a\n", () -> {}));
    refused("surrogate pair, but \"a\\ud83d\"", () -> step("a\ud83d", () -> {}));
    String longest = "😀".repeat(255);
    PlayedServer.Stream stream =
        offer(() -> {
          step(longest, () -> {});
          refused("has 257", () -> step(longest, () -> {}));
          return null;
        });
    stream.run(FN, lease("j", 1));
    Step step = stream.step();
    assertEquals(longest, step.getKey());
    stream.committed(step);
    Outcome end = stream.outcome();
    assertTrue(end.hasComplete(), end.toString());
    assertEquals(List.of(), done);
  }

  @Test
  void aStepInsideAStepIsRefused() throws Exception {
    PlayedServer.Stream stream =
        offer(
            keepingErrors(
                () -> step("out", String.class, () -> step("in", String.class, () -> ""))));
    stream.run(FN, lease("j", 1));
    assertTrue(stream.outcome().hasFail());
    ReseolioException e = thrown();
    assertEquals("nested_step", e.code());
    assertEquals(
        "Steps do not nest, but \"in\" was called by the body of \"out\"; call it before or after",
        e.getMessage());
  }

  private static void refused(String words, Executable code) {
    ReseolioException e = assertThrows(ReseolioException.class, code);
    assertEquals("invalid_argument", e.code());
    assertTrue(String.valueOf(e.getMessage()).contains(words), e.getMessage());
  }

  @Test
  void outsideAHandlerABodyJustRuns() throws Exception {
    assertEquals("a", step("a", String.class, this::did));
    assertEquals("a", step("a", String.class, this::did));
    assertEquals(2, done.stream().distinct().filter(key -> key.matches("[-0-9a-f]{36}/a")).count());
  }
}
