package dev.reseolio.server.config;

import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// All a sidecar was told: immutable, validated once.
public record ServerConfig(
    Storage storage,
    Listening listening,
    Work work,
    Lifecycle lifecycle,
    Logging logging,
    Told told) {

  /// Where state is kept.
  ///
  /// @param url empty = embedded PostgreSQL in `dataDir`
  /// @param retention finished jobs are kept this long
  public record Storage(
      Optional<StorageUrl> url, String schema, Path dataDir, int poolSize, Duration retention) {}

  /// Who may connect, and where.
  ///
  /// @param http empty = no HTTP edge
  public record Listening(Address grpc, Optional<Address.Tcp> http, Security security) {}

  /// What keeps strangers out.
  ///
  /// @param tokens empty = whoever can connect may do everything
  /// @param tls empty = plain text
  /// @param httpHosts answered to beside those of this machine
  /// @param insecureBind a non-loopback address without TLS or tokens was asked for on purpose
  /// @param maxConnections of gRPC, at once
  public record Security(
      Optional<Path> tokens,
      Optional<TlsFiles> tls,
      Hosts httpHosts,
      boolean insecureBind,
      int maxConnections) {}

  /// Limits and patience.
  ///
  /// @param maxPayload bytes of arguments or result
  public record Work(
      int maxPayload,
      Duration deadAfter,
      Duration resumeGrace,
      Duration beatInterval,
      int crashBudget) {}

  public record Lifecycle(
      Duration drainGrace, boolean exitWithParent, Optional<Duration> exitWhenIdle) {}

  /// What is logged.
  ///
  /// @param format empty = text on a terminal, else json
  public record Logging(Level level, Optional<LogFormat> format) {}

  /// What was said, and where.
  ///
  /// @param settings every option's text and origin, in the order of the table
  /// @param warnings lines worth logging at start, for example unknown variables
  public record Told(List<Setting> settings, List<String> warnings) {}

  /// Checks what no single value shows.
  public ServerConfig {
    atLeast(told, Option.DEAD_AFTER, work.deadAfter(), Duration.ofSeconds(3));
    atLeast(told, Option.BEAT_INTERVAL, work.beatInterval(), Duration.ofMillis(100));
    atLeast(told, Option.RETENTION, storage.retention(), Duration.ofMinutes(1));
  }

  private static void atLeast(Told told, Option option, Duration value, Duration least) {
    if (value.compareTo(least) < 0) {
      throw new ConfigException(
          "%s must be at least %s, but is %s: less would harm what works."
              .formatted(
                  option.key(),
                  least.toString().substring(2).toLowerCase(Locale.ROOT),
                  text(told, option)));
    }
  }

  private static String text(Told told, Option option) {
    return told.settings().stream()
        .filter(setting -> setting.option() == option)
        .map(Setting::text)
        .findFirst()
        .orElse(option.fallback());
  }

  /// One line per option: `key = value (origin)`, in the order of the table, without secrets.
  public String printable() {
    return String.join("\n", told.settings().stream().map(Setting::toString).toList());
  }
}
