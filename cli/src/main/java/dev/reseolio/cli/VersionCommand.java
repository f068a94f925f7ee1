package dev.reseolio.cli;

import dev.reseolio.server.Version;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;

/// `reseolio version`: the version, and the Java it runs on.
@Command(name = "version", description = "Shows the version.")
final class VersionCommand implements Runnable, IVersionProvider {
  @Override
  public void run() {
    System.out.println(text());
  }

  @Override
  public String[] getVersion() {
    return new String[] {text()};
  }

  static String text() {
    return "reseolio %s (Java %s)".formatted(Version.current(), Runtime.version().feature());
  }
}
