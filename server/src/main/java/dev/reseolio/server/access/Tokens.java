package dev.reseolio.server.access;

import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

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

  /// The token of a secret; one that was made a moment ago counts. Every token is compared, so that
  /// the time says nothing of which is near.
  Optional<Token> find(String secret) {
    Token.Hash hash = Token.hash(secret);
    Token known = find(hash, file.get());
    Token found = known != null ? known : find(hash, file.latest());
    return Optional.ofNullable(found).filter(this::inForce);
  }

  private static @Nullable Token find(Token.Hash hash, List<Token> tokens) {
    Token found = null;
    for (Token token : tokens) {
      if (token.hash().equals(hash)) {
        found = token;
      }
    }
    return found;
  }

  /// False once the token has expired or was taken out of the file. Streams ask with every message:
  /// the list is searched only when it is another.
  BooleanSupplier validity(Token token) {
    var knownIn = new AtomicReference<List<Token>>(List.of());
    return () -> {
      var now = file.get();
      if (!isSame(now, knownIn.get())) {
        if (!now.contains(token)) {
          return false;
        }
        knownIn.set(now);
      }
      return inForce(token);
    };
  }

  @SuppressWarnings("ReferenceEquality") // Each reading of the file makes a list of its own.
  private static boolean isSame(List<Token> one, @Nullable List<Token> other) {
    return one == other;
  }

  private boolean inForce(Token token) {
    return token.expires().isEmpty() || !token.expired(clock.instant());
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
