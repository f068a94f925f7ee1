package dev.reseolio.server.http;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Decides whether a request may have what it asks for.
@FunctionalInterface
public interface Doorkeeper {
  /// Lets everybody in.
  Doorkeeper NONE = (route, authorization) -> Optional.empty();

  /// Why not; empty when it may.
  ///
  /// @param route method and path as the route was listed: `GET /metrics`
  /// @param authorization the header of that name
  Optional<Refusal> refuse(String route, @Nullable String authorization);

  /// What is answered instead.
  ///
  /// @param status 401 or 403
  /// @param reason stable, as in gRPC errors
  record Refusal(int status, String reason, String message) {}
}
