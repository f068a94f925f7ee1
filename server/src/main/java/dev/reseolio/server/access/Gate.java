package dev.reseolio.server.access;

import dev.reseolio.engine.job.EngineException;
import dev.reseolio.engine.job.Reason;
import java.util.Comparator;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Lets a call in or refuses it, by its token and the table.
public final class Gate {
  private static final String SCHEME = "bearer ";
  private static final int LONGEST = 256;

  private final Tokens tokens;

  public Gate(Tokens tokens) {
    this.tokens = tokens;
  }

  /// Who calls. What came is never quoted: it may be a good token of somewhere else.
  ///
  /// @param operation as in [Permissions]
  /// @param authorization the header of that name; null: there is none
  /// @throws EngineException `unauthenticated` or `permission_denied`
  public Caller enter(String operation, @Nullable String authorization) {
    if (Permissions.open(operation)) {
      return Caller.ANYBODY;
    }
    Token token = token(authorization);
    Set<Role> wanted = Permissions.roles(operation);
    if (wanted.stream().noneMatch(token.roles()::contains)) {
      throw new EngineException(
          Reason.PERMISSION_DENIED,
          "%s needs a token with %s, but '%s' has %s; use another token"
              .formatted(operation, words(wanted), token.name(), words(token.roles())));
    }
    return new Caller(token.name(), token.functions(), tokens.validity(token));
  }

  private Token token(@Nullable String authorization) {
    if (authorization == null || authorization.isBlank()) {
      throw unauthenticated(
          "this sidecar wants a token and none came; set RESEOLIO_TOKEN or the client's option token");
    }
    if (authorization.length() > LONGEST
        || !authorization.regionMatches(true, 0, SCHEME, 0, SCHEME.length())) {
      throw unauthenticated(
          "the header authorization must be 'Bearer' and a token of this sidecar");
    }
    return tokens
        .find(authorization.substring(SCHEME.length()).strip())
        .orElseThrow(() ->
            unauthenticated(
                "the token is unknown here or has expired; make one with 'reseolio token create' and give it to this client"));
  }

  /// What is told to a caller whose token has expired or was withdrawn meanwhile.
  public static EngineException withdrawn() {
    return unauthenticated("the token has expired or was withdrawn; use another one");
  }

  private static EngineException unauthenticated(String message) {
    return new EngineException(Reason.UNAUTHENTICATED, message);
  }

  private static String words(Set<Role> roles) {
    return roles.isEmpty()
        ? "a role that does not exist"
        : roles.stream()
            .sorted(Comparator.naturalOrder())
            .map(Role::word)
            .collect(Collectors.joining(" or ", "role ", ""));
  }
}
