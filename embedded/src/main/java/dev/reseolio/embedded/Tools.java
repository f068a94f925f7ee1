package dev.reseolio.embedded;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/// PostgreSQL's programs, found and proven to run as the user they will run as.
///
/// @param major the major version, for example 18
record Tools(Path bin, RunAs user, int major) {
  private static final Duration LIMIT = Duration.ofMinutes(6);
  private static final Pattern VERSION = Pattern.compile("\\(PostgreSQL\\) (\\d+)");

  static Tools find(DataDir dir, Binaries binaries) {
    var user = RunAs.choose(dir);
    var bin = binaries.bin(dir.root(), user.owner() == null);
    user.own(dir.root());
    var program = bin.resolve("postgres").toString();
    var said = Commands.run(user.command(List.of(program, "--version")), dir.root(), LIMIT);
    var version = VERSION.matcher(said.text());
    if (!version.find()) {
      throw new EmbeddedPostgresException(
          "%s does not run here (%s). If it is half unpacked, remove its folder; otherwise set --storage to a PostgreSQL you already have."
              .formatted(program, said.text()));
    }
    return new Tools(bin, user, Integer.parseInt(version.group(1)));
  }

  /// Runs one of the programs in the data directory, which belongs to the right user before.
  Commands.Output run(DataDir dir, String program, List<String> arguments) {
    user.own(dir.root());
    var words = new ArrayList<>(List.of(bin.resolve(program).toString()));
    words.addAll(arguments);
    return Commands.run(user.command(words), dir.root(), LIMIT);
  }
}
