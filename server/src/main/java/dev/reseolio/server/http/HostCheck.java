package dev.reseolio.server.http;

import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Refuses requests that a web page may have made: whose Host header is not a name of ours (a page
/// can point its own name at 127.0.0.1: DNS rebinding), or which say that they come from the page
/// of another site.
///
/// @param names in lower case, beside those of this machine's loopback
/// @param numbers true when other machines may connect: they use the address, which no page can
///   point elsewhere
public record HostCheck(Set<String> names, boolean numbers) {
  static final String REFUSAL =
      "The Host header must be localhost, 127.0.0.1, [::1] or one of http-hosts, and Origin, if any, the same.";
  private static final Pattern HOST = Pattern.compile("(\\[[0-9a-fA-F:.]*]|[^:]*)(?::\\d{1,5})?");
  private static final Pattern NUMBER =
      Pattern.compile("\\[[0-9a-f:.]+]|\\d{1,3}(?:\\.\\d{1,3}){3}");
  private static final Set<String> LOOPBACK = Set.of("localhost", "127.0.0.1", "[::1]");

  boolean allows(@Nullable String host, @Nullable String origin) {
    return host != null && ours(host) && (origin == null || sameSite(origin, host));
  }

  private boolean ours(String host) {
    var match = HOST.matcher(host);
    if (!match.matches()) {
      return false;
    }
    var name = match.group(1).toLowerCase(Locale.ROOT);
    return LOOPBACK.contains(name)
        || names.contains(name)
        || (numbers && NUMBER.matcher(name).matches());
  }

  private static boolean sameSite(String origin, String host) {
    return origin.equalsIgnoreCase("http://" + host) || origin.equalsIgnoreCase("https://" + host);
  }
}
