package dev.reseolio.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.reseolio.engine.watch.Telling;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class TellingTest {
  private final List<String> log = new ArrayList<>();
  private final Runnable send =
      new Runnable() {
        @Override
        public void run() {
          log.add("sent");
        }
      };

  @Test
  void whatIsPutOffComesOnceAfterAllHasBeenTold() {
    Telling.all(() -> {
      Telling.afterwards(send);
      log.add("first");
      Telling.afterwards(send);
      log.add("second");
    });
    assertEquals(List.of("first", "second", "sent"), log);
  }

  @Test
  void nothingIsPutOffWhileNothingIsTold() {
    Telling.afterwards(send);
    assertEquals(List.of("sent"), log);
  }

  @Test
  void oneListenerThatFailsDoesNotKeepTheOthersFromHearing() {
    Telling.all(() -> {
      Telling.afterwards(() -> {
        throw new IllegalStateException("a listener's bug");
      });
      Telling.afterwards(send);
    });
    assertEquals(List.of("sent"), log);
  }
}
