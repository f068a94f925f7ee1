package dev.reseolio.cli;

import dev.reseolio.server.config.Group;
import dev.reseolio.server.config.Kind;
import dev.reseolio.server.config.Option;
import java.util.Arrays;
import picocli.CommandLine.Model.ArgGroupSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/// The help of `reseolio server`, made from the option table.
final class ServerHelp {
  private ServerHelp() {}

  static CommandSpec spec() {
    var spec = CommandSpec.create().name("server");
    spec.usageMessage()
        .description("Runs the sidecar until SIGTERM. One JSON line on stdout says it is ready.")
        .abbreviateSynopsis(true)
        .sortOptions(false)
        .width(110)
        .footer(
            "",
            "Flags go before RESEOLIO_* variables, these before the file, this before defaults.",
            "RESEOLIO_STORAGE_FILE names a file that holds the storage URL.");
    spec.addOption(file());
    spec.addOption(
        OptionSpec.builder("-h", "--help").usageHelp(true).description("this text").build());
    Arrays.stream(Group.values()).map(ServerHelp::group).forEach(spec::addArgGroup);
    return spec;
  }

  private static OptionSpec file() {
    return OptionSpec.builder("--config")
        .type(String.class)
        .paramLabel("<path>")
        .description(
            "file of 'key = value' lines; RESEOLIO_CONFIG; default: ./reseolio.properties if it exists")
        .build();
  }

  private static ArgGroupSpec group(Group group) {
    var spec =
        ArgGroupSpec.builder()
            .exclusive(false)
            .validate(false)
            .order(Arrays.asList(Group.values()).indexOf(group))
            .heading("%n" + group.title() + "%n");
    Arrays.stream(Option.values())
        .filter(option -> option.group() == group)
        .map(ServerHelp::option)
        .forEach(spec::addArg);
    return spec.build();
  }

  private static OptionSpec option(Option option) {
    var spec = OptionSpec.builder(option.flag()).description(option.help(), detail(option));
    return option.kind() == Kind.FLAG
        ? spec.type(boolean.class).build()
        : spec.type(String.class).paramLabel(option.kind().placeholder()).build();
  }

  private static String detail(Option option) {
    var fallback = option.fallback().isEmpty() ? "" : "; default " + option.fallback();
    return option.variable() + fallback;
  }
}
