package dev.reseolio.server.guard;

import dev.reseolio.server.rpc.RpcErrors;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.PrototypeMarshaller;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerMethodDefinition;
import io.grpc.ServerServiceDefinition;
import io.grpc.ServiceDescriptor;
import io.grpc.protobuf.ProtoMethodDescriptorSupplier;
import java.util.Objects;

/// Answers a message that is no protobuf, or would take up too much once it is parsed, with
/// `invalid_argument`. Left to itself, grpc-java ends a call with the first as UNKNOWN and logs a
/// stack for it, so that anybody could fill the log.
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
      var schema =
          (ProtoMethodDescriptorSupplier) Objects.requireNonNull(lax.getSchemaDescriptor());
      var marshaller =
          new RefusingMarshaller<>(requests, () -> schema.getMethodDescriptor().getInputType());
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
      ServerCall<Q, A> call, RefusingMarshaller<Q> marshaller, ServerCall.Listener<Q> listener) {
    return new SimpleForwardingServerCallListener<>(listener) {
      private boolean refused;

      @Override
      public void onMessage(Q message) {
        if (refused) {
          return;
        }
        var why = marshaller.refusal(message);
        if (why == null) {
          super.onMessage(message);
        } else {
          refused = true;
          RpcErrors.refuse(call, why);
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
}
