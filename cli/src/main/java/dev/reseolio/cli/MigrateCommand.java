package dev.reseolio.cli;

import dev.reseolio.server.MigrateMain;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Unmatched;

/// `reseolio migrate`, with the options of `reseolio server`.
@Command(
    name = "migrate",
    description = {
      "Brings the database's schema to this version and ends. Sidecars do so when they start, if their role may;",
      "this is for a role of its own, see docs/operate/roles.sql. Takes the options of 'server': --storage, --schema."
    })
final class MigrateCommand implements Callable<Integer> {
  @Unmatched private List<String> arguments = new ArrayList<>();

  @Override
  public Integer call() {
    return MigrateMain.run(arguments);
  }
}
