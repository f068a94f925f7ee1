package dev.reseolio.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;

/// Every command but the running of `server`, with picocli.
final class Commands {
  private Commands() {}

  static int execute(String... arguments) {
    return commandLine().execute(arguments);
  }

  static CommandLine commandLine() {
    return new CommandLine(new Root())
        .addSubcommand("server", new CommandLine(ServerHelp.spec()))
        .addSubcommand("migrate", new MigrateCommand())
        .addSubcommand("token", new TokenCommand())
        .addSubcommand("version", new VersionCommand())
        .addSubcommand("help", new HelpCommand());
  }

  @Command(
      name = "reseolio",
      description = "Durable execution for modern backends, on the PostgreSQL you already have.",
      mixinStandardHelpOptions = true,
      versionProvider = VersionCommand.class,
      synopsisSubcommandLabel = "COMMAND",
      footer = {"", "'reseolio help COMMAND' tells more about a command."})
  static final class Root implements Runnable {
    @CommandLine.Spec private CommandLine.Model.CommandSpec spec = noSpec();

    /// Without a command: what there is.
    @Override
    public void run() {
      throw new CommandLine.ParameterException(spec.commandLine(), "Say what to do.");
    }

    private static CommandLine.Model.CommandSpec noSpec() {
      return CommandLine.Model.CommandSpec.create();
    }
  }
}
