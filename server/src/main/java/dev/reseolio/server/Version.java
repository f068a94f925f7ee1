package dev.reseolio.server;

import java.io.IOException;
import java.util.Properties;

/// The version of this program, e.g. `0.2.0`.
public final class Version {
  private Version() {}

  public static String current() {
    try (var file = Version.class.getResourceAsStream("version.properties")) {
      var properties = new Properties();
      properties.load(file);
      return properties.getProperty("version", "unknown");
    } catch (IOException unreadable) {
      return "unknown";
    }
  }
}
