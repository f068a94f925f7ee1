package dev.reseolio.server.access;

import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.LongSupplier;

/// The tokens in force: those of the tokens file that have not expired.
public final class Tokens {
  private final Watched<List<Token>> file;
  private final InstantSource clock;

  private Tokens(Watched<List<Token>> file, InstantSource clock) {
    this.file = file;
    this.clock = clock;
  }

  /// @throws UnusableFileException when the file cannot be used as it is
  public static Tokens open(Path file) throws UnusableFileException {
    return open(file, InstantSource.system(), System::nanoTime);
  }

  static Tokens open(Path file, InstantSource clock, LongSupplier nanos)
      throws UnusableFileException {
    return new Tokens(Watched.of(List.of(file), () -> read(file), nanos), clock);
  }

  /// The token of a secret. Every token is compared, so that the time says nothing of which is
  /// near.
  Optional<Token> find(String secret) {
    Token.Hash hash = Token.hash(secret);
    Token found = null;
    for (Token token : file.get()) {
      if (token.hash().equals(hash)) {
        found = token;
      }
    }
    return Optional.ofNullable(found).filter(this::inForce);
  }

  /// False once it has expired or was taken out of the file.
  boolean stillValid(Token token) {
    return inForce(token) && file.get().contains(token);
  }

  private boolean inForce(Token token) {
    return !token.expired(clock.instant());
  }

  private static List<Token> read(Path file) throws UnusableFileException {
    var tokens = new ArrayList<Token>();
    int number = 0;
    for (String line : PrivateFile.read(file).lines().toList()) {
      number++;
      if (!line.isBlank() && !line.startsWith("#")) {
        tokens.add(parse(file, number, line));
      }
    }
    return List.copyOf(tokens);
  }

  private static Token parse(Path file, int number, String line) throws UnusableFileException {
    try {
      return TokenLine.parse(line);
    } catch (IllegalArgumentException e) {
      throw new UnusableFileException(
          "Line %d of the tokens file '%s' cannot be used: %s. 'reseolio token create' makes good ones."
              .formatted(number, file, e.getMessage()));
    }
  }
}
