package dev.reseolio.server.log;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.logging.ErrorManager;
import java.util.logging.Handler;
import java.util.logging.LogRecord;

/// Writes each record as one line, in one piece, at once.
final class LineHandler extends Handler {
  private final Line line;
  private final OutputStream out;

  LineHandler(Line line, OutputStream out) {
    this.line = line;
    this.out = out;
  }

  @Override
  public void publish(LogRecord record) {
    if (!isLoggable(record)) {
      return;
    }
    var bytes = (Secrets.mask(line.of(Event.of(record))) + "\n").getBytes(StandardCharsets.UTF_8);
    synchronized (out) {
      try {
        out.write(bytes);
        out.flush();
      } catch (IOException e) {
        reportError(null, e, ErrorManager.WRITE_FAILURE);
      }
    }
  }

  @Override
  public void flush() {}

  @Override
  public void close() {}
}
