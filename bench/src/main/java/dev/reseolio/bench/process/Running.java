package dev.reseolio.bench.process;

import java.util.ArrayDeque;
import java.util.Deque;

/// Processes that are ended together, the latest first.
public final class Running implements AutoCloseable {
  private final Deque<Runnable> ends = new ArrayDeque<>();

  public Program add(Program program) {
    ends.push(program::close);
    return program;
  }

  public Sidecar add(Sidecar sidecar) {
    ends.push(sidecar::close);
    return sidecar;
  }

  @Override
  public void close() {
    while (!ends.isEmpty()) {
      ends.pop().run();
    }
  }
}
