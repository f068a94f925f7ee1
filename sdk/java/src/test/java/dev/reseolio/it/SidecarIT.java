package dev.reseolio.it;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reseolio.Backoff;
import dev.reseolio.FunctionOptions;
import dev.reseolio.Reseolio;
import dev.reseolio.ReseolioBuilder;
import dev.reseolio.Sidecar;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestInstance;

/// One sidecar for the tests of a class.
@Tag("sidecar")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class SidecarIT {
  static final Duration SOON = Duration.ofSeconds(30);

  @SuppressWarnings("NullAway.Init") // by start()
  Reseolio reseolio;

  @BeforeAll
  void start() {
    reseolio = configure(builder()).start();
  }

  @AfterAll
  void stop() {
    reseolio.close();
  }

  ReseolioBuilder configure(ReseolioBuilder builder) {
    return builder;
  }

  static Path executable() {
    String path = System.getenv("RESEOLIO_BIN");
    if (path == null || path.isEmpty()) {
      throw new AssertionError(
          "Set RESEOLIO_BIN to a built sidecar, e.g. cli/target/reseolio/bin/reseolio, to run the tests of dev.reseolio.it");
    }
    return Path.of(path);
  }

  static ReseolioBuilder builder() {
    ReseolioBuilder builder =
        Reseolio.builder().sidecar(Sidecar.defaults().executable(executable()));
    String storage = System.getenv("RESEOLIO_TEST_STORAGE");
    return storage == null ? builder : builder.storage(storage);
  }

  /// A name no other test and no earlier run has used.
  static String unique(String action) {
    return Reseolio.namespace(
        "it", Long.toString(ThreadLocalRandom.current().nextLong(Long.MAX_VALUE), 36), action);
  }

  /// So many attempts, 10 ms apart.
  static FunctionOptions attempts(int max) {
    return FunctionOptions.defaults()
        .maxAttempts(max)
        .backoff(Backoff.fixed().initial(Duration.ofMillis(10)).jitter(0));
  }

  static void await(CountDownLatch latch) throws InterruptedException {
    assertTrue(latch.await(SOON.toSeconds(), TimeUnit.SECONDS), "the signal should have come");
  }
}
