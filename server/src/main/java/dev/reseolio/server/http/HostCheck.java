package dev.reseolio.server.http;

import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Refuses requests whose Host header is not a name of this machine's loopback: a web page that
/// points its own name at 127.0.0.1 (DNS rebinding) must not read anything here.
///
/// @param any true when remote access was asked for on purpose: every name is good
record HostCheck(boolean any) {
  static final String REFUSAL =
      "The Host header must be localhost, 127.0.0.1 or [::1]; see --allow-remote.";
  private static final Pattern HOST = Pattern.compile("(\\[[^\\]]*]|[^:]*)(?::\\d{1,5})?");
  private static final Set<String> LOOPBACK = Set.of("localhost", "127.0.0.1", "[::1]");

  boolean allows(@Nullable String host) {
    if (any) {
      return true;
    }
    var match = HOST.matcher(host == null ? "" : host);
    return match.matches() && LOOPBACK.contains(match.group(1).toLowerCase(Locale.ROOT));
  }
}
