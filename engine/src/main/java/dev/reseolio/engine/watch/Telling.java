package dev.reseolio.engine.watch;

import java.util.LinkedHashSet;
import java.util.Set;

/// What one commit brings is told to many listeners, to some of them several times. Who sends
/// messages puts that off until all has been told, and sends one.
public final class Telling {
  private static final System.Logger LOG = System.getLogger(Telling.class.getName());
  private static final ScopedValue<Set<Runnable>> PUT_OFF = ScopedValue.newInstance();

  private Telling() {}

  /// Runs `news`, then what was put off meanwhile, each once.
  public static void all(Runnable news) {
    Set<Runnable> putOff = new LinkedHashSet<>();
    ScopedValue.where(PUT_OFF, putOff).run(news);
    for (Runnable send : putOff) {
      try {
        send.run();
      } catch (RuntimeException bug) {
        LOG.log(System.Logger.Level.ERROR, "a listener failed for a reason that is a bug", bug);
      }
    }
  }

  /// Puts `send` off; runs it at once on a thread that is not telling anything.
  public static void afterwards(Runnable send) {
    if (PUT_OFF.isBound()) {
      PUT_OFF.get().add(send);
    } else {
      send.run();
    }
  }
}
