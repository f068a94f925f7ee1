package dev.reseolio.server;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import org.jspecify.annotations.Nullable;

/// SIGTERM and SIGINT ask for an orderly stop, the second one ends the process at once. Shutdown
/// hooks would not do: logging is torn down beside them, a second signal is ignored, and the exit
/// code would not be 0. Only `sun.misc.Signal` can, and javac warns of it whatever one says, so it
/// is called by reflection (module jdk.unsupported exports it).
final class Signals {
  private static final int KILLED = 130;

  private Signals() {}

  /// Does nothing on a JVM without `sun.misc.Signal`.
  static void install(StopSignal stop) {
    try {
      var signal = Class.forName("sun.misc.Signal");
      var handler = Class.forName("sun.misc.SignalHandler");
      var handle = signal.getMethod("handle", signal, handler);
      for (var name : new String[] {"TERM", "INT"}) {
        var asked = proxy(handler, (proxy, method, arguments) -> stop(name, stop));
        handle.invoke(null, signal.getConstructor(String.class).newInstance(name), asked);
      }
    } catch (ReflectiveOperationException e) {
      System.getLogger(Signals.class.getName())
          .log(System.Logger.Level.WARNING, "signals end the process without an orderly stop", e);
    }
  }

  private static Object proxy(Class<?> type, InvocationHandler handler) {
    return Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, handler);
  }

  private static @Nullable Object stop(String name, StopSignal stop) {
    if (!stop.give("SIG" + name)) {
      Runtime.getRuntime().halt(KILLED);
    }
    return null;
  }
}
