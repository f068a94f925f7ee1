package dev.reseolio.engine;

import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.reseolio.engine.job.EngineException;
import dev.reseolio.engine.job.JobError;
import dev.reseolio.engine.job.Payload;
import dev.reseolio.engine.store.JobEnd;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;

/// One engine with workers without a wire, on a real database.
abstract class SingleEngine {
  final EngineFixture fixture = new EngineFixture();
  final Engine engine = fixture.start();

  @AfterEach
  void close() throws Exception {
    fixture.close();
  }

  static String text(JobEnd end) {
    Payload result = end.result();
    assertNotNull(result);
    return new String(result.data(), StandardCharsets.UTF_8);
  }

  static JobError error(JobEnd end) {
    JobError error = end.error();
    assertNotNull(error);
    return error;
  }

  static EngineException refused(CompletableFuture<?> future) {
    ExecutionException e =
        assertThrows(ExecutionException.class, () -> future.get(20, TimeUnit.SECONDS));
    return assertInstanceOf(EngineException.class, e.getCause());
  }

  /// Keeps every flush waiting until it is closed.
  AutoCloseable block() throws Exception {
    return fixture.block(engine);
  }
}
