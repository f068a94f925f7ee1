package dev.reseolio.server.config;

import static dev.reseolio.server.config.Group.LIFECYCLE;
import static dev.reseolio.server.config.Group.LISTENING;
import static dev.reseolio.server.config.Group.LOGGING;
import static dev.reseolio.server.config.Group.SECURITY;
import static dev.reseolio.server.config.Group.STORAGE_GROUP;
import static dev.reseolio.server.config.Group.WORK;
import static dev.reseolio.server.config.Kind.CONNECTIONS;
import static dev.reseolio.server.config.Kind.COUNT;
import static dev.reseolio.server.config.Kind.DURATION;
import static dev.reseolio.server.config.Kind.DURATION_OR_OFF;
import static dev.reseolio.server.config.Kind.FLAG;
import static dev.reseolio.server.config.Kind.FOLDER;
import static dev.reseolio.server.config.Kind.FORMAT;
import static dev.reseolio.server.config.Kind.HOSTS;
import static dev.reseolio.server.config.Kind.IDENTIFIER;
import static dev.reseolio.server.config.Kind.LEVEL;
import static dev.reseolio.server.config.Kind.LISTEN;
import static dev.reseolio.server.config.Kind.LISTEN_OR_OFF;
import static dev.reseolio.server.config.Kind.PATH;
import static dev.reseolio.server.config.Kind.SIZE;
import static dev.reseolio.server.config.Kind.STORAGE_URL;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/// Every option of the sidecar, one line each: flag, environment variable, key in the file, help
/// and printout all come from this table. The constant's name gives the rest: `DATA_DIR` is
/// `--data-dir`, `RESEOLIO_DATA_DIR` and `data-dir`.
public enum Option {
  STORAGE(STORAGE_GROUP, STORAGE_URL, "", "PostgreSQL to keep all state in; absent = embedded"),
  SCHEMA(STORAGE_GROUP, IDENTIFIER, "reseolio", "schema in that database"),
  DATA_DIR(STORAGE_GROUP, FOLDER, "./.reseolio", "folder of the embedded PostgreSQL"),
  POOL_SIZE(STORAGE_GROUP, COUNT, "4", "connections to PostgreSQL"),
  RETENTION(STORAGE_GROUP, DURATION, "7d", "finished jobs are kept this long"),

  ADDRESS(LISTENING, LISTEN, "127.0.0.1:50051", "gRPC address; port 0 = any free port"),
  HTTP_ADDRESS(LISTENING, LISTEN_OR_OFF, "127.0.0.1:50052", "HTTP address (health, metrics)"),
  MAX_CONNECTIONS(LISTENING, CONNECTIONS, "128", "gRPC connections at once"),

  TOKENS_FILE(SECURITY, PATH, "", "tokens of clients and workers, mode 0600; absent = none needed"),
  TLS_CERT(SECURITY, PATH, "", "certificate chain (PEM); TCP addresses then speak TLS only"),
  TLS_KEY(SECURITY, PATH, "", "its private key (PKCS#8 PEM), mode 0600"),
  TLS_CLIENT_CA(SECURITY, PATH, "", "clients must show a certificate of this authority (PEM)"),
  HTTP_HOSTS(SECURITY, HOSTS, "", "more names to answer to in the HTTP Host header"),
  INSECURE_BIND(SECURITY, FLAG, "false", "listen beyond this machine without TLS or tokens"),

  MAX_PAYLOAD(WORK, SIZE, "4MiB", "largest arguments or result of a job"),
  DEAD_AFTER(WORK, DURATION, "15s", "silence after which another node takes the work over"),
  RESUME_GRACE(WORK, DURATION, "2s", "a disconnected worker keeps its attempts this long"),
  BEAT_INTERVAL(WORK, DURATION, "5s", "a worker says this often that it is alive"),
  CRASH_BUDGET(WORK, COUNT, "5", "worker crashes an attempt may cause before its job is buried"),

  DRAIN_GRACE(LIFECYCLE, DURATION, "30s", "running attempts may end this long after SIGTERM"),
  EXIT_WITH_PARENT(LIFECYCLE, FLAG, "false", "stop when the process that started this one ends"),
  EXIT_WHEN_IDLE(LIFECYCLE, DURATION_OR_OFF, "off", "stop after this long without a connection"),

  LOG_LEVEL(LOGGING, LEVEL, "info", "least important lines to log"),
  LOG_FORMAT(LOGGING, FORMAT, "", "default: text on a terminal, else json");

  private final Group group;
  private final Kind kind;
  private final String fallback;
  private final String help;

  Option(Group group, Kind kind, String fallback, String help) {
    this.group = group;
    this.kind = kind;
    this.fallback = fallback;
    this.help = help;
  }

  /// The heading it is listed under.
  public Group group() {
    return group;
  }

  public Kind kind() {
    return kind;
  }

  /// The default as one would write it; empty when there is none.
  public String fallback() {
    return fallback;
  }

  public String help() {
    return help;
  }

  /// The key in the file, for example `data-dir`.
  public String key() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /// For example `--data-dir`.
  public String flag() {
    return "--" + key();
  }

  /// For example `RESEOLIO_DATA_DIR`.
  public String variable() {
    return Variables.PREFIX + name();
  }

  static Optional<Option> byKey(String key) {
    return Arrays.stream(values()).filter(option -> option.key().equals(key)).findFirst();
  }
}
