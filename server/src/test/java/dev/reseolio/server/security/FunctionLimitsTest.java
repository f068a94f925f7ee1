package dev.reseolio.server.security;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reseolio.proto.v1.Beat;
import dev.reseolio.proto.v1.CancelRequest;
import dev.reseolio.proto.v1.Complete;
import dev.reseolio.proto.v1.EnqueueBatchRequest;
import dev.reseolio.proto.v1.EnqueueRequest;
import dev.reseolio.proto.v1.EnqueueStreamRequest;
import dev.reseolio.proto.v1.EnqueueStreamResponse;
import dev.reseolio.proto.v1.Function;
import dev.reseolio.proto.v1.GetRequest;
import dev.reseolio.proto.v1.JobServiceGrpc;
import dev.reseolio.proto.v1.JobServiceGrpc.JobServiceBlockingStub;
import dev.reseolio.proto.v1.JobStatus;
import dev.reseolio.proto.v1.ListRequest;
import dev.reseolio.proto.v1.Outcome;
import dev.reseolio.proto.v1.Outcomes;
import dev.reseolio.proto.v1.Register;
import dev.reseolio.proto.v1.ResultRequest;
import dev.reseolio.proto.v1.RetryRequest;
import dev.reseolio.proto.v1.WatchResultsRequest;
import dev.reseolio.proto.v1.WatchResultsResponse;
import dev.reseolio.proto.v1.WorkRequest;
import dev.reseolio.proto.v1.WorkResponse.MessageCase;
import dev.reseolio.server.access.Role;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

/// Tokens that may touch only some functions, on every way there is to a job.
@Timeout(60)
class FunctionLimitsTest {
  private static final Set<Role> BOTH = Set.of(Role.CLIENT, Role.WORKER);
  @TempDir static Path dir;
  private static @Nullable Fortress fortress;
  private static String limited = "";
  private static String unlimited = "";

  @BeforeAll
  static void start() throws Exception {
    fortress = Fortress.build(dir);
    limited = fortress.token(BOTH, "billing:*");
    unlimited = fortress.token(BOTH);
  }

  @AfterAll
  static void stop() {
    Objects.requireNonNull(fortress).close();
  }

  private final ManagedChannel channel = Objects.requireNonNull(fortress).channel();
  private final JobServiceBlockingStub mine =
      JobServiceGrpc.newBlockingStub(channel).withCallCredentials(Fortress.bearer(limited));
  private final JobServiceBlockingStub all =
      JobServiceGrpc.newBlockingStub(channel).withCallCredentials(Fortress.bearer(unlimited));

  private static EnqueueRequest job(String function) {
    return EnqueueRequest.newBuilder().setFunction(function).build();
  }

  private static String refusal(Executable call) {
    return Wire.reason(assertThrows(StatusRuntimeException.class, call));
  }

  @Test
  void onlyItsOwnFunctionsAreEnqueued() {
    assertTrue(mine.enqueue(job("billing:charge")).getJobId().length() == 36);
    for (String other : new String[] {"mail:send", "Billing:charge", "billing", "a:billing:x"}) {
      assertEquals("permission_denied", refusal(() -> mine.enqueue(job(other))), other);
    }
  }

  @Test
  void eachElementOfABatchIsJudgedByItself() throws Exception {
    var batch =
        mine.enqueueBatch(
            EnqueueBatchRequest.newBuilder()
                .addJobs(job("billing:a"))
                .addJobs(job("mail:send"))
                .build());
    assertTrue(batch.getResults(0).hasEnqueued());
    assertEquals("permission_denied", batch.getResults(1).getError().getReason());
    var answer = new CompletableFuture<EnqueueStreamResponse>();
    var stream =
        JobServiceGrpc.newStub(channel)
            .withCallCredentials(Fortress.bearer(limited))
            .enqueueStream(first(answer::complete));
    stream.onNext(
        EnqueueStreamRequest.newBuilder()
            .setNumber(1)
            .addJobs(job("mail:send"))
            .addJobs(job("billing:b"))
            .build());
    var results = answer.get(20, TimeUnit.SECONDS);
    assertEquals("permission_denied", results.getResults(0).getError().getReason());
    assertTrue(results.getResults(1).hasEnqueued());
    stream.onCompleted();
  }

  private static <T> StreamObserver<T> first(Consumer<T> consumer) {
    return new StreamObserver<>() {
      @Override
      public void onNext(T answer) {
        consumer.accept(answer);
      }

      @Override
      public void onError(Throwable error) {}

      @Override
      public void onCompleted() {}
    };
  }

  @Test
  void jobsOfOthersDoNotExistForIt() throws Exception {
    String theirs = all.enqueue(job("mail:send")).getJobId();
    var get = GetRequest.newBuilder().setJobId(theirs).build();
    assertEquals("job_not_found", refusal(() -> mine.get(get)));
    var result = ResultRequest.newBuilder().setJobId(theirs).build();
    assertEquals("job_not_found", refusal(() -> mine.result(result)));
    var cancel = CancelRequest.newBuilder().setJobId(theirs).build();
    assertEquals("job_not_found", refusal(() -> mine.cancel(cancel)));
    assertEquals(JobStatus.JOB_STATUS_PENDING, all.get(get).getJob().getStatus());
    assertTrue(all.cancel(cancel).getAccepted());
    var retry = RetryRequest.newBuilder().setJobId(theirs).build();
    assertEquals("job_not_found", refusal(() -> mine.retry(retry)));
    assertEquals(JobStatus.JOB_STATUS_CANCELLED, all.get(get).getJob().getStatus());
    var answer = new CompletableFuture<WatchResultsResponse>();
    var watch =
        JobServiceGrpc.newStub(channel)
            .withCallCredentials(Fortress.bearer(limited))
            .watchResults(first(answer::complete));
    watch.onNext(WatchResultsRequest.newBuilder().addJobIds(theirs).build());
    assertEquals(theirs, answer.get(20, TimeUnit.SECONDS).getUnknownJobIds(0));
    watch.onCompleted();
  }

  @Test
  void itListsOnlyAFunctionOfItsOwn() {
    String own = mine.enqueue(job("billing:list")).getJobId();
    var request = ListRequest.newBuilder().setFunction("billing:list").build();
    assertEquals(own, mine.list(request).getJobs(0).getId());
    assertEquals("permission_denied", refusal(() -> mine.list(ListRequest.getDefaultInstance())));
    var others = ListRequest.newBuilder().setFunction("mail:send").build();
    assertEquals("permission_denied", refusal(() -> mine.list(others)));
  }

  @Test
  void aWorkerOffersOnlyItsOwnFunctions() throws Exception {
    assertEquals(
        "permission_denied", Wire.open(channel, limited, "billing:a", "mail:send").refusal());
    var wire = Wire.open(channel, limited, "billing:a");
    wire.next(MessageCase.WELCOME);
    wire.send(
        WorkRequest.newBuilder()
            .setRegister(
                Register.newBuilder().addFunctions(Function.newBuilder().setName("mail:send")))
            .build());
    assertEquals("permission_denied", wire.refusal());
  }

  @Test
  void aStreamEndsWithItsNextMessageOnceItsTokenIsWithdrawn(@TempDir Path other) throws Exception {
    try (var castle = Fortress.build(other)) {
      String old = castle.token(BOTH);
      var wire = Wire.open(castle.channel(), old, "billing:a");
      wire.next(MessageCase.WELCOME);
      castle.forgetAllTokens();
      var beat = WorkRequest.newBuilder().setBeat(Beat.getDefaultInstance()).build();
      assertEquals("unauthenticated", wire.refusalOf(beat));
    }
  }

  @Test
  void aWorkerCompletesNoLeaseOfAnotherSession() throws Exception {
    var owner = Wire.open(channel, unlimited, "billing:leased");
    owner.next(MessageCase.WELCOME);
    String id = mine.enqueue(job("billing:leased")).getJobId();
    var lease = owner.next(MessageCase.RUNS).getRuns().getRuns(0).getLease();
    var done =
        WorkRequest.newBuilder()
            .setOutcomes(
                Outcomes.newBuilder()
                    .addOutcomes(
                        Outcome.newBuilder()
                            .setLease(lease)
                            .setComplete(Complete.getDefaultInstance())))
            .build();
    var thief = Wire.open(channel, unlimited, "mail:other");
    thief.next(MessageCase.WELCOME);
    thief.send(done);
    assertEquals(lease, thief.next(MessageCase.LEASE_LOST).getLeaseLost().getLeases(0));
    var get = GetRequest.newBuilder().setJobId(id).build();
    assertEquals(JobStatus.JOB_STATUS_RUNNING, mine.get(get).getJob().getStatus());
    owner.send(done);
    assertEquals(
        JobStatus.JOB_STATUS_SUCCEEDED,
        mine.result(ResultRequest.newBuilder().setJobId(id).build()).getResult().getStatus());
  }
}
