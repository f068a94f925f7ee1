package dev.reseolio.server.access;

import dev.reseolio.engine.job.EngineException;
import dev.reseolio.engine.job.Reason;
import io.grpc.Context;
import java.util.List;
import java.util.function.BooleanSupplier;

/// On whose behalf a call is carried out, and which functions it may touch.
public final class Caller {
  /// Whoever calls a sidecar without tokens.
  public static final Caller ANYBODY = new Caller("", List.of(), () -> true);

  /// Set for a call by the guard.
  public static final Context.Key<Caller> KEY = Context.keyWithDefault("reseolio-caller", ANYBODY);

  private final String name;
  private final List<FunctionPattern> functions;
  private final BooleanSupplier valid;

  Caller(String name, List<FunctionPattern> functions, BooleanSupplier valid) {
    this.name = name;
    this.functions = functions;
    this.valid = valid;
  }

  /// Of the call that this thread serves.
  public static Caller current() {
    return KEY.get();
  }

  /// False once its token has expired or was withdrawn.
  public boolean valid() {
    return valid.getAsBoolean();
  }

  /// True when it may touch some functions only.
  public boolean limited() {
    return !functions.isEmpty();
  }

  public boolean mayTouch(String function) {
    return functions.isEmpty() || functions.stream().anyMatch(one -> one.matches(function));
  }

  /// @throws EngineException `permission_denied` when it may not touch the function
  public void require(String function) {
    if (!mayTouch(function)) {
      throw new EngineException(
          Reason.PERMISSION_DENIED,
          "the token '%s' may touch only the functions %s; name one of them, or use another token"
              .formatted(name, functions));
    }
  }

  @Override
  public String toString() {
    return name;
  }
}
