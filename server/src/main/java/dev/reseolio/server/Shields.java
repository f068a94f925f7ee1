package dev.reseolio.server;

import static dev.reseolio.server.log.Logs.field;

import dev.reseolio.engine.job.EngineException;
import dev.reseolio.engine.job.Reason;
import dev.reseolio.server.access.Gate;
import dev.reseolio.server.access.Tokens;
import dev.reseolio.server.access.UnusableFileException;
import dev.reseolio.server.config.Address;
import dev.reseolio.server.config.Option;
import dev.reseolio.server.config.ServerConfig;
import dev.reseolio.server.grpc.GrpcEdge;
import dev.reseolio.server.guard.TokenInterceptor;
import dev.reseolio.server.http.Doorkeeper;
import dev.reseolio.server.http.HostCheck;
import dev.reseolio.server.http.HttpEdge;
import dev.reseolio.server.net.ConnectionLimit;
import dev.reseolio.server.net.Encryption;
import dev.reseolio.server.tls.Tls;
import java.util.Optional;

/// What keeps strangers out of both edges, as configured. Classes of tokens and TLS are loaded only
/// when there are such.
final class Shields {
  private static final System.Logger LOG = System.getLogger(Shields.class.getName());

  private final ServerConfig.Listening listening;
  private final Optional<Gate> gate;
  private final Optional<Tls> tls;

  private Shields(ServerConfig.Listening listening, Optional<Gate> gate, Optional<Tls> tls) {
    this.listening = listening;
    this.gate = gate;
    this.tls = tls;
  }

  /// @throws StartException `insecure_bind`, `tokens_unusable`, `tls_unusable`
  static Shields open(ServerConfig.Listening listening) throws StartException {
    checkExposed(listening, Option.ADDRESS, listening.grpc());
    if (listening.http().isPresent()) {
      checkExposed(listening, Option.HTTP_ADDRESS, listening.http().get());
    }
    return new Shields(listening, gate(listening), tls(listening));
  }

  /// Other machines may connect only over TLS and with tokens, unless somebody said otherwise.
  private static void checkExposed(ServerConfig.Listening listening, Option option, Address address)
      throws StartException {
    var security = listening.security();
    if (address.isLocal() || (security.tls().isPresent() && security.tokens().isPresent())) {
      return;
    }
    if (!security.insecureBind()) {
      throw new StartException(
          StartException.INSECURE_BIND,
          """
          %s is %s, which other machines can reach, and that needs TLS and tokens: whoever connects \
          could run any function. Give tls-cert, tls-key and tokens-file, or listen on 127.0.0.1 or \
          unix:/path, or pass --insecure-bind if the network is closed to strangers.\
          """
              .formatted(option.key(), address),
          null);
    }
    LOG.log(
        System.Logger.Level.WARNING,
        "other machines can reach this sidecar without "
            + (security.tls().isPresent() ? "a token" : "TLS"),
        field("event", "insecure_bind"),
        field("address", address));
  }

  private static Optional<Gate> gate(ServerConfig.Listening listening) throws StartException {
    var file = listening.security().tokens();
    try {
      return file.isEmpty() ? Optional.empty() : Optional.of(new Gate(Tokens.open(file.get())));
    } catch (UnusableFileException e) {
      throw new StartException(StartException.TOKENS_UNUSABLE, String.valueOf(e.getMessage()), e);
    }
  }

  private static Optional<Tls> tls(ServerConfig.Listening listening) throws StartException {
    var files = listening.security().tls();
    try {
      return files.isEmpty() ? Optional.empty() : Optional.of(Tls.open(files.get()));
    } catch (UnusableFileException e) {
      throw new StartException(StartException.TLS_UNUSABLE, String.valueOf(e.getMessage()), e);
    }
  }

  /// A UNIX socket is never TLS: its file keeps others out.
  GrpcEdge.Shield grpc() {
    var encrypted = listening.grpc() instanceof Address.Tcp ? tls : Optional.<Tls>empty();
    return new GrpcEdge.Shield(
        encrypted.map(Tls::forGrpc).orElse(Encryption.NONE),
        gate.map(TokenInterceptor::new),
        new ConnectionLimit(listening.security().maxConnections()));
  }

  /// @param address where it will listen
  HttpEdge.Shield http(Address.Tcp address) {
    return new HttpEdge.Shield(
        new HostCheck(listening.security().httpHosts().names(), !address.isLocal()),
        gate.map(Shields::doorkeeper).orElse(Doorkeeper.NONE),
        tls.map(Tls::forHttp));
  }

  private static Doorkeeper doorkeeper(Gate gate) {
    return (route, authorization) -> {
      try {
        gate.enter(route, authorization);
        return Optional.empty();
      } catch (EngineException refused) {
        return Optional.of(
            new Doorkeeper.Refusal(
                refused.reason() == Reason.UNAUTHENTICATED ? 401 : 403,
                refused.reason().code(),
                String.valueOf(refused.getMessage())));
      }
    };
  }
}
