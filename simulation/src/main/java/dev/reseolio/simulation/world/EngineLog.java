package dev.reseolio.simulation.world;

import dev.reseolio.simulation.machine.Scheduler;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/// The engine logs what it takes for a bug as an error, and goes on. Here that ends the run.
final class EngineLog extends Handler {
  private static final Logger ENGINE = Logger.getLogger("dev.reseolio.engine");

  private final Scheduler scheduler;

  private EngineLog(Scheduler scheduler) {
    this.scheduler = scheduler;
  }

  static void listen(Scheduler scheduler) {
    for (Handler old : ENGINE.getHandlers()) {
      ENGINE.removeHandler(old);
    }
    ENGINE.setUseParentHandlers(Boolean.getBoolean("reseolio.simulation.log"));
    ENGINE.setLevel(Level.parse(System.getProperty("reseolio.simulation.level", "SEVERE")));
    ENGINE.addHandler(new EngineLog(scheduler));
  }

  @Override
  public void publish(LogRecord said) {
    if (said.getLevel().intValue() >= Level.SEVERE.intValue()) {
      scheduler.fail(new AssertionError("the engine says: " + said.getMessage(), said.getThrown()));
    }
  }

  @Override
  public void flush() {}

  @Override
  public void close() {}
}
