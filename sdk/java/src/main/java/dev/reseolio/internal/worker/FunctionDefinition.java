package dev.reseolio.internal.worker;

import dev.reseolio.FunctionOptions;
import java.lang.reflect.Type;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A registered function: its name, what its arguments are decoded as, the application's code, its
/// options.
public record FunctionDefinition(
    String name, List<Type> parameters, Code code, FunctionOptions options) {

  /// The application's handler, whatever its number of arguments.
  @FunctionalInterface
  public interface Code {
    @Nullable Object run(@Nullable Object[] arguments) throws Exception;
  }
}
