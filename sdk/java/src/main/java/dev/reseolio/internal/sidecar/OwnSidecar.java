package dev.reseolio.internal.sidecar;

import dev.reseolio.ReseolioException;
import dev.reseolio.internal.Log;
import java.time.Duration;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/// A sidecar in a child process of this one, which ends with it.
public final class OwnSidecar implements Upstream {
  private static final Duration STOP_PATIENCE = Duration.ofSeconds(35);

  private final Launch launch;
  private final IntConsumer onUnexpectedExit;
  private @Nullable SidecarProcess process;
  private volatile boolean closing;

  public OwnSidecar(Launch launch, IntConsumer onUnexpectedExit) {
    this.launch = launch;
    this.onUnexpectedExit = onUnexpectedExit;
  }

  @Override
  public synchronized String locate() throws InterruptedException {
    if (closing) {
      throw new ReseolioException("sidecar_failed", "This Reseolio instance is closed");
    }
    if (process == null || !process.isAlive()) {
      process = SidecarProcess.start(launch);
      process.onExit(this::exited);
    }
    return process.address();
  }

  private void exited(int code) {
    if (!closing) {
      Log.warn("The sidecar exited with code " + code + "; it is started again");
      onUnexpectedExit.accept(code);
    }
  }

  @Override
  public void close() {
    closing = true;
    stop();
  }

  private synchronized void stop() {
    if (process != null) {
      process.stop(STOP_PATIENCE);
    }
  }

  @Override
  public String toString() {
    return "the sidecar of this process";
  }
}
