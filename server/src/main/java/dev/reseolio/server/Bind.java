package dev.reseolio.server;

import dev.reseolio.server.config.Option;
import java.io.IOException;
import java.net.BindException;

/// Turns a failure to bind into a start error that names the address and how to change it.
final class Bind {
  private Bind() {}

  /// Something that binds.
  interface Binding<T> {
    T bind() throws IOException;
  }

  static <T> T bind(Option option, Object address, Binding<T> binding) throws StartException {
    try {
      return binding.bind();
    } catch (IOException e) {
      throw error(option, address, e);
    }
  }

  private static StartException error(Option option, Object address, IOException e) {
    var taken = inUse(e);
    var message =
        taken
            ? "The address %s is in use, perhaps by another sidecar. Choose another with %s or %s (port 0 = any free port)."
            : "Cannot listen on %s (" + reason(e) + "). Choose another with %s or %s.";
    return new StartException(
        taken ? StartException.ADDRESS_IN_USE : StartException.ADDRESS_UNUSABLE,
        message.formatted(address, option.flag(), option.variable()),
        e);
  }

  private static boolean inUse(Throwable e) {
    for (Throwable t = e; t != null; t = t.getCause()) {
      if (t instanceof BindException && String.valueOf(t.getMessage()).contains("in use")) {
        return true;
      }
    }
    return false;
  }

  private static String reason(Throwable e) {
    var cause = e.getCause() == null ? e : e.getCause();
    return (cause.getClass().getSimpleName() + ": " + cause.getMessage()).replace("%", "%%");
  }
}
