package dev.reseolio;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/// A client that calls functions without running them: the SDK's own client, with no function
/// registered. In this package for the parts an application never needs.
public final class CallOnly implements AutoCloseable {
  private final Core core;

  private CallOnly(Core core) {
    this.core = core;
  }

  public static CallOnly join(String address, Duration enqueueTimeout) {
    Core core = new Core(Reseolio.builder().address(address).enqueueTimeout(enqueueTimeout));
    core.start();
    return new CallOnly(core);
  }

  public CompletableFuture<JobHandle<String>> call(
      String function, String argument, CallOptions options) {
    CallOptions defaults = CallOptions.defaults();
    return new Caller<String>(core, function, String.class, defaults.merge(options))
        .callAsync(argument);
  }

  public JobHandle<String> handle(String id) {
    return new JobHandle<>(core, id, String.class);
  }

  @Override
  public void close() {
    core.close();
  }
}
