package dev.reseolio.embedded;

import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/// The postgresql.conf lines of an embedded server: small, durable, loopback only.
final class Settings {
  static final String FILE = "reseolio.conf";
  static final String INCLUDE = "\ninclude_if_exists = '" + FILE + "'\n";

  private static final Map<String, String> DEFAULTS =
      Map.ofEntries(
          Map.entry("listen_addresses", "127.0.0.1"),
          // No socket: its path would have to stay below 107 bytes, wherever the data is.
          Map.entry("unix_socket_directories", ""),
          Map.entry("password_encryption", "scram-sha-256"),
          Map.entry("max_connections", "100"),
          Map.entry("shared_buffers", "128MB"),
          Map.entry("dynamic_shared_memory_type", "posix"),
          Map.entry("max_wal_size", "1GB"),
          Map.entry("min_wal_size", "80MB"),
          Map.entry("wal_level", "replica"),
          Map.entry("max_wal_senders", "4"),
          Map.entry("fsync", "on"),
          Map.entry("jit", "off"),
          Map.entry("log_line_prefix", "%m [%p] %a "),
          Map.entry("log_timezone", "UTC"),
          Map.entry("timezone", "UTC"));

  private Settings() {}

  /// The content of `reseolio.conf`, written at each start. `ALTER SYSTEM` overrides it.
  static String file(int port, Map<String, String> extra) {
    var all = new TreeMap<>(DEFAULTS);
    all.putAll(extra);
    all.put("port", Integer.toString(port));
    return all.entrySet().stream()
        .map(e -> e.getKey() + " = '" + e.getValue().replace("'", "''") + "'\n")
        .collect(
            Collectors.joining("", "# Written at each start. ALTER SYSTEM overrides it.\n", ""));
  }
}
