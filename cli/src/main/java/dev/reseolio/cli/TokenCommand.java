package dev.reseolio.cli;

import dev.reseolio.server.access.FunctionPattern;
import dev.reseolio.server.access.Token;
import dev.reseolio.server.access.TokenLine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// `reseolio token`: secrets for clients and workers.
@Command(name = "token", description = "Makes tokens for clients and workers.")
final class TokenCommand implements Runnable {
  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "Say what to do: reseolio token create.");
  }

  /// Shows a new token once. Its line goes into the tokens file; without `--file`, onto stdout.
  @Command(
      name = "create",
      description = {
        "Makes a token and shows it once. What is kept is its hash: the line for the tokens file.",
        ""
      },
      sortOptions = false)
  void create(
      @Option(
              names = "--role",
              required = true,
              split = ",",
              paramLabel = "<role>",
              description = "client, worker, operator or viewer; may be given more than once")
          List<String> roles,
      @Option(
              names = "--name",
              defaultValue = "token",
              paramLabel = "<name>",
              description = "who holds it, for logs; default: token")
          String name,
      @Option(
              names = "--expires",
              paramLabel = "<days>",
              description = "valid for so many days; default: for ever")
          @Nullable Integer days,
      @Option(
              names = "--function",
              split = ",",
              paramLabel = "<pattern>",
              description = "may touch only these functions, e.g. 'billing:*'; default: all")
          @Nullable List<String> functions,
      @Option(
              names = "--file",
              paramLabel = "<path>",
              description = "tokens file to add the line to; made with mode 0600 if there is none")
          @Nullable Path file) {
    String secret = Token.newSecret();
    String line = TokenLine.of(token(secret, roles, name, days, functions));
    if (file == null) {
      spec.commandLine().getOut().println(secret);
      spec.commandLine().getOut().println(line);
    } else {
      append(file, line);
      spec.commandLine().getOut().println(secret);
    }
  }

  private Token token(
      String secret,
      List<String> roles,
      String name,
      @Nullable Integer days,
      @Nullable List<String> functions) {
    List<String> patterns = functions == null ? List.of() : functions;
    try {
      return new Token(
          TokenLine.name(name),
          Token.hash(secret),
          TokenLine.roles(String.join(",", roles)),
          Optional.ofNullable(days).map(TokenCommand::in),
          patterns.stream().map(FunctionPattern::new).toList());
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
    }
  }

  private static Instant in(int days) {
    if (days < 1) {
      throw new IllegalArgumentException("--expires must be a number of days, 1 or more");
    }
    return Instant.now().plus(Duration.ofDays(days)).truncatedTo(ChronoUnit.SECONDS);
  }

  /// In one write, so that a sidecar that reads at this moment sees the line whole or not at all.
  private void append(Path file, String line) {
    try {
      if (!Files.exists(file)) {
        Files.createFile(
            file,
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
      }
      String before = Files.readString(file);
      String gap = before.isEmpty() || before.endsWith("\n") ? "" : "\n";
      Files.writeString(file, gap + line + "\n", StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw new ParameterException(
          spec.commandLine(),
          "Cannot add to '%s' (%s).".formatted(file, e.getClass().getSimpleName()),
          e);
    }
  }
}
