package dev.reseolio.server.log;

import dev.reseolio.server.config.LogFormat;
import java.io.OutputStream;
import java.lang.System.Logger.Level;
import java.util.List;
import java.util.Map;
import java.util.logging.LogManager;
import java.util.logging.Logger;

/// Installs logging for the whole process. A parameter of a log call that is a `Map.Entry` becomes
/// a field of the line: `LOG.log(INFO, "node joined", Map.entry("node", 7))`.
public final class Logs {
  /// Libraries that tell too much at INFO; held here because java.util.logging forgets loggers.
  private static final List<Logger> CHATTY =
      List.of(Logger.getLogger("io.grpc"), Logger.getLogger("org.postgresql"));

  /// The first tells with a stack of every connection that was reset or spoke nonsense: strangers
  /// must not be able to fill the log. The second of every session that the database ended: what
  /// failed because of it, and what is done about it, the engine says in a line.
  private static final List<Logger> NOISY =
      List.of(Logger.getLogger("io.grpc.okhttp"), Logger.getLogger("com.zaxxer.hikari"));

  private Logs() {}

  /// Sends every line of at least `level` to `out`; libraries speak at WARNING and above, some at
  /// ERROR, unless `level` is finer than INFO.
  public static void install(Level level, LogFormat format, OutputStream out) {
    LogManager.getLogManager().reset();
    var root = Logger.getLogger("");
    var threshold = julLevel(level);
    root.setLevel(threshold);
    root.addHandler(
        new LineHandler(format == LogFormat.JSON ? new JsonLine() : new TextLine(), out));
    var chatty =
        level.compareTo(Level.INFO) < 0 ? java.util.logging.Level.INFO : julLevel(Level.WARNING);
    var noisy = julLevel(level.compareTo(Level.ERROR) > 0 ? level : Level.ERROR);
    for (var logger : CHATTY) {
      logger.setLevel(level.compareTo(Level.WARNING) > 0 ? threshold : chatty);
    }
    for (var logger : NOISY) {
      logger.setLevel(level.compareTo(Level.INFO) < 0 ? chatty : noisy);
    }
  }

  /// A field of a log line.
  public static Map.Entry<String, Object> field(String name, Object value) {
    return Map.entry(name, value);
  }

  private static java.util.logging.Level julLevel(Level level) {
    return switch (level) {
      case ALL, TRACE -> java.util.logging.Level.FINER;
      case DEBUG -> java.util.logging.Level.FINE;
      case INFO -> java.util.logging.Level.INFO;
      case WARNING -> java.util.logging.Level.WARNING;
      case ERROR -> java.util.logging.Level.SEVERE;
      case OFF -> java.util.logging.Level.OFF;
    };
  }
}
