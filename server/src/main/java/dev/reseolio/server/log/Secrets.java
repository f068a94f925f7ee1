package dev.reseolio.server.log;

import java.util.regex.Pattern;

/// The last guard before a line leaves: passwords in URLs and parameters, whoever logged them.
final class Secrets {
  private static final Pattern IN_URL = Pattern.compile("(://[^\\s/:@\"]*:)[^\\s\"]*@");
  private static final Pattern PARAMETER =
      Pattern.compile("(?i)((?:password|passwd|secret|token)=)[^\\s&\"',)]+");

  private Secrets() {}

  static String mask(String line) {
    var masked = line.contains("://") ? IN_URL.matcher(line).replaceAll("$1***@") : line;
    return masked.indexOf('=') < 0 ? masked : PARAMETER.matcher(masked).replaceAll("$1***");
  }
}
