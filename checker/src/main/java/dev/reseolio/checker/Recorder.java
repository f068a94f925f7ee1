package dev.reseolio.checker;

import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/// The history of one process, in a file of its own. What [#add] returned from survives the death
/// of the process: it is with the operating system.
public final class Recorder implements AutoCloseable {
  private final OutputStream file;

  public Recorder(Path path) {
    try {
      file = new FileOutputStream(path.toFile(), true);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public void add(Event event) {
    byte[] line = (Line.of(event) + '\n').getBytes(StandardCharsets.UTF_8);
    synchronized (file) {
      try {
        file.write(line);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  @Override
  public void close() {
    try {
      file.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
