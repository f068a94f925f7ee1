package dev.reseolio.server.traffic;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.IOException;
import java.io.OutputStream;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class UnwrittenTest {
  private final AtomicLong now = new AtomicLong();
  private final Unwritten unwritten = new Unwritten(now::get);
  private final OutputStream socket = unwritten.watching(OutputStream.nullOutputStream());

  private void rest() {
    now.addAndGet(Unwritten.QUIET.toNanos());
  }

  @Test
  void whatPassedBeforeAWriteIsWrittenWithItsFlush() throws IOException {
    unwritten.passed(100);
    socket.write(new byte[7]);
    assertEquals(100, unwritten.bytes());
    unwritten.passed(20);
    socket.write(new byte[7]);
    assertEquals(120, unwritten.bytes());
    socket.flush();
    assertEquals(20, unwritten.bytes());
    socket.write(0);
    socket.flush();
    assertEquals(0, unwritten.bytes());
  }

  @Test
  void whileAWriteLastsNothingIsWritten() throws IOException {
    socket.write(0);
    unwritten.passed(100);
    rest();
    rest();
    assertEquals(100, unwritten.bytes());
  }

  @Test
  void whatIsToldOfAfterItsFlushIsWrittenOnceTheSocketRests() throws IOException {
    socket.write(0);
    socket.flush();
    unwritten.passed(100);
    now.addAndGet(Unwritten.QUIET.toNanos() - 1);
    assertEquals(100, unwritten.bytes());
    now.incrementAndGet();
    assertEquals(0, unwritten.bytes());
  }

  @Test
  void whatItsWriterHasNotBegunWithIsUnwrittenForAMoment() {
    rest();
    unwritten.passed(100);
    assertEquals(100, unwritten.bytes());
  }

  @Test
  void whoWaitsIsToldAfterTheNextFlush() throws Exception {
    var told = new CompletableFuture<Boolean>();
    unwritten.passed(100);
    socket.write(0);
    unwritten.onceWritten(() -> told.complete(true));
    assertFalse(told.isDone());
    socket.flush();
    told.get(10, TimeUnit.SECONDS);
  }

  @Test
  void whoWaitsForNothingIsToldAtOnce() throws Exception {
    var told = new CompletableFuture<Boolean>();
    unwritten.onceWritten(() -> told.complete(true));
    told.get(10, TimeUnit.SECONDS);
  }
}
