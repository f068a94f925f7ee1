package dev.reseolio.server.rpc;

import dev.reseolio.engine.job.EngineException;
import dev.reseolio.engine.job.Reason;
import dev.reseolio.proto.v1.ErrorDetail;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.ProtoUtils;
import java.util.concurrent.CompletionException;

/// Failures as gRPC statuses with the trailer `reseolio-error-bin`. What is not expected becomes
/// `internal`, without a word of what happened.
public final class RpcErrors {
  private static final System.Logger LOG = System.getLogger(RpcErrors.class.getName());
  private static final Metadata.Key<ErrorDetail> DETAIL =
      Metadata.Key.of(
          "reseolio-error-bin", ProtoUtils.metadataMarshaller(ErrorDetail.getDefaultInstance()));

  private RpcErrors() {}

  public static StatusRuntimeException status(Throwable failure) {
    EngineException known = known(failure);
    Metadata trailers = new Metadata();
    trailers.put(DETAIL, detail(known));
    return status(known.reason()).withDescription(known.getMessage()).asRuntimeException(trailers);
  }

  /// Ends the call with a failure.
  public static void refuse(ServerCall<?, ?> call, Throwable why) {
    StatusRuntimeException status = status(why);
    Metadata trailers = status.getTrailers();
    call.close(status.getStatus(), trailers == null ? new Metadata() : trailers);
  }

  static ErrorDetail detail(Throwable failure) {
    EngineException known = known(failure);
    ErrorDetail.Builder detail =
        ErrorDetail.newBuilder()
            .setReason(known.reason().code())
            .setMessage(String.valueOf(known.getMessage()));
    if (known.field() != null) {
      detail.setField(known.field());
    }
    return detail.build();
  }

  private static EngineException known(Throwable failure) {
    if (failure instanceof EngineException expected) {
      return expected;
    }
    if (failure instanceof CompletionException wrapper && wrapper.getCause() != null) {
      return known(wrapper.getCause());
    }
    LOG.log(System.Logger.Level.ERROR, "a call failed for a reason that is a bug", failure);
    return new EngineException(
        Reason.INTERNAL, "the sidecar failed to carry out the call; its log says why");
  }

  private static Status status(Reason reason) {
    return switch (reason) {
      case INVALID_ARGUMENT -> Status.INVALID_ARGUMENT;
      case UNAUTHENTICATED -> Status.UNAUTHENTICATED;
      case PERMISSION_DENIED -> Status.PERMISSION_DENIED;
      case PAYLOAD_TOO_LARGE, OVERLOADED -> Status.RESOURCE_EXHAUSTED;
      case JOB_NOT_FOUND -> Status.NOT_FOUND;
      case STORAGE_UNAVAILABLE, SHUTTING_DOWN -> Status.UNAVAILABLE;
      case LEASE_LOST -> Status.FAILED_PRECONDITION;
      case OUTCOME_UNKNOWN -> Status.ABORTED;
      case INTERNAL -> Status.INTERNAL;
    };
  }
}
