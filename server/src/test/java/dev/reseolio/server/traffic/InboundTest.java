package dev.reseolio.server.traffic;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.grpc.Status;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class InboundTest {
  private static final int MOST = (int) Inbound.MOST_BYTES;
  private static final int SEGMENT = (int) UntakenFrames.SEGMENT_BYTES;
  private static final int PING = 6;
  private static final int HEADERS = 1;
  private static final int FRAME = 16 << 10;

  private final AtomicLong now = new AtomicLong();
  private final Inbound inbound = new Inbound(now::get);

  /// A connection with one call.
  private final class Client {
    final CompletableFuture<Void> closed = new CompletableFuture<>();
    final Connection connection = inbound.connection(() -> closed.complete(null));
    final InboundCall call = new InboundCall(inbound, connection, 1);

    /// With so much of a message that has not come whole.
    Client(int arriving) {
      call.ask(1);
      arrive(call, arriving);
    }

    /// Another call.
    InboundCall open(int stream) throws IOException {
      connection.frame(HEADERS, stream, 0);
      return Connection.opened();
    }

    /// What has come is a message.
    void whole(int bytes) {
      InboundTest.whole(call, bytes);
    }

    /// Waits for its turn on a thread of its own.
    Reader read() {
      return new Reader(connection);
    }
  }

  private void arrive(InboundCall call, int bytes) {
    assertTrue(inbound.arrived(call, bytes));
  }

  private static void whole(InboundCall call, int bytes) {
    long message = bytes - UntakenFrames.PREFIX_BYTES;
    call.inboundMessageRead(0, message, message);
  }

  private static final class Reader {
    final CompletableFuture<Object> end = new CompletableFuture<>();
    final Thread thread;

    Reader(Connection connection) {
      thread =
          Thread.ofPlatform()
              .start(() -> {
                try {
                  connection.frame(PING, 0, 0);
                  end.complete("read");
                } catch (IOException e) {
                  end.complete(e);
                }
              });
    }

    Reader held() {
      while (thread.getState() != Thread.State.TIMED_WAITING) {
        assertFalse(end.isDone(), "it should have been held back");
        Thread.onSpinWait();
      }
      return this;
    }

    void assertRead() {
      assertEquals("read", end.orTimeout(10, TimeUnit.SECONDS).join());
    }
  }

  /// Two frames of the usual size: 32 767 bytes are left, and half a window is 32 767.5.
  @Test
  void aConnectionThatGetsNoMoreOfItsWindowIsClosed() throws Exception {
    Client client = new Client(0);
    client.connection.frame(Connection.DATA, 3, FRAME);
    assertEquals(FRAME, client.connection.lost());
    client.connection.frame(Connection.DATA, 5, FRAME);
    client.closed.get(10, TimeUnit.SECONDS); // Its client has a moment to read why.
  }

  @Test
  void aFrameThatIsDealtWithWhenItsCallEndsMayBeLost() throws Exception {
    Client client = new Client(0);
    InboundCall first = client.open(3);
    client.connection.frame(Connection.DATA, 3, FRAME);
    client.connection.dealt();
    first.streamClosed(Status.OK);
    assertEquals(0, client.connection.lost());
    InboundCall second = client.open(5);
    client.connection.frame(Connection.DATA, 5, FRAME);
    second.streamClosed(Status.OK);
    client.connection.dealt();
    assertEquals(FRAME, client.connection.lost());
  }

  @Test
  void allAreReadWhileLittleIsInside() {
    var one = new Client(MOST / 2 - SEGMENT);
    var other = new Client(MOST / 2 - SEGMENT);
    one.read().assertRead();
    other.read().assertRead();
  }

  @Test
  void ofThoseWithMuchInsideOneIsReadUntilItsRequestIsTaken() {
    var first = new Client(MOST);
    var second = new Client(MOST);
    var held = second.read().held();
    first.read().assertRead();
    first.whole(MOST);
    held.held();
    first.call.take(held::held);
    held.assertRead();
  }

  @Test
  void whoHasLittleInsideIsAlwaysRead() {
    var first = new Client(MOST + 1);
    var small = new Client((int) Inbound.SMALL_BYTES - SEGMENT);
    small.read().assertRead();
    first.call.streamClosed(Status.CANCELLED);
  }

  @Test
  void theTurnOfACallThatIsOverPassesOn() {
    var first = new Client(MOST);
    var held = new Client(MOST).read().held();
    first.call.streamClosed(Status.CANCELLED);
    held.assertRead();
  }

  @Test
  void aTurnThatTakesTooLongIsClosed() {
    var slow = new Client(MOST);
    var second = new Client(MOST);
    now.addAndGet(Inbound.TURN.toNanos() - 1);
    second.read().held().thread.interrupt();
    assertFalse(slow.closed.isDone());
    now.incrementAndGet();
    second.read().assertRead();
    assertTrue(slow.closed.isDone());
    assertFalse(second.closed.isDone());
  }

  @Test
  void aTurnBeginsWhenOthersHaveToWait() {
    var alone = new Client(MOST - SEGMENT);
    now.addAndGet(10 * Inbound.TURN.toNanos());
    var second = new Client(MOST);
    second.read().held().thread.interrupt();
    assertFalse(alone.closed.isDone());
  }

  @Test
  void whoWaitsToBeTakenIsNotClosed() {
    var first = new Client(MOST);
    first.whole(MOST);
    var second = new Client(MOST);
    now.addAndGet(Inbound.TURN.toNanos());
    second.read().held().thread.interrupt();
    assertFalse(first.closed.isDone());
  }

  @Test
  void whoseSocketIsClosedDoesNotWait() {
    var first = new Client(MOST);
    var second = new Client(MOST);
    var held = second.read().held();
    second.connection.closed();
    held.assertRead();
    assertFalse(first.closed.isDone());
  }

  @Test
  void aReaderThatIsInterruptedGivesUp() {
    var first = new Client(MOST);
    var held = new Client(MOST).read().held();
    held.thread.interrupt();
    assertInstanceOf(InterruptedIOException.class, held.end.join());
    assertFalse(first.closed.isDone());
  }

  @Test
  void whatIsBeingTakenCountsThoughItsCallIsOver() {
    var first = new Client(MOST);
    first.whole(MOST);
    var second = new Client(MOST);
    var third = new Client(MOST);
    first.call.take(() -> {
      first.call.streamClosed(Status.CANCELLED);
      second.read().held().thread.interrupt();
    });
    second.read().assertRead();
    third.read().held().thread.interrupt();
  }

  @Test
  void smallFramesCountAsWhatTheyTakeUp() {
    var first = new Client(1);
    for (long frames = MOST / UntakenFrames.SEGMENT_BYTES; frames > 0; frames--) {
      arrive(first.call, 1);
    }
    var held = new Client(MOST).read().held();
    first.whole(1 + MOST / (int) UntakenFrames.SEGMENT_BYTES);
    held.held();
    first.call.take(() -> {});
    held.assertRead();
  }

  @Test
  void smallMessagesThatAreBeingTakenCountForWhatTheyAre() {
    List<Client> clients = new ArrayList<>();
    for (int bytes = 0; bytes <= MOST; bytes += SEGMENT) {
      clients.add(new Client(40));
      clients.getLast().whole(40);
    }
    var turn = new Client(MOST / 4);
    var large = new Client(MOST / 4);
    var held = large.read().held();
    turn.read().assertRead();
    takeAll(clients.iterator(), held::assertRead);
  }

  private static void takeAll(Iterator<Client> clients, Runnable then) {
    if (clients.hasNext()) {
      clients.next().call.take(() -> takeAll(clients, then));
    } else {
      then.run();
    }
  }

  @Test
  void framesWithoutDataCountAsWell() {
    var first = new Client(0);
    for (long frames = MOST / UntakenFrames.FRAME_BYTES; frames > 0; frames--) {
      arrive(first.call, 0);
    }
    var held = new Client(MOST).read().held();
    first.whole((int) UntakenFrames.PREFIX_BYTES);
    arrive(first.call, (int) UntakenFrames.PREFIX_BYTES);
    first.call.take(() -> {});
    held.assertRead();
  }

  @Test
  void whatNobodyAskedForIsNotWaitedFor() {
    var first = new Client(MOST);
    first.whole(MOST);
    arrive(first.call, MOST);
    var second = new Client(MOST);
    now.addAndGet(Inbound.TURN.toNanos());
    second.read().held().thread.interrupt();
    assertFalse(first.closed.isDone());
    first.call.ask(1);
    now.addAndGet(Inbound.TURN.toNanos());
    second.read().assertRead();
    assertTrue(first.closed.isDone());
  }

  @Test
  void whatComesForACallThatIsOverIsNotInside() {
    var first = new Client(MOST);
    first.call.streamClosed(Status.CANCELLED);
    assertFalse(inbound.arrived(first.call, MOST));
    var second = new Client(MOST);
    second.read().assertRead();
  }

  @Test
  void whatWaitsToBeTakenOnOneConnectionHoldsItBackBeyondItsLargestAndSome() {
    var client = new Client(MOST);
    client.whole(MOST);
    var other = new InboundCall(inbound, client.connection, 3);
    arrive(other, MOST);
    whole(other, MOST);
    client.read().assertRead();
    var third = new InboundCall(inbound, client.connection, 5);
    int beyond = (int) Inbound.MOST_BESIDE_BYTES - MOST + 1;
    arrive(third, beyond);
    whole(third, beyond);
    var held = client.read().held();
    other.streamClosed(Status.CANCELLED);
    held.assertRead();
  }

  @Test
  void oneCallMayNotBeLargerThanTheLargestMessage() {
    var client = new Client((int) Inbound.MOST_REQUEST_BYTES);
    client.read().assertRead();
    arrive(client.call, (int) Inbound.MOST_BESIDE_BYTES - SEGMENT);
    client.read().assertRead();
    arrive(client.call, SEGMENT);
    client.read().held().thread.interrupt();
  }
}
