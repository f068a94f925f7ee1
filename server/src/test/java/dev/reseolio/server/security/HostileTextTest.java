package dev.reseolio.server.security;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.Message;
import dev.reseolio.proto.v1.BeatRequest;
import dev.reseolio.proto.v1.CancelRequest;
import dev.reseolio.proto.v1.EnqueueBatchRequest;
import dev.reseolio.proto.v1.EnqueueRequest;
import dev.reseolio.proto.v1.EnqueueStreamRequest;
import dev.reseolio.proto.v1.Fail;
import dev.reseolio.proto.v1.GetRequest;
import dev.reseolio.proto.v1.JobError;
import dev.reseolio.proto.v1.JobServiceGrpc;
import dev.reseolio.proto.v1.JobStatus;
import dev.reseolio.proto.v1.ListRequest;
import dev.reseolio.proto.v1.ListStepsRequest;
import dev.reseolio.proto.v1.Outcome;
import dev.reseolio.proto.v1.Outcomes;
import dev.reseolio.proto.v1.ResultRequest;
import dev.reseolio.proto.v1.RetryRequest;
import dev.reseolio.proto.v1.WatchResultsRequest;
import dev.reseolio.proto.v1.WorkRequest;
import dev.reseolio.proto.v1.WorkResponse;
import dev.reseolio.server.access.Role;
import dev.reseolio.server.config.LogFormat;
import dev.reseolio.server.log.Logs;
import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import java.io.ByteArrayOutputStream;
import java.lang.System.Logger.Level;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Hostile texts in every string field of every request, against a real sidecar and PostgreSQL.
/// What they left in the log and in the metrics is looked at once all are through.
@Timeout(300)
class HostileTextTest {
  private static final String JOBS = "reseolio.v1.JobService/";
  private static final String UNSAFE = "(?s).*[\\p{Cntrl}\u0080-\u009f\u2028\u2029\\p{Cf}].*";

  /// Answers that are about what was sent, not about the server.
  private static final Set<Status.Code> TYPED =
      EnumSet.of(
          Status.Code.OK,
          Status.Code.INVALID_ARGUMENT,
          Status.Code.NOT_FOUND,
          Status.Code.RESOURCE_EXHAUSTED,
          // A result that is not there yet is waited for until the call ends.
          Status.Code.CANCELLED);

  private static final Map<String, Message> REQUESTS =
      Map.ofEntries(
          Map.entry(JOBS + "Enqueue", EnqueueRequest.getDefaultInstance()),
          Map.entry(JOBS + "EnqueueBatch", EnqueueBatchRequest.getDefaultInstance()),
          Map.entry(JOBS + "EnqueueStream", EnqueueStreamRequest.getDefaultInstance()),
          Map.entry(JOBS + "Get", GetRequest.getDefaultInstance()),
          Map.entry(JOBS + "Result", ResultRequest.getDefaultInstance()),
          Map.entry(JOBS + "WatchResults", WatchResultsRequest.getDefaultInstance()),
          Map.entry(JOBS + "List", ListRequest.getDefaultInstance()),
          Map.entry(JOBS + "Cancel", CancelRequest.getDefaultInstance()),
          Map.entry(JOBS + "Retry", RetryRequest.getDefaultInstance()),
          Map.entry("reseolio.v1.WorkerService/Work", WorkRequest.getDefaultInstance()),
          Map.entry("reseolio.v1.WorkerService/Beat", BeatRequest.getDefaultInstance()),
          Map.entry("reseolio.v1.WorkerService/ListSteps", ListStepsRequest.getDefaultInstance()));

  @TempDir static Path dir;
  private static final ByteArrayOutputStream LOG = new ByteArrayOutputStream();
  private static @Nullable Fortress fortress;
  private static @Nullable ManagedChannel channel;
  private static String secret = "";

  @BeforeAll
  static void start() throws Exception {
    Logs.install(Level.INFO, LogFormat.JSON, LOG);
    fortress = Fortress.build(dir);
    secret = fortress.token(Set.of(Role.values()));
    channel = fortress.channel();
  }

  @AfterAll
  static void theLogAndTheMetricsAreSound() throws Exception {
    var metrics = metrics();
    fort().close();
    Logs.install(Level.WARNING, LogFormat.TEXT, System.err);
    var lines = LOG.toString(StandardCharsets.UTF_8).split("\n", -1);
    assertTrue(lines.length > 10, "there should be something to look at");
    for (String line : lines) {
      assertFalse(line.matches(UNSAFE), () -> "a control character is in: " + line);
      assertTrue(
          line.isEmpty() || line.startsWith("{\"time\":\"20"), () -> "a forged line: " + line);
      assertFalse(line.contains("\"level\":\"ERROR\",\"logger\""), line);
      assertFalse(line.contains("syntax error"), line);
    }
    var names = new HashSet<String>();
    metrics.lines().filter(line -> !line.startsWith("#")).forEach(line -> names.add(line));
    assertTrue(names.size() < 200, () -> names.size() + " series");
  }

  private static String metrics() throws Exception {
    var request =
        HttpRequest.newBuilder(
                URI.create("http://127.0.0.1:%d/metrics".formatted(fort().httpPort())))
            .header("Authorization", "Bearer " + secret)
            .build();
    try (var client = HttpClient.newHttpClient()) {
      return client.send(request, BodyHandlers.ofString()).body();
    }
  }

  private static Fortress fort() {
    return Objects.requireNonNull(fortress);
  }

  @TestFactory
  Stream<DynamicTest> everyStringFieldOfEveryRequest() throws Exception {
    var options = CallOptions.DEFAULT.withCallCredentials(Fortress.bearer(secret));
    var calls =
        AnyCall.all(Objects.requireNonNull(channel), options).stream()
            .filter(call -> call.name().startsWith("reseolio."))
            .toList();
    assertEquals(
        REQUESTS.keySet(),
        Set.copyOf(calls.stream().map(AnyCall::name).toList()),
        "a request of each method is needed here");
    return calls.stream().flatMap(call -> tests(call, options));
  }

  private static Stream<DynamicTest> tests(AnyCall call, CallOptions options) {
    var good = good(Objects.requireNonNull(REQUESTS.get(call.name())));
    return StringFields.of(good.getDescriptorForType()).paths().stream()
        .map(path ->
            DynamicTest.dynamicTest(
                call + " " + StringFields.name(path), () -> attack(call, options, good, path)));
  }

  /// What a worker says of a failed job is shown to others: as text, and nothing but.
  @Test
  void errorsOfWorkersAreKeptAsTheyCame() throws Exception {
    var jobs =
        JobServiceGrpc.newBlockingStub(Objects.requireNonNull(channel))
            .withCallCredentials(Fortress.bearer(secret));
    var wire = Wire.open(Objects.requireNonNull(channel), secret, "hostile:fails");
    wire.next(WorkResponse.MessageCase.WELCOME);
    for (String text : HostileTexts.all()) {
      String id =
          jobs.enqueue(EnqueueRequest.newBuilder().setFunction("hostile:fails").build()).getJobId();
      var lease = wire.next(WorkResponse.MessageCase.RUNS).getRuns().getRuns(0).getLease();
      var error = JobError.newBuilder().setType(text).setMessage(text).setStack(text);
      wire.send(
          WorkRequest.newBuilder()
              .setOutcomes(
                  Outcomes.newBuilder()
                      .addOutcomes(
                          Outcome.newBuilder()
                              .setLease(lease)
                              .setFail(Fail.newBuilder().setNonRetryable(true).setError(error))))
              .build());
      var end = jobs.result(ResultRequest.newBuilder().setJobId(id).build()).getResult();
      assertEquals(JobStatus.JOB_STATUS_DEAD, end.getStatus());
      String kept = end.getError().getMessage();
      assertTrue(
          kept.equals(text.replace('\0', '\uFFFD'))
              || (kept.length() <= 8192 && text.length() > 8192),
          () -> text + " became " + kept);
    }
  }

  /// As dynamic messages, so that what lies on the way to a field can be made.
  private static Message good(Message kind) throws RuntimeException {
    var message = DynamicMessage.newBuilder(kind.getDescriptorForType());
    for (FieldDescriptor field : kind.getDescriptorForType().getFields()) {
      if (field.getName().equals("function")) {
        message.setField(field, "hostile:text");
      }
      if (field.getName().equals("wait")) {
        message.setField(field, DynamicMessage.getDefaultInstance(field.getMessageType()));
      }
    }
    return message.build();
  }

  private static void attack(
      AnyCall call, CallOptions options, Message good, List<FieldDescriptor> path)
      throws Exception {
    for (String text : HostileTexts.all()) {
      var message = StringFields.with(good, path, text);
      Status status = call.call(Objects.requireNonNull(channel), options, message.toByteArray());
      String said = String.valueOf(status.getDescription());
      assertTrue(TYPED.contains(status.getCode()), () -> status + " for " + text);
      assertFalse(said.contains("SQLSTATE") || said.contains("PSQL"), said);
    }
  }
}
