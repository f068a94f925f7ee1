package dev.reseolio.server.traffic;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
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

  private void pass(long bytes) {
    unwritten.told(bytes);
    unwritten.passed(bytes);
  }

  private void rest() {
    now.addAndGet(Unwritten.QUIET.toNanos());
  }

  private static byte[] frame(int type, int payload) {
    return ByteBuffer.allocate(9 + payload)
        .put((byte) (payload >> 16))
        .putShort((short) payload)
        .put((byte) type)
        .array();
  }

  private void send(byte[] bytes) throws IOException {
    socket.write(bytes);
    socket.flush();
  }

  @Test
  void dataIsCountedAsItIsWrittenHoweverItIsCut() throws IOException {
    send(frame(4, 6));
    pass(300_000);
    byte[] first = frame(0, 100_000);
    socket.write(first, 0, 4);
    socket.write(first[4]);
    socket.write(first, 5, 50_004);
    assertEquals(250_000, unwritten.bytes());
    socket.write(first, 50_009, 50_000);
    socket.write(frame(1, 70));
    socket.write(frame(0, 0));
    assertEquals(200_000, unwritten.bytes());
    socket.write(frame(0, 200_000));
    assertEquals(0, unwritten.bytes());
  }

  @Test
  void whatIsWrittenBeforeItsPassingIsToldIsNotUnwritten() throws IOException {
    unwritten.told(100);
    send(frame(0, 100));
    assertEquals(0, unwritten.bytes());
    unwritten.passed(100);
    assertEquals(0, unwritten.bytes());
  }

  @Test
  void whatWasNotToldOfHidesNothing() throws IOException {
    unwritten.told(10);
    send(frame(0, 100_000));
    pass(500);
    assertEquals(490, unwritten.bytes());
  }

  @Test
  void whatWasDroppedIsForgottenWithAFlushThatBeganAfterIt() throws IOException {
    pass(100);
    socket.write(frame(6, 8));
    pass(20);
    assertEquals(120, unwritten.bytes());
    socket.flush();
    assertEquals(20, unwritten.bytes());
    send(frame(6, 8));
    assertEquals(0, unwritten.bytes());
  }

  @Test
  void whileAWriteLastsNothingIsForgotten() throws IOException {
    socket.write(frame(6, 8));
    pass(100);
    rest();
    rest();
    assertEquals(100, unwritten.bytes());
  }

  @Test
  void whatWasDroppedIsForgottenOnceTheSocketRests() throws IOException {
    send(frame(6, 8));
    rest();
    pass(100);
    now.addAndGet(Unwritten.QUIET.toNanos() - 1);
    assertEquals(100, unwritten.bytes());
    now.incrementAndGet();
    assertEquals(0, unwritten.bytes());
  }

  @Test
  void whoWaitsIsToldAfterTheNextFlush() throws Exception {
    var told = new CompletableFuture<Boolean>();
    pass(100);
    socket.write(0);
    unwritten.onceWritten(() -> told.complete(true));
    assertFalse(told.isDone());
    socket.flush();
    told.get(10, TimeUnit.SECONDS);
  }

  @Test
  void whileAWriteLastsOnlySoManyFramesAreReadThatMayBeAnswered() throws Exception {
    socket.write(frame(6, 8));
    for (int i = 0; i < Unwritten.MOST_TO_ANSWER; i++) {
      unwritten.awaitRoomForAnswer();
    }
    var read = new CompletableFuture<Boolean>();
    var reader =
        Thread.ofPlatform()
            .start(() -> {
              try {
                unwritten.awaitRoomForAnswer();
                read.complete(true);
              } catch (InterruptedException e) {
                read.completeExceptionally(e);
              }
            });
    while (reader.getState() != Thread.State.WAITING) {
      assertFalse(read.isDone(), "it should have been held back");
      Thread.onSpinWait();
    }
    socket.flush();
    read.get(10, TimeUnit.SECONDS);
  }

  @Test
  void whoWaitsForNothingIsToldAtOnce() throws Exception {
    var told = new CompletableFuture<Boolean>();
    unwritten.onceWritten(() -> told.complete(true));
    told.get(10, TimeUnit.SECONDS);
  }
}
