package dev.reseolio.bench.process;

import dev.reseolio.survival.Signals;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;

/// A child process that is spoken to in lines. What it says on stderr goes to a file.
public final class Program implements AutoCloseable {
  private static final Line END = new Line("", 0);
  private static final Duration PATIENCE = Duration.ofMinutes(3);

  private final String name;
  private final Process process;
  private final Path errors;
  private final BufferedWriter in;
  private final BlockingQueue<Line> lines = new LinkedBlockingQueue<>();

  /// @param nanos when it was read
  public record Line(String text, long nanos) {
    /// The words after the first one.
    public double[] numbers() {
      String[] words = text.split(" ", -1);
      double[] numbers = new double[words.length - 1];
      for (int i = 0; i < numbers.length; i++) {
        numbers[i] = Double.parseDouble(words[i + 1]);
      }
      return numbers;
    }
  }

  private Program(String name, Process process, Path errors) {
    this.name = name;
    this.process = process;
    this.errors = errors;
    this.in = process.outputWriter(StandardCharsets.UTF_8);
  }

  public static Program start(
      Path work, String name, List<String> command, Map<String, String> more) {
    try {
      Path errors = Files.createTempFile(work, name + "-", ".err");
      ProcessBuilder builder = new ProcessBuilder(command).redirectError(errors.toFile());
      builder.environment().putAll(more);
      Program program = new Program(name, builder.start(), errors);
      Thread.ofVirtual().start(program::read);
      return program;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void read() {
    try (BufferedReader out = process.inputReader(StandardCharsets.UTF_8)) {
      for (String text; (text = out.readLine()) != null; ) {
        lines.add(new Line(text, System.nanoTime()));
      }
    } catch (IOException gone) {
      // Killed: the end of the output is all there is to know.
    }
    lines.add(END);
  }

  public void tell(String line) {
    try {
      in.write(line);
      in.newLine();
      in.flush();
    } catch (IOException e) {
      throw failed("does not listen any more", e);
    }
  }

  /// The next line that starts with this; others before it are dropped.
  public Line await(String start) {
    try {
      for (Line line; (line = lines.poll(PATIENCE.toSeconds(), TimeUnit.SECONDS)) != null; ) {
        if (line.equals(END)) {
          throw failed("ended while \"" + start + "\" was awaited", null);
        }
        if (line.text().startsWith(start)) {
          return line;
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    throw failed("did not say \"" + start + "\" within " + PATIENCE, null);
  }

  /// When the next lines were read that start with this, of whichever of some programs, in order.
  public static LongStream await(List<Program> some, String start, int count) {
    List<Long> read = new ArrayList<>();
    long giveUp = System.nanoTime() + PATIENCE.toNanos();
    while (read.size() < count) {
      int before = read.size();
      for (Program program : some) {
        for (Line line; (line = program.lines.poll()) != null; ) {
          if (line.text().startsWith(start)) {
            read.add(line.nanos());
          }
        }
      }
      if (read.size() == before) {
        Wait.millis(1);
      }
      if (System.nanoTime() > giveUp) {
        throw some.getFirst()
            .failed(
                "and others said \"%s\" %d times, not %d".formatted(start, before, count), null);
      }
    }
    return read.stream().mapToLong(nanos -> nanos).sorted();
  }

  private IllegalStateException failed(String how, @org.jspecify.annotations.Nullable Throwable e) {
    String said;
    try {
      said = Files.readString(errors);
    } catch (IOException unreadable) {
      said = "";
    }
    return new IllegalStateException(name + " " + how + "\n" + said, e);
  }

  public long pid() {
    return process.pid();
  }

  /// Resident memory in MB.
  public double residentMegabytes() {
    try {
      for (String line : Files.readAllLines(Path.of("/proc/" + pid() + "/smaps_rollup"))) {
        if (line.startsWith("Rss:")) {
          return Double.parseDouble(line.replaceAll("\\D", "")) / 1024;
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    throw new IllegalStateException("no Rss of " + name);
  }

  /// Lets it stand still, as a machine that hangs does.
  public void freeze() {
    Signals.send("STOP", pid());
  }

  /// SIGKILL.
  public void kill() {
    process.destroyForcibly();
  }

  /// SIGTERM, and SIGKILL when that does not help.
  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(5, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        process.waitFor();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
