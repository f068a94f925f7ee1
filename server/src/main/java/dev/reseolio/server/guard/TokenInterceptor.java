package dev.reseolio.server.guard;

import dev.reseolio.engine.job.EngineException;
import dev.reseolio.server.access.Caller;
import dev.reseolio.server.access.Gate;
import dev.reseolio.server.rpc.RpcErrors;
import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;

/// Asks the gate about every call, before its first message is parsed.
public final class TokenInterceptor implements ServerInterceptor {
  private static final Metadata.Key<String> AUTHORIZATION =
      Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);

  private final Gate gate;

  public TokenInterceptor(Gate gate) {
    this.gate = gate;
  }

  @Override
  public <Q, A> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
    String method = call.getMethodDescriptor().getFullMethodName();
    try {
      Caller caller = gate.enter(method, headers.get(AUTHORIZATION));
      var guarded = new GuardedCall<>(call, caller);
      var context = Context.current().withValue(Caller.KEY, caller);
      return guarded.watching(Contexts.interceptCall(context, guarded, headers, next));
    } catch (EngineException refused) {
      RpcErrors.refuse(call, refused);
      return new ServerCall.Listener<>() {};
    }
  }
}
