package dev.reseolio.server.guard;

import com.google.protobuf.MessageLite;
import dev.reseolio.engine.job.EngineException;
import dev.reseolio.engine.job.Reason;
import dev.reseolio.proto.v1.EnqueueBatchRequest;
import dev.reseolio.proto.v1.EnqueueBatchResponse;
import dev.reseolio.proto.v1.EnqueueStreamRequest;
import dev.reseolio.proto.v1.EnqueueStreamResponse;
import dev.reseolio.proto.v1.JobServiceGrpc;
import dev.reseolio.proto.v1.WorkerServiceGrpc;
import dev.reseolio.server.rpc.RpcErrors;
import dev.reseolio.server.traffic.Connection;
import io.grpc.Attributes;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.ServerTransportFilter;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Bounds what answers take up while their clients do not read them. A connection without room is
/// refused new calls, before anything was done for them, and a batch on a stream that is open. A
/// single call that only reads is refused as well when its answer does not fit; one that changed
/// something is always answered: `overloaded` must mean that nothing was done. Its answer is short,
/// but for that of a batch, which needs its room before anything is done.
///
/// What is pushed to workers is counted for itself: those who do not read it must not keep clients
/// from their answers.
public final class AnswerInterceptor extends ServerTransportFilter implements ServerInterceptor {
  private static final Attributes.Key<Parts> PARTS = Attributes.Key.create("unread");

  private static final Set<String> READING =
      Set.of(
          JobServiceGrpc.getGetMethod().getFullMethodName(),
          JobServiceGrpc.getResultMethod().getFullMethodName(),
          JobServiceGrpc.getListMethod().getFullMethodName(),
          WorkerServiceGrpc.getListStepsMethod().getFullMethodName());

  private static final String WORK = WorkerServiceGrpc.getWorkMethod().getFullMethodName();

  /// Of the answer for one job of a batch, enqueued or refused, and of what is around them. What is
  /// more is counted when it is sent.
  private static final long RESULT_BYTES = 100;

  /// What gRPC puts before each message.
  private static final long PREFIX_BYTES = 5;

  private final Unread answers = new Unread();
  private final Unread pushes = new Unread();

  /// Of one connection.
  private record Parts(Unread.OfConnection answers, Unread.OfConnection pushes) {}

  @Override
  public Attributes transportReady(Attributes attributes) {
    var connection = Connection.read();
    var parts = new Parts(answers.connection(connection), pushes.connection(connection));
    return attributes.toBuilder().set(PARTS, parts).build();
  }

  /// Called with null for a connection that ended before its handshake.
  @Override
  public void transportTerminated(@Nullable Attributes attributes) {
    var parts = attributes == null ? null : attributes.get(PARTS);
    if (parts != null) {
      parts.answers.close();
      parts.pushes.close();
    }
  }

  @Override
  public <Q, A> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
    var method = call.getMethodDescriptor();
    var parts = Objects.requireNonNull(call.getAttributes().get(PARTS));
    if (method.getFullMethodName().equals(WORK)) {
      var pushed = new PushedCall<>(call, parts.pushes);
      return pushed.watching(next.startCall(pushed, headers));
    }
    var connection = parts.answers;
    if (!connection.hasRoom()) {
      refuse(call);
      return new ServerCall.Listener<>() {};
    }
    if (method.getType().serverSendsOneMessage()) {
      var answered = new AnsweredCall<>(call, connection);
      return answered.watching(next.startCall(answered, headers));
    }
    var streamed = new StreamedCall<>(call, connection);
    return streamed.watching(next.startCall(streamed, headers));
  }

  static boolean reads(ServerCall<?, ?> call) {
    return READING.contains(call.getMethodDescriptor().getFullMethodName());
  }

  static long bytes(Object answer) {
    return answer instanceof MessageLite message ? PREFIX_BYTES + message.getSerializedSize() : 0;
  }

  /// What is kept free for the answer to a batch, by the batch as by its answer.
  static long promised(Object message) {
    return switch (message) {
      case EnqueueBatchRequest batch -> promised(batch.getJobsCount());
      case EnqueueBatchResponse answer -> promised(answer.getResultsCount());
      case EnqueueStreamRequest batch -> promised(batch.getJobsCount());
      case EnqueueStreamResponse answer -> promised(answer.getResultsCount());
      default -> 0;
    };
  }

  private static long promised(int jobs) {
    return RESULT_BYTES * (1 + jobs);
  }

  static void refuse(ServerCall<?, ?> call) {
    RpcErrors.refuse(
        call,
        new EngineException(
            Reason.OVERLOADED,
            "%2$d MiB of answers wait on this connection to be read or made, or %1$d MiB on all; read them, make fewer or smaller calls at a time, or use WatchResults"
                .formatted(Unread.MOST_BYTES >> 20, Unread.MOST_BYTES_OF_ONE >> 20)));
  }
}
