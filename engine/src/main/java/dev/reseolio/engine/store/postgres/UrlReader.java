package dev.reseolio.engine.store.postgres;

import dev.reseolio.engine.store.StorageStartException;
import dev.reseolio.engine.store.StorageStartException.Reason;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// Reads a `postgres://` URL. No message repeats a part that may hold the password.
final class UrlReader {
  private static final int DEFAULT_PORT = 5432;
  private static final Set<String> SSL_MODES =
      new TreeSet<>(Set.of("disable", "allow", "prefer", "require", "verify-ca", "verify-full"));
  private static final Set<String> SESSION_ATTRS =
      new TreeSet<>(Set.of("any", "primary", "read-write"));
  private static final Set<String> PARAMETERS =
      new TreeSet<>(
          Set.of(
              "application_name",
              "connect_timeout",
              "options",
              "sslcert",
              "sslkey",
              "sslmode",
              "sslrootcert",
              "target_session_attrs"));

  private final String url;

  UrlReader(String url) {
    this.url = url;
  }

  PostgresUrl read() {
    String rest = afterScheme();
    int end = firstOf(rest, '/', '?');
    String authority = rest.substring(0, end);
    int query = rest.indexOf('?', end);
    Map<String, String> parameters = query < 0 ? Map.of() : parameters(rest.substring(query + 1));
    String path = rest.substring(end, query < 0 ? rest.length() : query);

    int at = authority.lastIndexOf('@');
    String[] login = at < 0 ? new String[] {""} : authority.substring(0, at).split(":", 2);
    String user = login[0].isEmpty() ? systemUser() : decode(login[0], "user");
    @Nullable String password = login.length == 2 ? decode(login[1], "password") : null;
    String database = path.length() > 1 ? decode(path.substring(1), "database") : user;
    return new PostgresUrl(
        hosts(authority.substring(at + 1)), user, password, database, parameters);
  }

  private String afterScheme() {
    int colon = url.indexOf("://");
    String scheme = colon < 0 ? "" : url.substring(0, colon).toLowerCase(Locale.ROOT);
    if (scheme.equals("postgres") || scheme.equals("postgresql")) {
      return url.substring(colon + 3);
    }
    if (url.startsWith("jdbc:")) {
      throw invalid(
          "it is a JDBC URL: leave out \"jdbc:\" and write user and password before the host");
    }
    throw invalid(
        colon < 0
            ? "it does not begin with postgres://"
            : "it begins with %s://".formatted(scheme));
  }

  private static int firstOf(String text, char a, char b) {
    for (int i = 0; i < text.length(); i++) {
      if (text.charAt(i) == a || text.charAt(i) == b) {
        return i;
      }
    }
    return text.length();
  }

  private static String systemUser() {
    return System.getProperty("user.name", "postgres");
  }

  private List<PostgresUrl.Host> hosts(String list) {
    List<PostgresUrl.Host> hosts = new ArrayList<>();
    for (String one : list.split(",", -1)) {
      hosts.add(host(one));
    }
    return hosts;
  }

  private PostgresUrl.Host host(String text) {
    int close = text.startsWith("[") ? text.indexOf(']') : 0;
    if (close < 0) {
      throw invalid("an IPv6 host lacks its closing ]");
    }
    int colon = text.indexOf(':', close);
    String bare = colon < 0 ? text : text.substring(0, colon);
    if (close > 0 && bare.length() != close + 1) {
      throw invalid("after the ] of an IPv6 host only :port may follow");
    }
    String name = close > 0 ? bare.substring(1, close) : decode(bare, "host");
    rejectSocket(name);
    return new PostgresUrl.Host(
        name.isEmpty() ? "localhost" : name,
        colon < 0 ? DEFAULT_PORT : port(text.substring(colon + 1)));
  }

  private void rejectSocket(String host) {
    if (host.startsWith("/") || host.startsWith("@")) {
      throw invalid("Unix sockets are not supported: use TCP, e.g. host 127.0.0.1");
    }
  }

  private int port(String text) {
    try {
      int port = text.isEmpty() ? DEFAULT_PORT : Integer.parseInt(text);
      if (port > 0 && port < 65536) {
        return port;
      }
    } catch (NumberFormatException notANumber) {
      // Same answer as for a number out of range. The text may be the rest of a password.
    }
    throw invalid(
        "a port must be 1 to 65535; write : / @ and ? within user or password percent-encoded");
  }

  private Map<String, String> parameters(String query) {
    Map<String, String> found = new TreeMap<>();
    for (String pair : query.split("&", -1)) {
      if (!pair.isEmpty()) {
        String[] part = pair.split("=", 2);
        String name = decode(part[0], "parameter name");
        String value = part.length == 2 ? decode(part[1], name) : "";
        check(name, value);
        found.put(name, value);
      }
    }
    return found;
  }

  private void check(String name, String value) {
    if (name.equals("host")) {
      rejectSocket(value);
    }
    if (!PARAMETERS.contains(name)) {
      throw invalid("it knows no parameter \"%s\"; known are %s".formatted(name, PARAMETERS));
    }
    switch (name) {
      case "sslmode" -> oneOf(name, value, SSL_MODES);
      case "target_session_attrs" -> oneOf(name, value, SESSION_ATTRS);
      case "connect_timeout" -> seconds(name, value);
      default -> {}
    }
  }

  private void oneOf(String name, String value, Set<String> known) {
    if (!known.contains(value)) {
      throw invalid("%s must be one of %s, but is \"%s\"".formatted(name, known, value));
    }
  }

  private void seconds(String name, String value) {
    if (!value.matches("[0-9]{1,4}")) {
      throw invalid("%s must be whole seconds, 0 to 9999, but is \"%s\"".formatted(name, value));
    }
  }

  /// Percent-decoding alone: unlike in a form, + is itself.
  private String decode(String text, String what) {
    if (text.indexOf('%') < 0) {
      return text;
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(text.length());
    byte[] raw = text.getBytes(StandardCharsets.UTF_8);
    for (int i = 0; i < raw.length; i++) {
      if (raw[i] != '%') {
        bytes.write(raw[i]);
      } else {
        int high = i + 2 <= raw.length - 1 ? Character.digit(raw[i + 1], 16) : -1;
        int low = i + 2 <= raw.length - 1 ? Character.digit(raw[i + 2], 16) : -1;
        if (high < 0 || low < 0) {
          throw invalid("%s has a %% without two hex digits; a %% itself is %%25".formatted(what));
        }
        bytes.write(high << 4 | low);
        i += 2;
      }
    }
    return bytes.toString(StandardCharsets.UTF_8);
  }

  private static StorageStartException invalid(String why) {
    return new StorageStartException(
        Reason.STORAGE_URL_INVALID,
        "the storage URL cannot be used: %s. Expected e.g. %s".formatted(why, PostgresUrl.EXAMPLE),
        null);
  }
}
