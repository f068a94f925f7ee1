package dev.reseolio;

import dev.reseolio.internal.Check;
import dev.reseolio.internal.Listeners;
import dev.reseolio.internal.Log;
import dev.reseolio.internal.Threads;
import dev.reseolio.internal.Timer;
import dev.reseolio.internal.client.Batcher;
import dev.reseolio.internal.client.Channels;
import dev.reseolio.internal.client.JobCalls;
import dev.reseolio.internal.client.Link;
import dev.reseolio.internal.client.ResultWatch;
import dev.reseolio.internal.sidecar.FixedAddress;
import dev.reseolio.internal.sidecar.Launch;
import dev.reseolio.internal.sidecar.OwnSidecar;
import dev.reseolio.internal.sidecar.SharedSidecar;
import dev.reseolio.internal.sidecar.Upstream;
import dev.reseolio.internal.wire.Payloads;
import dev.reseolio.internal.wire.Requests;
import dev.reseolio.internal.worker.FunctionDefinition;
import dev.reseolio.internal.worker.Worker;
import dev.reseolio.proto.v1.EnqueueRequest;
import dev.reseolio.proto.v1.Payload;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/// The parts of a running instance, put together.
final class Core {
  /// What one message may hold, whatever limit the server sets below it. A message may have 16 MiB;
  /// the rest is for what goes around a call.
  private static final int MAX_CALL_BYTES = (16 << 20) - 1024;

  private final ReseolioBuilder settings;
  private final Payloads payloads;
  private final Executor completions = Threads.completions();
  private final Timer timer = new Timer();
  private final Listeners listeners;
  private final Batcher batcher = new Batcher(timer);
  private final ResultWatch results = new ResultWatch(timer);
  private final Worker worker;
  private final Upstream upstream;
  private final Link link;
  private final JobCalls jobs;
  private final AtomicBoolean closed = new AtomicBoolean();

  Core(ReseolioBuilder settings) {
    this.settings = settings;
    this.payloads = new Payloads(settings.codec);
    Executor threads = Threads.handlers();
    this.listeners = new Listeners(settings.listeners, threads);
    this.worker = Worker.create(settings.concurrency, payloads, listeners, threads, timer);
    this.upstream = upstream(settings, listeners);
    this.link =
        new Link(
            upstream,
            settings.channel,
            new Channels(Optional.ofNullable(settings.token), Optional.ofNullable(settings.tls)),
            List.of(batcher, results, worker),
            listeners);
    this.jobs = new JobCalls(link);
  }

  private static Upstream upstream(ReseolioBuilder settings, Listeners listeners) {
    if (settings.channel != null) {
      return new FixedAddress(settings.channel.authority());
    }
    if (settings.address != null) {
      return new FixedAddress(settings.address);
    }
    Launch launch = new Launch(settings.sidecar, settings.storage(), System.getenv());
    return settings.sidecar.isShared()
        ? new SharedSidecar(launch, Path.of(System.getProperty("user.home")))
        : new OwnSidecar(launch, listeners::sidecarExit);
  }

  void start() {
    try {
      link.start(settings.startPatience());
    } catch (RuntimeException e) {
      close();
      throw e;
    }
  }

  void register(FunctionDefinition function) {
    if (function.name().indexOf(':') < 0) {
      Log.warn(
          "The function \""
              + function.name()
              + "\" has no namespace; use Reseolio.namespace(\"domain\", \"entity\", \"action\")");
    }
    if (!worker.register(function)) {
      throw Check.invalid(
          "The function \""
              + function.name()
              + "\" is registered already; give each function its own name");
    }
  }

  CompletableFuture<String> enqueue(EnqueueRequest template, @Nullable Object[] arguments) {
    Payload payload = payloads.encode(arguments);
    EnqueueRequest request = Requests.withArguments(template, payload);
    if (request.getSerializedSize() > MAX_CALL_BYTES) {
      throw new ReseolioException(
          "payload_too_large",
          "The arguments have "
              + payload.getData().size()
              + " bytes, but no call may have more than "
              + MAX_CALL_BYTES
              + "; store the data elsewhere and pass a reference");
    }
    return batcher.enqueue(request, settings.enqueueTimeout.toNanos());
  }

  Executor completions() {
    return completions;
  }

  ResultWatch results() {
    return results;
  }

  JobCalls jobs() {
    return jobs;
  }

  Payloads payloads() {
    return payloads;
  }

  /// In the order that loses nothing: handlers and their outcomes, calls under way, the connection,
  /// the sidecar.
  void close() {
    if (!closed.compareAndSet(false, true)) {
      return;
    }
    worker.close(settings.stopTimeout);
    batcher.close();
    results.close();
    link.close();
    upstream.close();
    timer.close();
    listeners.stopped();
  }
}
