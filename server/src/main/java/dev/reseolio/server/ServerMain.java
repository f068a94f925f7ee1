package dev.reseolio.server;

import static dev.reseolio.server.log.Logs.field;

import dev.reseolio.server.config.ConfigException;
import dev.reseolio.server.config.ConfigLoader;
import dev.reseolio.server.config.LogFormat;
import dev.reseolio.server.config.ServerConfig;
import dev.reseolio.server.log.Logs;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// `reseolio server`: reads the configuration, starts a sidecar, waits for a reason to stop.
public final class ServerMain {
  private static final String CARRIERS = "jdk.virtualThreadScheduler.parallelism";
  static final int FAILED = 1;
  static final int USAGE = 2;

  private ServerMain() {}

  /// Runs until stopped; the exit code: 0 stopped as asked, 1 could not start, 2 wrong usage.
  public static int run(List<String> arguments) {
    shareTheProcessors();
    Preload.start();
    var stop = new StopSignal();
    Signals.install(stop);
    try {
      var config = ConfigLoader.load(arguments, System.getenv(), Path.of(""));
      logging(config);
      return serve(config, stop);
    } catch (ConfigException e) {
      System.err.println("reseolio server: " + e.getMessage());
      return USAGE;
    }
  }

  /// What runs on virtual threads is short and hands over to the next: on few carriers it does so
  /// without waking another processor. The rest is left to the flusher and to the application.
  /// Before the first virtual thread.
  private static void shareTheProcessors() {
    int carriers = Math.max(1, Runtime.getRuntime().availableProcessors() / 2);
    if (System.getProperty(CARRIERS) == null) {
      System.setProperty(CARRIERS, Integer.toString(carriers));
    }
  }

  private static int serve(ServerConfig config, StopSignal stop) {
    var log = System.getLogger(ServerMain.class.getName());
    try {
      var started = Sidecar.start(config);
      try (var sidecar = started.sidecar()) {
        watch(config, sidecar, stop);
        announce(started.ready());
        log.log(Level.INFO, "stopping", field("event", "stopping"), field("reason", stop.await()));
      }
      log.log(Level.INFO, "stopped", field("event", "stopped"));
      return 0;
    } catch (StartException e) {
      log.log(Level.DEBUG, "the start failed", e);
      log.log(
          Level.ERROR,
          String.valueOf(e.getMessage()), // With nothing but fields beside it, it is no pattern.
          field("event", "start_failed"),
          field("reason", e.reason()));
      return FAILED;
    }
  }

  private static void watch(ServerConfig config, Sidecar sidecar, StopSignal stop) {
    HeapWatch.start();
    if (config.lifecycle().exitWithParent()) {
      ParentWatch.start(stop);
    }
    config
        .lifecycle()
        .exitWhenIdle()
        .ifPresent(idle -> IdleWatch.start(sidecar.connections(), idle, stop));
  }

  private static void announce(Ready ready) {
    System.out.println(ready.line());
    System.out.flush();
  }

  private static void logging(ServerConfig config) {
    var format = config.logging().format().orElseGet(ServerMain::usualFormat);
    Logs.install(config.logging().level(), format, new FileOutputStream(FileDescriptor.err));
    var log = System.getLogger(ServerMain.class.getName());
    var fields =
        config.told().settings().stream()
            .map(setting ->
                field(setting.option().key(), setting.shown() + " (" + setting.origin() + ")"))
            .toArray();
    log.log(Level.INFO, "configuration", fields);
    config.told().warnings().forEach(warning -> log.log(Level.WARNING, warning));
  }

  /// Text for a person at a terminal, JSON for anything that collects it.
  private static LogFormat usualFormat() {
    try {
      var target = Files.readSymbolicLink(Path.of("/proc/self/fd/2")).toString();
      var terminal = target.startsWith("/dev/pts/") || target.startsWith("/dev/tty");
      return terminal ? LogFormat.TEXT : LogFormat.JSON;
    } catch (IOException e) {
      return LogFormat.JSON;
    }
  }
}
