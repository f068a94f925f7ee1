package dev.reseolio.server.config;

import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Puts the sources together: flags over environment over file over defaults.
public final class ConfigLoader {
  private final Map<Option, Setting> settings = new EnumMap<>(Option.class);

  private ConfigLoader() {}

  /// Reads everything; relative files are looked up in `directory`.
  ///
  /// @throws ConfigException for anything that cannot be used
  public static ServerConfig load(
      List<String> arguments, Map<String, String> environment, Path directory) {
    var flags = Flags.parse(arguments);
    var file = flags.config().or(() -> Optional.ofNullable(environment.get(Variables.CONFIG)));
    var loader = new ConfigLoader();
    loader.defaults();
    loader.settings.putAll(ConfigFile.settings(file, directory));
    loader.settings.putAll(Variables.settings(environment));
    loader.settings.putAll(flags.settings());
    return loader.config(Variables.warnings(environment));
  }

  private void defaults() {
    for (var option : Option.values()) {
      settings.put(option, new Setting(option, option.fallback(), Setting.DEFAULT));
    }
  }

  private ServerConfig config(List<String> warnings) {
    return new ServerConfig(
        storage(),
        listening(),
        work(),
        lifecycle(),
        new ServerConfig.Logging(
            value(Option.LOG_LEVEL, Level.class), optional(Option.LOG_FORMAT, LogFormat.class)),
        new ServerConfig.Told(List.copyOf(settings.values()), warnings));
  }

  private ServerConfig.Storage storage() {
    return new ServerConfig.Storage(
        optional(Option.STORAGE, StorageUrl.class),
        value(Option.SCHEMA, String.class),
        value(Option.DATA_DIR, Path.class),
        value(Option.POOL_SIZE, Integer.class),
        duration(Option.RETENTION));
  }

  private ServerConfig.Listening listening() {
    return new ServerConfig.Listening(
        value(Option.ADDRESS, Address.class),
        optional(Option.HTTP_ADDRESS, Address.Tcp.class),
        security());
  }

  private ServerConfig.Security security() {
    return new ServerConfig.Security(
        optional(Option.TOKENS_FILE, Path.class),
        tls(),
        optional(Option.HTTP_HOSTS, Hosts.class).orElse(Hosts.NONE),
        value(Option.INSECURE_BIND, Boolean.class),
        value(Option.MAX_CONNECTIONS, Integer.class));
  }

  private Optional<TlsFiles> tls() {
    var certificate = optional(Option.TLS_CERT, Path.class);
    var key = optional(Option.TLS_KEY, Path.class);
    var authority = optional(Option.TLS_CLIENT_CA, Path.class);
    if (certificate.isPresent() && key.isPresent()) {
      return Optional.of(new TlsFiles(certificate.get(), key.get(), authority));
    }
    if (certificate.isPresent() || key.isPresent() || authority.isPresent()) {
      throw new ConfigException(
          "tls-cert and tls-key go together, and tls-client-ca needs both; give what is missing.");
    }
    return Optional.empty();
  }

  private ServerConfig.Work work() {
    return new ServerConfig.Work(
        value(Option.MAX_PAYLOAD, Integer.class),
        duration(Option.DEAD_AFTER),
        duration(Option.RESUME_GRACE),
        duration(Option.BEAT_INTERVAL),
        value(Option.CRASH_BUDGET, Integer.class));
  }

  private ServerConfig.Lifecycle lifecycle() {
    return new ServerConfig.Lifecycle(
        duration(Option.DRAIN_GRACE),
        value(Option.EXIT_WITH_PARENT, Boolean.class),
        optional(Option.EXIT_WHEN_IDLE, Duration.class));
  }

  private Duration duration(Option option) {
    return value(option, Duration.class);
  }

  /// Empty when nothing was said, or `off`.
  private <T> Optional<T> optional(Option option, Class<T> type) {
    var text = setting(option).text();
    return text.isEmpty() || text.equals("off")
        ? Optional.empty()
        : Optional.of(value(option, type));
  }

  private <T> T value(Option option, Class<T> type) {
    return type.cast(setting(option).value());
  }

  private Setting setting(Option option) {
    return settings.getOrDefault(option, new Setting(option, option.fallback(), Setting.DEFAULT));
  }
}
