package dev.reseolio.server.guard;

import com.google.protobuf.MessageLite;
import dev.reseolio.engine.job.EngineException;
import dev.reseolio.engine.job.Reason;
import dev.reseolio.proto.v1.JobServiceGrpc;
import dev.reseolio.server.rpc.RpcErrors;
import io.grpc.Attributes;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.ServerTransportFilter;
import java.util.Objects;
import java.util.Set;

/// Bounds what answers to single calls take up while their clients do not read them. A connection
/// without room is refused new calls, before anything was done for them. A call that only reads is
/// refused as well when its answer does not fit; one that changed something is always answered:
/// `overloaded` must mean that nothing was done. Its answer is short, but for that of a large
/// `EnqueueBatch`. What streams send is not counted here.
public final class AnswerInterceptor extends ServerTransportFilter implements ServerInterceptor {
  private static final Attributes.Key<UnreadAnswers.OfConnection> UNREAD =
      Attributes.Key.create("unread-answers");

  private static final Set<String> READING =
      Set.of(
          JobServiceGrpc.getGetMethod().getFullMethodName(),
          JobServiceGrpc.getResultMethod().getFullMethodName(),
          JobServiceGrpc.getListMethod().getFullMethodName());

  private final UnreadAnswers unread = new UnreadAnswers();

  @Override
  public Attributes transportReady(Attributes attributes) {
    return attributes.toBuilder().set(UNREAD, unread.connection()).build();
  }

  @Override
  public <Q, A> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
    if (!call.getMethodDescriptor().getType().serverSendsOneMessage()) {
      return next.startCall(call, headers);
    }
    var connection = Objects.requireNonNull(call.getAttributes().get(UNREAD));
    if (!connection.hasRoom()) {
      refuse(call);
      return new ServerCall.Listener<>() {};
    }
    var answered = new AnsweredCall<>(call, connection);
    return answered.watching(next.startCall(answered, headers));
  }

  static boolean reads(ServerCall<?, ?> call) {
    return READING.contains(call.getMethodDescriptor().getFullMethodName());
  }

  static long bytes(Object answer) {
    return answer instanceof MessageLite message ? message.getSerializedSize() : 0;
  }

  static void refuse(ServerCall<?, ?> call) {
    var refusal =
        RpcErrors.status(
            new EngineException(
                Reason.OVERLOADED,
                "%2$d MiB of answers wait to be read on this connection, or %1$d MiB on all; read them, make fewer calls at a time, or use WatchResults"
                    .formatted(
                        UnreadAnswers.MOST_BYTES >> 20, UnreadAnswers.MOST_BYTES_OF_ONE >> 20)));
    call.close(refusal.getStatus(), TokenInterceptor.trailers(refusal));
  }
}
