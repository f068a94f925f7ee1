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

  /// Frames that are read while a write lasts, and that may be answered with headers: those lie in
  /// the queue too, and are not counted.
  static final int MOST_TO_ANSWER = 32;

  private final LongSupplier nanoTime;
  private final Queue<Runnable> waiting = new ArrayDeque<>();
  private final SentData sent = new SentData();

  /// What waits for the window.
  private long held;

  /// Bytes that the window has let through, of all times.
  private long passed;

  /// Of them, before the write began that goes on.
  private long begun;

  /// What is not in the queue any more. More than `passed` when its passing was not told yet.
  private long gone;

  private int toAnswer;
  private boolean writing;
  private boolean closed;
  private long restsSince;
  private long movedAt;

  Unwritten(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
    this.restsSince = nanoTime.getAsLong();
    this.movedAt = restsSince;
  }

  /// So many bytes more are told to the client. Less than nothing: less than was thought.
  public synchronized void told(long bytes) {
    held += bytes;
  }

  /// So many of them are not held back any more: the window has let them through, or their call is
  /// over.
  public synchronized void passed(long bytes) {
    held -= bytes;
    passed += bytes;
    restsSince = nanoTime.getAsLong();
  }

  public synchronized long bytes() {
    gone = Math.min(gone, passed + held);
    if (passed <= gone) {
      return 0;
    }
    if (!writing && nanoTime.getAsLong() - restsSince >= QUIET.toNanos()) {
      gone = passed;
    }
    return passed - gone;
  }

  /// When the socket took something last, as `System.nanoTime()` tells it.
  public synchronized long movedAt() {
    return movedAt;
  }

  /// Runs something, on a thread of its own, after the flush that comes next, or when none can be
  /// expected to come.
  public void onceWritten(Runnable then) {
    synchronized (this) {
      waiting.add(then);
      if (writing) {
        return;
      }
    }
    Thread.startVirtualThread(this::tellAfterRest);
  }

  private void tellAfterRest() {
    try {
      if (bytes() > 0) {
        Thread.sleep(QUIET);
      }
      tell();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void tell() {
    List<Runnable> ready;
    synchronized (this) {
      ready = List.copyOf(waiting);
      waiting.clear();
    }
    ready.forEach(Thread::startVirtualThread);
  }

  /// A frame has come that may be answered. Returns when the answer will not be one of too many.
  synchronized void awaitRoomForAnswer() throws InterruptedException {
    toAnswer++;
    while (writing && toAnswer > MOST_TO_ANSWER && !closed) {
      wait();
    }
  }

  /// Its socket is closed.
  synchronized void close() {
    closed = true;
    notifyAll();
  }

  private synchronized void begin() {
    if (!writing) {
      writing = true;
      begun = passed;
      toAnswer = 0;
    }
  }

  private synchronized void written(int data) {
    if (data > 0) {
      gone = Math.min(gone + data, passed + held);
      movedAt = nanoTime.getAsLong();
    }
  }

  private void end() {
    synchronized (this) {
      writing = false;
      gone = Math.max(gone, begun);
      restsSince = nanoTime.getAsLong();
      notifyAll();
      if (waiting.isEmpty()) {
        return;
      }
    }
    tell();
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
