package dev.reseolio.cli;

import dev.reseolio.server.ServerMain;
import java.lang.System.Logger.Level;
import java.util.Arrays;
import java.util.List;

/// Entry of the `reseolio` command. Exit codes: 0 done, 1 failed, 2 wrong usage.
public final class Main {
  private static final int FAILED = 1;
  private static final List<String> HELP = List.of("--help", "-h");

  private Main() {}

  /// Ends the process also after a bug, when other threads live on.
  public static void main(String[] arguments) {
    int code = FAILED;
    try {
      code = run(arguments);
    } catch (Throwable bug) {
      System.getLogger(Main.class.getName()).log(Level.ERROR, "ended by a bug", bug);
    }
    System.exit(code);
  }

  /// `server` goes straight to the sidecar, which reads its flags from the same table: loading
  /// picocli would cost it start time and memory for as long as it runs.
  static int run(String... arguments) {
    var rest = Arrays.asList(arguments).subList(Math.min(1, arguments.length), arguments.length);
    return isServer(arguments) && rest.stream().noneMatch(HELP::contains)
        ? ServerMain.run(rest)
        : Commands.execute(arguments);
  }

  private static boolean isServer(String[] arguments) {
    return arguments.length > 0 && arguments[0].equals("server");
  }
}
