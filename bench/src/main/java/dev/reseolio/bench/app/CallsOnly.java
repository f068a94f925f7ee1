package dev.reseolio.bench.app;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.okhttp.OkHttpChannelBuilder;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// A channel like the SDK's own, over which no worker gets through: an instance on it only calls.
public final class CallsOnly {
  private CallsOnly() {}

  public static ManagedChannel to(String address) {
    return OkHttpChannelBuilder.forTarget("dns:///" + address)
        .usePlaintext()
        .directExecutor()
        .disableRetry()
        .idleTimeout(365, TimeUnit.DAYS)
        .flowControlWindow(4 << 20)
        .intercept(new NoWork())
        .build();
  }

  private static final class NoWork implements ClientInterceptor {
    @Override
    public <A, B> ClientCall<A, B> interceptCall(
        MethodDescriptor<A, B> method, CallOptions options, Channel next) {
      return method.getFullMethodName().endsWith("WorkerService/Work")
          ? new Silence<>()
          : next.newCall(method, options);
    }
  }

  /// A call that never happens.
  private static final class Silence<A, B> extends ClientCall<A, B> {
    @Override
    public void start(Listener<B> listener, Metadata headers) {}

    @Override
    public void request(int messages) {}

    @Override
    public void cancel(@Nullable String message, @Nullable Throwable cause) {}

    @Override
    public void halfClose() {}

    @Override
    public void sendMessage(A message) {}

    @Override
    public boolean isReady() {
      return false;
    }
  }
}
