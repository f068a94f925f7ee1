package dev.reseolio.server.access;

import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/// One line of the tokens file: `sha256=<64 hex digits> name=<who> roles=client,worker
/// expires=2027-01-01T00:00:00Z functions=billing:*,mail:*`. The last two may be left out.
public final class TokenLine {
  private static final Set<String> KNOWN =
      Set.of("sha256", "name", "roles", "expires", "functions");
  private static final String NAME = "[A-Za-z0-9._-]{1,63}";

  private TokenLine() {}

  /// The line of a token; the opposite of `parse`.
  public static String of(Token token) {
    var line = new StringBuilder("sha256=").append(HexFormat.of().formatHex(token.hash().bytes()));
    line.append(" name=").append(token.name());
    line.append(" roles=").append(joined(token.roles().stream().sorted().map(Role::word).toList()));
    token.expires().ifPresent(end -> line.append(" expires=").append(end));
    if (!token.functions().isEmpty()) {
      line.append(" functions=");
      line.append(joined(token.functions().stream().map(FunctionPattern::text).toList()));
    }
    return line.toString();
  }

  /// @throws IllegalArgumentException saying what is wrong, without the line itself
  static Token parse(String line) {
    var fields =
        Arrays.stream(line.strip().split("\\s+"))
            .map(TokenLine::field)
            .collect(
                Collectors.toMap(
                    Field::name,
                    Field::value,
                    (_, second) -> {
                      throw new IllegalArgumentException("a field may be there only once");
                    }));
    return new Token(
        name(fields.getOrDefault("name", "")),
        hash(fields.getOrDefault("sha256", "")),
        roles(fields.getOrDefault("roles", "")),
        Optional.ofNullable(fields.get("expires")).map(TokenLine::instant),
        Optional.ofNullable(fields.get("functions")).map(TokenLine::patterns).orElse(List.of()));
  }

  /// @throws IllegalArgumentException when it is no name of a token
  public static String name(String text) {
    if (!text.matches(NAME)) {
      throw new IllegalArgumentException(
          "name must have 1 to 63 letters, digits, dots, dashes or underscores");
    }
    return text;
  }

  /// @throws IllegalArgumentException when a word is no role, or none is given
  public static Set<Role> roles(String words) {
    var roles = EnumSet.noneOf(Role.class);
    for (String word : words.split(",", -1)) {
      roles.add(
          Role.of(word)
              .orElseThrow(() ->
                  new IllegalArgumentException(
                      "roles must be one or more of client, worker, operator and viewer, separated by commas")));
    }
    return roles;
  }

  private record Field(String name, String value) {}

  private static Field field(String text) {
    int equals = text.indexOf('=');
    if (equals < 1 || !KNOWN.contains(text.substring(0, equals))) {
      throw new IllegalArgumentException(
          "a line must be sha256=… name=… roles=… and, if wanted, expires=… and functions=…");
    }
    return new Field(text.substring(0, equals), text.substring(equals + 1));
  }

  private static Token.Hash hash(String hex) {
    if (!hex.matches("[0-9a-f]{%d}".formatted(2 * Token.Hash.BYTES))) {
      throw new IllegalArgumentException("sha256 must have 64 hexadecimal digits in lower case");
    }
    return new Token.Hash(HexFormat.of().parseHex(hex));
  }

  private static Instant instant(String text) {
    try {
      return Instant.parse(text);
    } catch (DateTimeParseException e) {
      throw new IllegalArgumentException("expires must be a time such as 2027-01-01T00:00:00Z", e);
    }
  }

  private static List<FunctionPattern> patterns(String text) {
    return Arrays.stream(text.split(",", -1)).map(FunctionPattern::new).toList();
  }

  private static String joined(List<String> words) {
    return String.join(",", words);
  }
}
