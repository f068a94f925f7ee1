package dev.reseolio.server.security;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.google.protobuf.ByteString;
import dev.reseolio.proto.v1.EnqueueRequest;
import dev.reseolio.proto.v1.GetRequest;
import dev.reseolio.proto.v1.JobServiceGrpc;
import dev.reseolio.proto.v1.Lease;
import dev.reseolio.proto.v1.ListStepsRequest;
import dev.reseolio.proto.v1.Payload;
import dev.reseolio.proto.v1.RecordedStep;
import dev.reseolio.proto.v1.Step;
import dev.reseolio.proto.v1.Steps;
import dev.reseolio.proto.v1.WorkRequest;
import dev.reseolio.proto.v1.WorkResponse.MessageCase;
import dev.reseolio.proto.v1.WorkerServiceGrpc;
import dev.reseolio.server.access.Role;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Steps as a worker may send them that does not mean well.
@Timeout(60)
class StepsTest {
  @TempDir static Path dir;
  private static @Nullable Fortress fortress;
  private static String secret = "";
  private static int functions;

  private final ManagedChannel channel = Objects.requireNonNull(fortress).channel();
  private final String function = "steps:f" + ++functions;
  private final Wire wire = Wire.open(channel, secret, function);
  private final String session = wire.next(MessageCase.WELCOME).getWelcome().getSession();
  private final Lease lease = run();

  StepsTest() throws InterruptedException {}

  @BeforeAll
  static void start() throws Exception {
    fortress = Fortress.build(dir, "--max-payload=1MiB");
    secret = fortress.token(Set.of(Role.CLIENT, Role.WORKER));
  }

  @AfterAll
  static void stop() {
    Objects.requireNonNull(fortress).close();
  }

  private JobServiceGrpc.JobServiceBlockingStub jobs() {
    return JobServiceGrpc.newBlockingStub(channel).withCallCredentials(Fortress.bearer(secret));
  }

  private Lease run() throws InterruptedException {
    var asked = jobs().enqueue(EnqueueRequest.newBuilder().setFunction(function).build());
    assertFalse(asked.getJobId().isEmpty());
    return wire.next(MessageCase.RUNS).getRuns().getRuns(0).getLease();
  }

  private void record(String key, ByteString result) {
    var step =
        Step.newBuilder()
            .setLease(lease)
            .setKey(key)
            .setResult(Payload.newBuilder().setData(result));
    wire.send(WorkRequest.newBuilder().setSteps(Steps.newBuilder().addSteps(step)).build());
  }

  private Map<String, String> recorded(String by, Lease of) {
    Map<String, String> steps = new HashMap<>();
    String after = "";
    do {
      var page =
          WorkerServiceGrpc.newBlockingStub(channel)
              .withCallCredentials(Fortress.bearer(secret))
              .listSteps(
                  ListStepsRequest.newBuilder()
                      .setSession(by)
                      .setLease(of)
                      .setAfter(after)
                      .build());
      for (RecordedStep step : page.getStepsList()) {
        steps.put(step.getKey(), step.getResult().getData().toStringUtf8());
      }
      after = page.getNextAfter();
    } while (!after.isEmpty());
    return steps;
  }

  @Test
  void anyTextThatIsAKeyIsKeptAsItCame() throws Exception {
    Map<String, String> sent = new HashMap<>();
    for (String text : HostileTexts.all()) {
      int length = text.codePointCount(0, text.length());
      if (length >= 1 && length <= 255 && text.chars().noneMatch(Character::isISOControl)) {
        record(text, ByteString.copyFromUtf8(text));
        assertEquals(
            text, wire.next(MessageCase.STEPS_COMMITTED).getStepsCommitted().getSteps(0).getKey());
        sent.put(text, text);
      }
    }
    assertEquals(sent, recorded(session, lease));
    var job = jobs().get(GetRequest.newBuilder().setJobId(lease.getJobId()).build()).getJob();
    assertEquals(sent.size(), job.getStepsCount());
  }

  @Test
  void aKeyThatIsNoneEndsTheStream() throws Exception {
    record("a\nb", ByteString.EMPTY);
    assertEquals("invalid_argument", wire.refusal());
  }

  @Test
  void aResultThatIsTooLargeEndsTheStream() throws Exception {
    record("large", ByteString.copyFrom(new byte[(1 << 20) + 1]));
    assertEquals("payload_too_large", wire.refusal());
  }

  @Test
  void onlyTheHolderOfALeaseReadsItsSteps() throws Exception {
    record("a", ByteString.copyFromUtf8("secret"));
    wire.next(MessageCase.STEPS_COMMITTED);
    String other =
        Wire.open(channel, secret, function).next(MessageCase.WELCOME).getWelcome().getSession();
    refuses(other, lease);
    refuses("", lease);
    refuses(session, lease.toBuilder().setToken(lease.getToken() + 1).build());
    assertEquals(Map.of("a", "secret"), recorded(session, lease));
  }

  @Test
  void aPageBeginsAfterAKey() {
    var request = ListStepsRequest.newBuilder().setSession(session).setLease(lease).setAfter("a\0");
    var worker =
        WorkerServiceGrpc.newBlockingStub(channel).withCallCredentials(Fortress.bearer(secret));
    var refused =
        assertThrows(StatusRuntimeException.class, () -> worker.listSteps(request.build()));
    assertEquals("invalid_argument", Wire.reason(refused));
  }

  private void refuses(String by, Lease of) {
    var refused = assertThrows(StatusRuntimeException.class, () -> recorded(by, of));
    assertEquals(Status.Code.FAILED_PRECONDITION, refused.getStatus().getCode());
    assertEquals("lease_lost", Wire.reason(refused));
  }

  @Test
  void stepsOfOthersAreNotRecorded() throws Exception {
    var foreign = lease.toBuilder().setToken(lease.getToken() + 1);
    var step = Step.newBuilder().setLease(foreign).setKey("a");
    wire.send(WorkRequest.newBuilder().setSteps(Steps.newBuilder().addSteps(step)).build());
    assertEquals(foreign.build(), wire.next(MessageCase.LEASE_LOST).getLeaseLost().getLeases(0));
    assertEquals(Map.of(), recorded(session, lease));
  }
}
