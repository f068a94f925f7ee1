package dev.reseolio.cli;

import java.io.IOException;
import java.util.Properties;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;

/// `reseolio version`: the version, and the Java it runs on.
@Command(name = "version", description = "Shows the version.")
final class Version implements Runnable, IVersionProvider {
  @Override
  public void run() {
    System.out.println(text());
  }

  @Override
  public String[] getVersion() {
    return new String[] {text()};
  }

  static String text() {
    return "reseolio %s (Java %s)".formatted(number(), Runtime.version().feature());
  }

  private static String number() {
    try (var file = Version.class.getResourceAsStream("version.properties")) {
      var properties = new Properties();
      properties.load(file);
      return properties.getProperty("version", "unknown");
    } catch (IOException e) {
      return "unknown";
    }
  }
}
