package dev.reseolio.server.traffic;

import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.function.LongSupplier;

/// How much of what was told to a client its window has let through, and its socket has not taken
/// yet. The transport keeps that in a queue of its own, whose length only the client decides: by
/// the window that it grants, and by how it reads.
///
/// What was dropped, because its call was over, is never written. The transport writes what is in
/// its queue, then flushes, and begins again: what had passed the window before a write began is
/// not in the queue any more when the next flush is done, nor is anything after [#QUIET].
public final class Unwritten {
  static final Duration QUIET = Duration.ofSeconds(10);

  private final LongSupplier nanoTime;
  private final Queue<Runnable> waiting = new ArrayDeque<>();
  private final SentData sent = new SentData();

  /// Bytes, of all times.
  private long passed;

  /// Of them, before the write began that goes on.
  private long begun;

  /// What is not in the queue any more; more than `passed`, when its passing was not told yet.
  private long gone;

  private boolean writing;
  private long restsSince;

  Unwritten(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
    this.restsSince = nanoTime.getAsLong();
  }

  /// The window has let so many bytes through.
  public synchronized void passed(long bytes) {
    passed += bytes;
    restsSince = nanoTime.getAsLong();
  }

  /// Nothing is left of which its passing will be told.
  public synchronized void allPassed() {
    gone = Math.min(gone, passed);
  }

  public synchronized long bytes() {
    if (!writing && nanoTime.getAsLong() - restsSince >= QUIET.toNanos()) {
      gone = passed;
    }
    return Math.max(0, passed - gone);
  }

  /// Runs something, on a thread of its own, after the flush that comes next; at once when nothing
  /// is unwritten.
  public void onceWritten(Runnable then) {
    synchronized (this) {
      if (bytes() > 0) {
        waiting.add(then);
        return;
      }
    }
    Thread.startVirtualThread(then);
  }

  private synchronized void begin() {
    if (!writing) {
      writing = true;
      begun = passed;
    }
  }

  private synchronized void written(int data) {
    gone += data;
  }

  private void end() {
    List<Runnable> ready;
    synchronized (this) {
      writing = false;
      gone = Math.max(gone, begun);
      restsSince = nanoTime.getAsLong();
      ready = List.copyOf(waiting);
      waiting.clear();
    }
    ready.forEach(Thread::startVirtualThread);
  }

  /// The same output, watched. For one thread.
  public OutputStream watching(OutputStream out) {
    return new OutputStream() {
      @Override
      public void write(int one) throws IOException {
        write(new byte[] {(byte) one}, 0, 1);
      }

      @Override
      public void write(byte[] bytes, int offset, int length) throws IOException {
        begin();
        out.write(bytes, offset, length);
        written(sent.in(bytes, offset, length));
      }

      @Override
      public void flush() throws IOException {
        out.flush();
        end();
      }

      @Override
      public void close() throws IOException {
        out.close();
      }
    };
  }
}
