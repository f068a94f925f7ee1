package dev.reseolio.server.config;

import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// The URL of a PostgreSQL, several hosts allowed (`postgres://u:p@a:5432,b:5432/db?…`). Only
/// `secret()` gives it with its password; `toString()` is safe to log.
public final class StorageUrl {
  private static final Pattern SHAPE = Pattern.compile("postgres(?:ql)?://[^\\s/?#]*(?:[/?]\\S*)?");
  private static final Pattern USER_INFO = Pattern.compile("^([a-z]+://)([^/?#]*)@");
  private static final Pattern SECRET_PARAMETER =
      Pattern.compile("(?i)([?&][^=&]*(?:password|secret|token|key)[^=&]*=)[^&]*");

  private final String url;

  private StorageUrl(String url) {
    this.url = url;
  }

  /// A URL taken as it is.
  public static StorageUrl of(String url) {
    return new StorageUrl(url);
  }

  static @Nullable StorageUrl parse(String text) {
    if (text.startsWith("jdbc:")) {
      throw new IllegalArgumentException("drop the leading 'jdbc:'");
    }
    return SHAPE.matcher(text).matches() ? new StorageUrl(text) : null;
  }

  /// The whole URL. Never log it.
  public String secret() {
    return url;
  }

  /// The URL with `***` for the password, in the authority and in parameters.
  @Override
  public String toString() {
    return mask(url);
  }

  static String mask(String url) {
    var info = USER_INFO.matcher(url);
    var masked = url;
    if (info.find()) {
      var user = info.group(2);
      var colon = user.indexOf(':');
      var shown = colon < 0 ? user : user.substring(0, colon) + ":***";
      masked = info.group(1) + shown + "@" + url.substring(info.end());
    }
    return SECRET_PARAMETER.matcher(masked).replaceAll("$1***");
  }
}
