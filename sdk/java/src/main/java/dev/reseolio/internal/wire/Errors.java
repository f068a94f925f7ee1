package dev.reseolio.internal.wire;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.reseolio.NotConnectedException;
import dev.reseolio.ReseolioException;
import dev.reseolio.proto.v1.ErrorDetail;
import io.grpc.Metadata;
import io.grpc.Status;
import org.jspecify.annotations.Nullable;

/// Failed calls, as the application sees them.
public final class Errors {
  private static final Metadata.Key<byte[]> DETAIL =
      Metadata.Key.of("reseolio-error-bin", Metadata.BINARY_BYTE_MARSHALLER);

  private Errors() {}

  /// The server's own verdict on the call; null when there is none, that is when the transport
  /// failed.
  public static @Nullable ErrorDetail detail(Throwable error) {
    Metadata trailers = Status.trailersFromThrowable(error);
    byte[] bytes = trailers == null ? null : trailers.get(DETAIL);
    if (bytes == null) {
      return null;
    }
    try {
      return ErrorDetail.parseFrom(bytes);
    } catch (InvalidProtocolBufferException e) {
      return null;
    }
  }

  /// True when the connection failed and the server said nothing: the call may be repeated if its
  /// effect may be.
  public static boolean connectionLost(Throwable error) {
    Status.Code code = Status.fromThrowable(error).getCode();
    return detail(error) == null
        && (code == Status.Code.UNAVAILABLE || code == Status.Code.CANCELLED);
  }

  /// True when the server refuses because it is going away: another one, or the next, may be asked.
  public static boolean shuttingDown(Throwable error) {
    ErrorDetail detail = detail(error);
    return detail != null && detail.getReason().equals("shutting_down");
  }

  /// True when the same call may succeed a little later; for calls that may be repeated.
  public static boolean passing(Throwable error) {
    ErrorDetail detail = detail(error);
    return switch (Status.fromThrowable(error).getCode()) {
      case UNAVAILABLE, DEADLINE_EXCEEDED -> true;
      case CANCELLED -> detail == null;
      default -> detail != null && detail.getReason().equals("overloaded");
    };
  }

  /// True when the server will go on refusing until somebody changes the token or its rights.
  public static boolean refused(Throwable error) {
    Status.Code code = Status.fromThrowable(error).getCode();
    return code == Status.Code.UNAUTHENTICATED || code == Status.Code.PERMISSION_DENIED;
  }

  public static ReseolioException of(Throwable error) {
    ErrorDetail detail = detail(error);
    return detail == null ? ofStatus(Status.fromThrowable(error), error) : of(detail, error);
  }

  public static ReseolioException of(ErrorDetail detail, @Nullable Throwable cause) {
    return new ReseolioException(detail.getReason(), detail.getMessage(), cause);
  }

  private static ReseolioException ofStatus(Status status, Throwable cause) {
    String text =
        status.getDescription() == null ? status.getCode().name() : status.getDescription();
    return switch (status.getCode()) {
      case UNAVAILABLE -> new NotConnectedException("The sidecar went away: " + text, cause);
      case DEADLINE_EXCEEDED ->
          new ReseolioException(
              "deadline_exceeded", "The sidecar did not answer in time: " + text, cause);
      case RESOURCE_EXHAUSTED ->
          new ReseolioException("payload_too_large", "The message is too large: " + text, cause);
      case UNIMPLEMENTED ->
          new ReseolioException(
              "unimplemented", "The sidecar is older than this SDK: " + text, cause);
      case UNAUTHENTICATED -> new ReseolioException("unauthenticated", text, cause);
      case PERMISSION_DENIED -> new ReseolioException("permission_denied", text, cause);
      default -> new ReseolioException("internal", text, cause);
    };
  }
}
