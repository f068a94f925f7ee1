package dev.reseolio.server.security;

import dev.reseolio.embedded.EmbeddedPostgres;
import dev.reseolio.server.Sidecar;
import dev.reseolio.server.StartException;
import dev.reseolio.server.access.FunctionPattern;
import dev.reseolio.server.access.Role;
import dev.reseolio.server.access.Token;
import dev.reseolio.server.access.TokenLine;
import dev.reseolio.server.config.ConfigLoader;
import io.grpc.CallCredentials;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.okhttp.OkHttpChannelBuilder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executor;

/// A sidecar on a PostgreSQL of its own, with a tokens file.
final class Fortress implements AutoCloseable {
  private final EmbeddedPostgres postgres;
  private final Path tokens;
  private final Sidecar.Started started;
  private final List<ManagedChannel> channels = new ArrayList<>();

  private Fortress(EmbeddedPostgres postgres, Path tokens, Sidecar.Started started) {
    this.postgres = postgres;
    this.tokens = tokens;
    this.started = started;
  }

  static Fortress build(Path dir, String... more) throws IOException, StartException {
    Path tokens = dir.resolve("tokens");
    Files.createFile(
        tokens, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    var postgres = EmbeddedPostgres.builder(dir.resolve("pg")).setting("fsync", "off").start();
    var arguments =
        new ArrayList<>(
            List.of(
                "--storage=" + postgres.url(),
                "--tokens-file=" + tokens,
                "--address=127.0.0.1:0",
                "--http-address=127.0.0.1:0"));
    arguments.addAll(Arrays.asList(more));
    try {
      return new Fortress(
          postgres, tokens, Sidecar.start(ConfigLoader.load(arguments, Map.of(), dir)));
    } catch (StartException e) {
      postgres.close();
      throw e;
    }
  }

  /// The secret of a token that is in force at once or, should the sidecar have looked just now, a
  /// fifth of a second later.
  String token(Set<Role> roles, String... functions) throws IOException {
    return token(roles, Optional.empty(), functions);
  }

  String expired(Role role) throws IOException {
    return token(Set.of(role), Optional.of(Instant.EPOCH));
  }

  private String token(Set<Role> roles, Optional<Instant> expires, String... functions)
      throws IOException {
    String secret = Token.newSecret();
    var patterns = Arrays.stream(functions).map(FunctionPattern::new).toList();
    var token = new Token("test", Token.hash(secret), roles, expires, patterns);
    Files.writeString(tokens, TokenLine.of(token) + "\n", StandardOpenOption.APPEND);
    return secret;
  }

  void forgetAllTokens() throws IOException {
    Files.writeString(tokens, "");
  }

  ManagedChannel channel() {
    var channel =
        OkHttpChannelBuilder.forTarget(started.ready().grpc().toString()).usePlaintext().build();
    channels.add(channel);
    return channel;
  }

  int grpcPort() {
    var address = started.ready().grpc().toString();
    return Integer.parseInt(address.substring(address.lastIndexOf(':') + 1));
  }

  int httpPort() {
    return started.ready().http().orElseThrow().getPort();
  }

  String jdbcUrl() {
    return postgres.jdbcUrl();
  }

  /// Sends a text as the header `authorization`.
  static CallCredentials header(String text) {
    return new CallCredentials() {
      @Override
      public void applyRequestMetadata(RequestInfo info, Executor executor, MetadataApplier to) {
        var metadata = new Metadata();
        metadata.put(Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER), text);
        to.apply(metadata);
      }
    };
  }

  static CallCredentials bearer(String secret) {
    return header("Bearer " + secret);
  }

  @Override
  public void close() {
    channels.forEach(ManagedChannel::shutdownNow);
    started.sidecar().close();
    postgres.close();
  }
}
