package dev.reseolio.internal;

import java.lang.System.Logger.Level;
import org.jspecify.annotations.Nullable;

/// The SDK's one logger, `dev.reseolio`.
public final class Log {
  private static final System.Logger LOGGER = System.getLogger("dev.reseolio");

  private Log() {}

  public static void warn(String message, @Nullable Throwable error) {
    LOGGER.log(Level.WARNING, message, error);
  }

  public static void warn(String message) {
    LOGGER.log(Level.WARNING, message);
  }

  public static void info(String message) {
    LOGGER.log(Level.INFO, message);
  }

  public static void debug(String message) {
    LOGGER.log(Level.DEBUG, message);
  }
}
