package dev.reseolio.internal.client;

import dev.reseolio.ReseolioException;
import dev.reseolio.Tls;
import dev.reseolio.internal.Log;
import io.grpc.ChannelCredentials;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.TlsChannelCredentials;
import io.grpc.okhttp.OkHttpChannelBuilder;
import io.grpc.stub.MetadataUtils;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/// Channels to a sidecar: kept alive, calling back on the thread that reads the socket, with the
/// token on every call. A Unix socket is never encrypted: its file keeps others out.
public final class Channels {
  static final int MAX_MESSAGE_BYTES = 16 << 20;
  private static final Metadata.Key<String> AUTHORIZATION =
      Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);

  private final Optional<String> token;
  private final Optional<Tls> tls;
  private final AtomicBoolean warned = new AtomicBoolean();

  public Channels(Optional<String> token, Optional<Tls> tls) {
    this.token = token.filter(secret -> !secret.isEmpty());
    this.tls = tls;
  }

  ManagedChannel to(String address) {
    warnOfPlainText(address);
    OkHttpChannelBuilder builder = builder(address);
    token.ifPresent(secret -> {
      Metadata headers = new Metadata();
      headers.put(AUTHORIZATION, "Bearer " + secret);
      builder.intercept(MetadataUtils.newAttachHeadersInterceptor(headers));
    });
    return builder
        .directExecutor()
        .disableRetry()
        .keepAliveTime(10, TimeUnit.SECONDS)
        .keepAliveTimeout(20, TimeUnit.SECONDS) // Who is busy answers late.
        .keepAliveWithoutCalls(true)
        .idleTimeout(365, TimeUnit.DAYS)
        .maxInboundMessageSize(MAX_MESSAGE_BYTES)
        .flowControlWindow(4 << 20)
        .build();
  }

  private OkHttpChannelBuilder builder(String address) {
    if (address.startsWith(UnixSockets.PREFIX)) {
      return OkHttpChannelBuilder.forTarget(
              "dns:///localhost:1", InsecureChannelCredentials.create())
          .overrideAuthority("localhost")
          .socketFactory(UnixSockets.factory(address.substring(UnixSockets.PREFIX.length())));
    }
    ChannelCredentials credentials =
        tls.isPresent() ? encrypted(tls.get()) : InsecureChannelCredentials.create();
    try {
      return OkHttpChannelBuilder.forTarget("dns:///" + address, credentials)
          .socketFactory(new AliveSockets());
    } catch (IllegalArgumentException e) {
      throw new ReseolioException(
          "invalid_argument",
          "A file of tls cannot be used (" + e.getMessage() + "); give PEM files, keys as PKCS#8",
          e);
    }
  }

  private static ChannelCredentials encrypted(Tls tls) {
    try {
      TlsChannelCredentials.Builder credentials = TlsChannelCredentials.newBuilder();
      if (tls.authorityOrNull() != null) {
        credentials.trustManager(tls.authorityOrNull().toFile());
      }
      if (tls.certificateOrNull() != null && tls.keyOrNull() != null) {
        credentials.keyManager(tls.certificateOrNull().toFile(), tls.keyOrNull().toFile());
      }
      return credentials.build();
    } catch (IOException e) {
      throw new ReseolioException(
          "invalid_argument",
          "A file of tls cannot be read ("
              + e.getMessage()
              + "); give PEM files that this process can read",
          e);
    }
  }

  private void warnOfPlainText(String address) {
    boolean exposed = token.isPresent() && tls.isEmpty() && !isLocal(address);
    if (exposed && warned.compareAndSet(false, true)) {
      Log.warn("The token crosses the network in plain text to " + address + "; set tls");
    }
  }

  private static boolean isLocal(String address) {
    return address.matches("(unix:|127\\.|localhost:|\\[::1]).*");
  }
}
