package dev.reseolio.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reseolio.Durable1;
import dev.reseolio.JobFailedException;
import dev.reseolio.JobHandle;
import dev.reseolio.Reseolio;
import dev.reseolio.ReseolioException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class PayloadIT extends SidecarIT {

  private <T> void comesBack(Class<T> type, T value) {
    Durable1<T, T> echo = reseolio.durable(unique("echo"), type, type, in -> in);
    assertEquals(value, echo.call(value).result(SOON));
  }

  @Test
  void bigNumbersAreExact() {
    comesBack(BigDecimal.class, new BigDecimal("12345678901234567890.12345678901234567890"));
    comesBack(BigInteger.class, new BigInteger("9".repeat(500)));
    comesBack(Long.class, Long.MIN_VALUE);
  }

  @Test
  void unicode() {
    comesBack(String.class, "Größe 漢字 🗝 \u0000 \u2028 \" \\ \uFFFF");
  }

  @Test
  void aMegabyte() {
    comesBack(String.class, "m".repeat(1 << 20));
  }

  /// Four times the sidecar's heap: it has to take them a part at a time.
  @Test
  void aBacklogOfLargeArgumentsIsWorkedOff() {
    CountDownLatch begin = new CountDownLatch(1);
    String megabyte = "m".repeat(1 << 20);
    try (Reseolio many = builder().concurrency(120).start()) {
      Durable1<String, Integer> length =
          many.durable(
              unique("backlog"),
              String.class,
              Integer.class,
              text -> {
                await(begin);
                return text.length();
              });
      List<JobHandle<Integer>> handles = new ArrayList<>();
      for (int i = 0; i < 250; i++) {
        handles.add(length.call(megabyte));
      }
      begin.countDown();
      for (JobHandle<Integer> handle : handles) {
        assertEquals(1 << 20, handle.result(SOON));
        assertEquals(0, handle.details().failures());
      }
    }
  }

  @Test
  void manyLargeResultsAtOnceAreRecorded() {
    CountDownLatch begin = new CountDownLatch(1);
    try (Reseolio many = builder().concurrency(250).start()) {
      Durable1<Integer, String> megabytes =
          many.durable(
              unique("results"),
              Integer.class,
              String.class,
              count -> {
                await(begin);
                return "r".repeat(count << 20);
              });
      List<JobHandle<String>> handles = new ArrayList<>();
      for (int i = 0; i < 250; i++) {
        handles.add(megabytes.call(1));
      }
      begin.countDown();
      for (JobHandle<String> handle : handles) {
        assertEquals(1 << 20, handle.result(SOON).length());
        assertEquals(0, handle.details().failures());
      }
    }
  }

  /// More than one message holds: who waits for them at once gets them in several.
  @Test
  void manyLargeResultsAreReadByAClientThatComesLater() throws Exception {
    Durable1<Integer, String> megabytes =
        reseolio.durable(unique("later"), Integer.class, String.class, n -> "r".repeat(n << 20));
    List<JobHandle<String>> handles = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      handles.add(megabytes.call(1));
    }
    for (JobHandle<String> handle : handles) {
      handle.result(SOON);
    }
    List<CompletableFuture<String>> again = new ArrayList<>();
    for (JobHandle<String> handle : handles) {
      again.add(reseolio.handle(handle.id(), String.class).resultAsync());
    }
    for (CompletableFuture<String> result : again) {
      assertEquals(1 << 20, result.get(SOON.toSeconds(), TimeUnit.SECONDS).length());
    }
  }

  @Test
  void argumentsOverTheLimitAreRefused() {
    Durable1<String, String> fn =
        reseolio.durable(unique("large"), String.class, String.class, in -> "ok");
    for (int megabytes : new int[] {5, 17}) {
      ReseolioException e =
          assertThrows(ReseolioException.class, () -> fn.call("x".repeat(megabytes << 20)));
      assertEquals("payload_too_large", e.code());
      assertTrue(
          String.valueOf(e.getMessage()).matches("(?s).*\\d.*"),
          "names the limit: " + e.getMessage());
    }
    assertEquals("ok", fn.call("x").result(SOON));
  }

  @Test
  void aResultOverTheLimitFailsTheJobOnce() {
    Durable1<Integer, String> fn =
        reseolio.durable(unique("result"), int.class, String.class, "x"::repeat, attempts(3));
    JobFailedException e =
        assertThrows(JobFailedException.class, () -> fn.call(5 << 20).result(SOON));
    assertEquals("PayloadTooLarge", e.type());
    assertEquals(1, e.attempts());
  }

  @Test
  void aResultThatCannotBeEncodedIsNotRetried() {
    Durable1<Integer, Object> fn =
        reseolio.durable(unique("thread"), int.class, Object.class, in -> itself(), attempts(3));
    assertEquals(
        1, assertThrows(JobFailedException.class, () -> fn.call(1).result(SOON)).attempts());
  }

  private static List<Object> itself() {
    List<Object> list = new ArrayList<>();
    list.add(list);
    return list;
  }
}
