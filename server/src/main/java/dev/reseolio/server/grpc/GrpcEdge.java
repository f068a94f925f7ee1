package dev.reseolio.server.grpc;

import dev.reseolio.server.config.Address;
import dev.reseolio.server.guard.AnswerInterceptor;
import dev.reseolio.server.guard.StrictParsing;
import dev.reseolio.server.net.Backlog;
import dev.reseolio.server.net.ConnectionLimit;
import dev.reseolio.server.net.Encryption;
import dev.reseolio.server.net.Pace;
import dev.reseolio.server.net.ServerSockets;
import dev.reseolio.server.rpc.WatchedIds;
import dev.reseolio.server.traffic.Inbound;
import dev.reseolio.server.traffic.InboundInterceptor;
import io.grpc.BindableService;
import io.grpc.Codec;
import io.grpc.DecompressorRegistry;
import io.grpc.InsecureServerCredentials;
import io.grpc.Server;
import io.grpc.ServerInterceptor;
import io.grpc.okhttp.OkHttpServerBuilder;
import io.grpc.protobuf.services.HealthStatusManager;
import io.grpc.protobuf.services.ProtoReflectionServiceV1;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/// The gRPC server: the given services, health and reflection, everything on virtual threads.
public final class GrpcEdge {
  private static final int MAX_INBOUND_BYTES = 16 << 20;
  private static final int MAX_METADATA_BYTES = 8 << 10;
  private static final int MAX_CALLS_PER_CONNECTION = 100;
  private static final long KEEP_ALIVE_SECONDS = 10;

  /// A client that is busy answers late, and is not to be cut. That a worker is gone its beats
  /// tell.
  private static final long KEEP_ALIVE_TIMEOUT_SECONDS = 20;

  private static final long PERMITTED_KEEP_ALIVE_SECONDS = 5;

  /// Compressed messages are refused: 16 KiB of them may be 16 MiB.
  private static final DecompressorRegistry NOT_COMPRESSED =
      DecompressorRegistry.emptyInstance().with(Codec.Identity.NONE, true);

  private final Server server;
  private final HealthStatusManager health;
  private final ExecutorService threads;
  private final Address asked;

  private GrpcEdge(
      Server server, HealthStatusManager health, ExecutorService threads, Address asked) {
    this.server = server;
    this.health = health;
    this.threads = threads;
    this.asked = asked;
  }

  /// What keeps strangers out.
  ///
  /// @param guard asked about each call; empty: everybody may do everything
  /// @param connections how many there may be
  public record Shield(
      Encryption encryption, Optional<ServerInterceptor> guard, ConnectionLimit connections) {}

  /// Binds and serves.
  ///
  /// @throws IOException when the address cannot be bound
  public static GrpcEdge start(
      Address address, List<BindableService> services, ConnectionCount connections, Shield shield)
      throws IOException {
    var edge = of(address, services, connections, shield);
    try {
      edge.server.start();
      return edge;
    } catch (IOException e) {
      edge.threads.shutdownNow();
      throw e;
    }
  }

  /// Loads what `start` will need, by making a server that is never started.
  ///
  /// @param services of the same contract
  public static void load(List<BindableService> services) {
    var nobody = new Shield(Encryption.NONE, Optional.empty(), new ConnectionLimit(0));
    of(new Address.Tcp("127.0.0.1", 0), services, new ConnectionCount(), nobody)
        .stop(Duration.ZERO);
  }

  private static GrpcEdge of(
      Address address, List<BindableService> services, ConnectionCount connections, Shield shield) {
    var health = new HealthStatusManager();
    var threads = Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("grpc-", 0).factory());
    var answers = new AnswerInterceptor();
    var inbound = new Inbound();
    var requests = new InboundInterceptor();
    var watched = new WatchedIds();
    var builder =
        builder(address.socketAddress(), new Pace(new Backlog(threads), inbound), threads, shield)
            .addStreamTracerFactory(requests)
            .addTransportFilter(connections)
            .addTransportFilter(answers)
            .addTransportFilter(watched)
            .intercept(watched)
            .intercept(answers);
    shield.guard().ifPresent(builder::intercept);
    builder.intercept(requests);
    Stream.concat(
            services.stream(),
            Stream.of(health.getHealthService(), ProtoReflectionServiceV1.newInstance()))
        .map(BindableService::bindService)
        .forEach(service -> builder.addService(StrictParsing.of(service)));
    return new GrpcEdge(builder.build(), health, threads, address);
  }

  private static OkHttpServerBuilder builder(
      SocketAddress address, Pace pace, ExecutorService threads, Shield shield) {
    var sockets =
        ServerSockets.forAddress(address, shield.encryption(), shield.connections(), pace);
    return OkHttpServerBuilder.forPort(address, InsecureServerCredentials.create())
        .socketFactory(sockets)
        .executor(pace.backlog())
        .transportExecutor(threads)
        .decompressorRegistry(NOT_COMPRESSED)
        .maxInboundMessageSize(MAX_INBOUND_BYTES)
        .maxInboundMetadataSize(MAX_METADATA_BYTES)
        .maxConcurrentCallsPerConnection(MAX_CALLS_PER_CONNECTION)
        .keepAliveTime(KEEP_ALIVE_SECONDS, TimeUnit.SECONDS)
        .keepAliveTimeout(KEEP_ALIVE_TIMEOUT_SECONDS, TimeUnit.SECONDS)
        .permitKeepAliveTime(PERMITTED_KEEP_ALIVE_SECONDS, TimeUnit.SECONDS)
        .permitKeepAliveWithoutCalls(true);
  }

  /// The address it was bound to, with the real port.
  public Address address() {
    return asked.withPort(port());
  }

  private int port() {
    return server.getListenSockets().stream()
        .filter(InetSocketAddress.class::isInstance)
        .mapToInt(socket -> ((InetSocketAddress) socket).getPort())
        .findFirst()
        .orElse(0);
  }

  /// Health checks say NOT_SERVING from now on; calls are still taken.
  public void announceStop() {
    health.enterTerminalState();
  }

  /// Takes no new call, lets the running ones end within `grace`, then cuts the rest.
  public void stop(Duration grace) {
    server.shutdown();
    try {
      if (!server.awaitTermination(grace.toMillis(), TimeUnit.MILLISECONDS)) {
        server.shutdownNow();
        server.awaitTermination(1, TimeUnit.SECONDS);
      }
    } catch (InterruptedException e) {
      server.shutdownNow();
      Thread.currentThread().interrupt();
    }
    threads.shutdown();
  }
}
