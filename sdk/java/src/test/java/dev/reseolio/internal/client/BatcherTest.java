package dev.reseolio.internal.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import dev.reseolio.ReseolioException;
import dev.reseolio.internal.Timer;
import dev.reseolio.proto.v1.EnqueueRequest;
import dev.reseolio.proto.v1.EnqueueResponse;
import dev.reseolio.proto.v1.EnqueueResult;
import dev.reseolio.proto.v1.ErrorDetail;
import dev.reseolio.proto.v1.Payload;
import io.grpc.Channel;
import io.grpc.Status;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

@SuppressWarnings("FutureReturnValueIgnored") // some calls are there to fill the queue
class BatcherTest {
  private static final long LONG = TimeUnit.SECONDS.toNanos(20);
  private static final Channel CHANNEL =
      new Channels(Optional.empty(), Optional.empty()).to("127.0.0.1:1");

  private final Timer timer = new Timer();
  private final BlockingQueue<Sent> sent = new LinkedBlockingQueue<>();
  private final Batcher batcher =
      new Batcher(
          timer,
          new EnqueueTransport() {
            @Override
            public void send(
                Channel channel, List<EnqueueRequest> batch, long timeoutNanos, Answer answer) {
              sent.add(new Sent(batch, answer));
            }

            @Override
            public void close() {}
          });

  record Sent(List<EnqueueRequest> batch, EnqueueTransport.Answer answer) {
    void accept() {
      answer.answered(batch.stream().map(Sent::accepted).toList());
    }

    private static EnqueueResult accepted(EnqueueRequest job) {
      return EnqueueResult.newBuilder()
          .setEnqueued(EnqueueResponse.newBuilder().setJobId("id of " + job.getFunction()))
          .build();
    }
  }

  @AfterEach
  void stop() {
    timer.close();
  }

  private CompletableFuture<String> call(String function) {
    return batcher.enqueue(EnqueueRequest.newBuilder().setFunction(function).build(), LONG);
  }

  private CompletableFuture<String> callWithKey(String function) {
    return batcher.enqueue(
        EnqueueRequest.newBuilder().setFunction(function).setIdempotencyKey("k").build(), LONG);
  }

  private Sent next() throws InterruptedException {
    Sent next = sent.poll(10, TimeUnit.SECONDS);
    assertTrue(next != null, "a batch should have been sent");
    return next;
  }

  private static String code(CompletableFuture<String> failed) {
    ExecutionException e =
        assertThrows(ExecutionException.class, () -> failed.get(10, TimeUnit.SECONDS));
    return assertInstanceOf(ReseolioException.class, e.getCause()).code();
  }

  @Test
  void aSingleCallGoesOutAtOnce() throws Exception {
    batcher.up(CHANNEL);
    CompletableFuture<String> call = call("f");
    assertEquals(1, sent.size());
    next().accept();
    assertEquals("id of f", call.get());
  }

  @Test
  void callsThatComeWhileBatchesAreUnderWayGoOutTogether() throws Exception {
    batcher.up(CHANNEL);
    List<CompletableFuture<String>> calls = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      calls.add(call("f" + i));
    }
    assertEquals(Batcher.MAX_IN_FLIGHT, sent.size());
    for (int i = 0; i < Batcher.MAX_IN_FLIGHT; i++) {
      next().accept();
    }
    Sent rest = next();
    assertEquals(100 - Batcher.MAX_IN_FLIGHT, rest.batch().size());
    rest.accept();
    for (int i = 0; i < 100; i++) {
      assertEquals("id of f" + i, calls.get(i).get());
    }
  }

  @Test
  void batchesAreBounded() throws Exception {
    Payload large = Payload.newBuilder().setData(ByteString.copyFrom(new byte[300_000])).build();
    for (int i = 0; i < 5; i++) {
      batcher.enqueue(EnqueueRequest.newBuilder().setFunction("big").setArgs(large).build(), LONG);
    }
    for (int i = 0; i < 1_500; i++) {
      call("small");
    }
    batcher.up(CHANNEL);
    assertEquals(3, next().batch().size());
    assertEquals(Batcher.MAX_JOBS, next().batch().size());
    assertEquals(502, next().batch().size());
  }

  @Test
  void eachElementFailsForItself() throws Exception {
    call("gate1");
    call("gate2");
    batcher.up(CHANNEL);
    Sent both = next();
    assertEquals(2, both.batch().size());
    CompletableFuture<String> good = call("good");
    next().accept();
    assertEquals("id of good", good.get());
    CompletableFuture<String> bad = call("bad");
    ErrorDetail detail =
        ErrorDetail.newBuilder().setReason("payload_too_large").setMessage("limit").build();
    next().answer().answered(List.of(EnqueueResult.newBuilder().setError(detail).build()));
    assertEquals("payload_too_large", code(bad));
  }

  @Test
  void callsWaitForTheConnection() throws Exception {
    CompletableFuture<String> call = call("f");
    assertTrue(sent.isEmpty());
    batcher.up(CHANNEL);
    next().accept();
    assertEquals("id of f", call.get());
  }

  @Test
  void withoutAConnectionACallEndsAtItsTimeLimit() {
    CompletableFuture<String> call =
        batcher.enqueue(
            EnqueueRequest.newBuilder().setFunction("f").build(), TimeUnit.MILLISECONDS.toNanos(1));
    assertEquals("not_connected", code(call));
  }

  @Test
  void aCallHeldBackByASidecarThatDoesNotReadIsTurnedAwayAsOverloaded() throws Exception {
    batcher.up(CHANNEL);
    for (int i = 0; i < Batcher.MAX_IN_FLIGHT; i++) {
      call("under way");
    }
    CompletableFuture<String> held =
        batcher.enqueue(
            EnqueueRequest.newBuilder().setFunction("held").build(),
            TimeUnit.MILLISECONDS.toNanos(1));
    assertEquals("overloaded", code(held));
  }

  @Test
  void whatNeverLeftIsSentAgain() throws Exception {
    batcher.up(CHANNEL);
    CompletableFuture<String> call = call("f");
    next().answer().failed(Status.UNAVAILABLE.asRuntimeException(), false);
    next().accept();
    assertEquals("id of f", call.get());
  }

  @Test
  void anAmbiguousFailureIsRepeatedOnlyWithAKey() throws Exception {
    batcher.up(CHANNEL);
    CompletableFuture<String> plain = call("plain");
    CompletableFuture<String> keyed = callWithKey("keyed");
    next().answer().failed(Status.UNAVAILABLE.asRuntimeException(), true);
    next().answer().failed(Status.UNAVAILABLE.asRuntimeException(), true);
    assertEquals("outcome_unknown", code(plain));
    assertFalse(keyed.isDone());
    next().accept();
    assertEquals("id of keyed", keyed.get());
  }

  @Test
  void closingFailsWhatWasNotSent() {
    CompletableFuture<String> waiting = call("f");
    batcher.close();
    assertEquals("not_connected", code(waiting));
    assertEquals("not_connected", code(call("late")));
  }

  @Test
  void closingDoesNotSayThatACallWhichWasSentWasNot() throws Exception {
    batcher.up(CHANNEL);
    CompletableFuture<String> keyed = callWithKey("keyed");
    Sent lost = next();
    batcher.close();
    lost.answer().failed(Status.UNAVAILABLE.asRuntimeException(), true);
    assertEquals("outcome_unknown", code(keyed));
  }
}
