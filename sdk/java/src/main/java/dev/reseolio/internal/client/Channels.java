package dev.reseolio.internal.client;

import io.grpc.ManagedChannel;
import io.grpc.okhttp.OkHttpChannelBuilder;
import java.util.concurrent.TimeUnit;

/// Channels to a sidecar: plaintext, kept alive, calling back on the thread that reads the socket.
final class Channels {
  static final int MAX_MESSAGE_BYTES = 16 << 20;

  private Channels() {}

  static ManagedChannel to(String address) {
    return builder(address)
        .usePlaintext()
        .directExecutor()
        .disableRetry()
        .keepAliveTime(10, TimeUnit.SECONDS)
        .keepAliveTimeout(5, TimeUnit.SECONDS)
        .keepAliveWithoutCalls(true)
        .idleTimeout(365, TimeUnit.DAYS)
        .maxInboundMessageSize(MAX_MESSAGE_BYTES)
        .flowControlWindow(4 << 20)
        .build();
  }

  private static OkHttpChannelBuilder builder(String address) {
    if (address.startsWith(UnixSockets.PREFIX)) {
      return OkHttpChannelBuilder.forTarget("dns:///localhost:1")
          .overrideAuthority("localhost")
          .socketFactory(UnixSockets.factory(address.substring(UnixSockets.PREFIX.length())));
    }
    return OkHttpChannelBuilder.forTarget("dns:///" + address);
  }
}
