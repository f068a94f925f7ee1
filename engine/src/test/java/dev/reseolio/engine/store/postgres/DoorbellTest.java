package dev.reseolio.engine.store.postgres;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reseolio.engine.store.Nodes.Ring;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DoorbellTest {
  private static List<Ring> thereAndBack(Ring ring) {
    return Doorbell.encode(ring).stream().map(p -> Doorbell.decode(p).orElseThrow()).toList();
  }

  @Test
  void ringsAreReadAsTheyAreSent() {
    List<UUID> jobs = List.of(UUID.randomUUID(), UUID.randomUUID());
    for (Ring ring :
        List.of(
            new Ring.Ready(List.of(3)),
            new Ring.Ready(List.of(3, 4, Integer.MAX_VALUE)),
            new Ring.Done(jobs),
            new Ring.CancelRequested())) {
      assertEquals(List.of(ring), thereAndBack(ring));
    }
  }

  @Test
  void manyJobsGoInSeveralPayloads() {
    List<UUID> jobs = Stream.generate(UUID::randomUUID).limit(1001).toList();
    List<UUID> heard = new ArrayList<>();
    for (Ring ring : thereAndBack(new Ring.Done(jobs))) {
      heard.addAll(((Ring.Done) ring).jobs());
    }
    assertEquals(jobs, heard);
    fit(new Ring.Done(jobs));
  }

  @Test
  void manyLanesGoInSeveralPayloadsInsteadOfBeingTooLongForNotify() {
    List<Integer> lanes = IntStream.range(1_000_000_000, 1_000_003_000).boxed().toList();
    List<Integer> heard = new ArrayList<>();
    for (Ring ring : thereAndBack(new Ring.Ready(lanes))) {
      heard.addAll(((Ring.Ready) ring).laneIds());
    }
    assertEquals(lanes, heard);
    fit(new Ring.Ready(lanes));
  }

  private static void fit(Ring ring) {
    for (String payload : Doorbell.encode(ring)) {
      assertTrue(payload.getBytes(StandardCharsets.UTF_8).length < 8000);
    }
  }

  @Test
  void nothingToSayIsNotSaid() {
    assertEquals(List.of(), Doorbell.encode(new Ring.Done(List.of())));
    assertEquals(List.of(), Doorbell.encode(new Ring.Ready(List.of())));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "r", "r ", "r x", "r 1,,2", "r 99999999999", "d", "d ", "d 1-2", "x 1", "7"})
  void whatOthersWriteIsIgnored(String payload) {
    assertEquals(Optional.empty(), Doorbell.decode(payload));
  }
}
