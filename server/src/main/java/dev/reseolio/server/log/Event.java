package dev.reseolio.server.log;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.text.MessageFormat;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import org.jspecify.annotations.Nullable;

/// What is said on one line.
///
/// @param level TRACE, DEBUG, INFO, WARNING or ERROR
/// @param fields in the order they were given; `exception` (with its stack) comes last
record Event(
    Instant time, String level, String logger, String message, Map<String, Object> fields) {

  static Event of(LogRecord record) {
    var fields = new LinkedHashMap<String, Object>();
    var parameters = record.getParameters();
    var others =
        Arrays.stream(parameters == null ? new Object[0] : parameters)
            .filter(parameter -> !asField(parameter, fields))
            .toArray();
    var thrown = record.getThrown();
    if (thrown != null) {
      fields.put("exception", stack(thrown));
    }
    return new Event(
        record.getInstant().truncatedTo(ChronoUnit.MILLIS),
        level(record.getLevel()),
        String.valueOf(record.getLoggerName()),
        message(String.valueOf(record.getMessage()), others),
        fields);
  }

  private static boolean asField(Object parameter, Map<String, Object> fields) {
    if (parameter instanceof Map.Entry<?, ?> field) {
      fields.put(String.valueOf(field.getKey()), plain(field.getValue()));
      return true;
    }
    return false;
  }

  /// Numbers and booleans stay what they are, all else becomes text.
  private static Object plain(@Nullable Object value) {
    return value instanceof Number || value instanceof Boolean ? value : String.valueOf(value);
  }

  private static String message(String pattern, Object[] parameters) {
    try {
      return parameters.length == 0 ? pattern : MessageFormat.format(pattern, parameters);
    } catch (IllegalArgumentException e) {
      return pattern;
    }
  }

  private static String stack(Throwable thrown) {
    var text = new StringWriter();
    thrown.printStackTrace(new PrintWriter(text));
    return text.toString().strip();
  }

  private static String level(Level level) {
    var value = level.intValue();
    if (value >= Level.SEVERE.intValue()) {
      return "ERROR";
    }
    if (value >= Level.WARNING.intValue()) {
      return "WARNING";
    }
    if (value >= Level.INFO.intValue()) {
      return "INFO";
    }
    return value >= Level.FINE.intValue() ? "DEBUG" : "TRACE";
  }
}
