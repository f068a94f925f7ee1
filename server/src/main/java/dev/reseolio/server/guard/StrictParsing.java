package dev.reseolio.server.guard;

import com.google.protobuf.MessageLite;
import dev.reseolio.engine.job.EngineException;
import dev.reseolio.engine.job.Reason;
import dev.reseolio.server.rpc.RpcErrors;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.PrototypeMarshaller;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerMethodDefinition;
import io.grpc.ServerServiceDefinition;
import io.grpc.ServiceDescriptor;
import io.grpc.StatusRuntimeException;
import java.io.InputStream;
import java.util.Objects;

/// Answers a message that is no protobuf with `invalid_argument`. Left to itself, grpc-java ends
/// such a call as UNKNOWN and logs a stack for it, so that anybody could fill the log.
public final class StrictParsing {
  private StrictParsing() {}

  public static ServerServiceDefinition of(ServerServiceDefinition service) {
    var methods = service.getMethods().stream().map(method -> Strict.of(method)).toList();
    var descriptor =
        ServiceDescriptor.newBuilder(service.getServiceDescriptor().getName())
            .setSchemaDescriptor(service.getServiceDescriptor().getSchemaDescriptor());
    methods.forEach(method -> descriptor.addMethod(method.descriptor()));
    var strict = ServerServiceDefinition.builder(descriptor.build());
    methods.forEach(method -> method.addTo(strict));
    return strict.build();
  }

  /// One method.
  private record Strict<Q, A>(MethodDescriptor<Q, A> descriptor, ServerCallHandler<Q, A> handler) {
    static <Q, A> Strict<Q, A> of(ServerMethodDefinition<Q, A> method) {
      var lax = method.getMethodDescriptor();
      if (!(lax.getRequestMarshaller() instanceof PrototypeMarshaller<Q> requests)) {
        return new Strict<>(lax, method.getServerCallHandler());
      }
      var marshaller = new Lenient<>(requests);
      return new Strict<>(
          lax.toBuilder().setRequestMarshaller(marshaller).build(),
          (call, headers) ->
              refusing(call, marshaller, method.getServerCallHandler().startCall(call, headers)));
    }

    void addTo(ServerServiceDefinition.Builder service) {
      service.addMethod(descriptor, handler);
    }
  }

  private static <Q, A> ServerCall.Listener<Q> refusing(
      ServerCall<Q, A> call, Lenient<Q> marshaller, ServerCall.Listener<Q> listener) {
    return new SimpleForwardingServerCallListener<>(listener) {
      private boolean refused;

      @Override
      public void onMessage(Q message) {
        if (marshaller.isMalformed(message)) {
          refuse();
        } else if (!refused) {
          super.onMessage(message);
        }
      }

      private void refuse() {
        if (!refused) {
          refused = true;
          var status = RpcErrors.status(malformed());
          call.close(status.getStatus(), TokenInterceptor.trailers(status));
        }
      }

      @Override
      public void onHalfClose() {
        if (!refused) {
          super.onHalfClose();
        }
      }

      // For what serves the stream it is as if the client had gone.
      @Override
      public void onComplete() {
        if (refused) {
          super.onCancel();
        } else {
          super.onComplete();
        }
      }
    };
  }

  private static EngineException malformed() {
    return new EngineException(
        Reason.INVALID_ARGUMENT,
        "a message must be the protobuf of the method's request, but is not; use the contract in proto/");
  }

  /// Gives an object of its own for what cannot be parsed.
  private static final class Lenient<Q> implements PrototypeMarshaller<Q> {
    private final PrototypeMarshaller<Q> strict;
    private final Q malformed;

    Lenient(PrototypeMarshaller<Q> strict) {
      this.strict = strict;
      this.malformed = another(strict);
    }

    /// Equal to any empty message, and identical to none.
    private static <Q> Q another(PrototypeMarshaller<Q> marshaller) {
      var prototype = (MessageLite) Objects.requireNonNull(marshaller.getMessagePrototype());
      return marshaller.getMessageClass().cast(prototype.newBuilderForType().build());
    }

    @SuppressWarnings("ReferenceEquality") // This very object stands for what is no message.
    boolean isMalformed(Q message) {
      return message == malformed;
    }

    @Override
    public Q parse(InputStream message) {
      try {
        return strict.parse(message);
      } catch (StatusRuntimeException e) {
        return malformed;
      }
    }

    @Override
    public InputStream stream(Q value) {
      return strict.stream(value);
    }

    @Override
    public Q getMessagePrototype() {
      return strict.getMessagePrototype();
    }

    @Override
    public Class<Q> getMessageClass() {
      return strict.getMessageClass();
    }
  }
}
