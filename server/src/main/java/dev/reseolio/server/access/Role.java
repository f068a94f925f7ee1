package dev.reseolio.server.access;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/// What the holder of a token is. [Permissions] says what each may do.
public enum Role {
  /// An application that calls functions and asks for their results.
  CLIENT,
  /// A process that runs handlers.
  WORKER,
  /// A person or tool that cancels and retries jobs of others.
  OPERATOR,
  /// Looks only.
  VIEWER;

  /// The word in the tokens file and on the command line.
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  public static Optional<Role> of(String word) {
    return Arrays.stream(values()).filter(role -> role.word().equals(word)).findFirst();
  }
}
