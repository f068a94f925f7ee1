package dev.reseolio.engine.store.postgres;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Where the database is, as told by a `postgres://user:password@host:5432/database` URL in the
/// form libpq reads.
///
/// Without `sslmode` it is `prefer`, as in libpq: encrypted when the server can. That does not
/// prove who the server is, so [#warning()] asks for `verify-full` when a host is not this machine;
/// it is not forced, because most private networks have no certificates to verify. With several
/// hosts and no `target_session_attrs` only a primary is taken.
public final class PostgresUrl {
  static final String EXAMPLE = "postgres://user:password@localhost:5432/database";

  /// One server.
  record Host(String name, int port) {
    boolean loopback() {
      return name.equals("localhost") || name.startsWith("127.") || name.equals("::1");
    }

    @Override
    public String toString() {
      return (name.indexOf(':') < 0 ? name : "[" + name + "]") + ":" + port;
    }
  }

  private final List<Host> hosts;
  private final String user;
  private final @Nullable String password;
  private final String database;
  private final Map<String, String> parameters;

  PostgresUrl(
      List<Host> hosts,
      String user,
      @Nullable String password,
      String database,
      Map<String, String> parameters) {
    this.hosts = List.copyOf(hosts);
    this.user = user;
    this.password = password;
    this.database = database;
    this.parameters = new TreeMap<>(parameters);
  }

  /// Reads a URL.
  ///
  /// @throws StorageStartException `storage_url_invalid`
  public static PostgresUrl parse(String url) {
    return new UrlReader(url.strip()).read();
  }

  List<Host> hosts() {
    return hosts;
  }

  String user() {
    return user;
  }

  String database() {
    return database;
  }

  @Nullable String parameter(String name) {
    return parameters.get(name);
  }

  /// For the driver: hosts and database; everything else is in [#properties()]. The same hosts each
  /// time, each of them first once: the driver takes the first that will do.
  List<String> jdbcUrls() {
    List<Host> order = new ArrayList<>(hosts);
    List<String> urls = new ArrayList<>(hosts.size());
    for (int i = 0; i < hosts.size(); i++) {
      urls.add(
          "jdbc:postgresql://"
              + order.stream().map(Host::toString).collect(Collectors.joining(","))
              + "/"
              + URLEncoder.encode(database, StandardCharsets.UTF_8));
      Collections.rotate(order, -1);
    }
    return urls;
  }

  /// What the URL says, in the driver's words. Holds the password.
  Properties properties() {
    Properties properties = new Properties();
    properties.setProperty("user", user);
    if (password != null) {
      properties.setProperty("password", password);
    }
    properties.setProperty("sslmode", sslMode());
    properties.setProperty("connectTimeout", parameters.getOrDefault("connect_timeout", "5"));
    properties.setProperty("targetServerType", targetServerType());
    for (String same : List.of("sslcert", "sslkey", "options")) {
      copy(properties, same);
    }
    if ("system".equals(parameters.get("sslrootcert"))) {
      properties.setProperty("sslfactory", "org.postgresql.ssl.DefaultJavaSSLFactory");
    } else {
      copy(properties, "sslrootcert");
    }
    return properties;
  }

  /// How long a server may take for each word of the login once it has accepted: as long as it may
  /// take to accept, and 10 s when nobody says otherwise.
  int loginSeconds() {
    int told = Integer.parseInt(parameters.getOrDefault("connect_timeout", "10"));
    return told == 0 ? 30 : told;
  }

  /// As libpq reads it: who names an authority wants it asked.
  private String sslMode() {
    String mode = parameters.getOrDefault("sslmode", "prefer");
    return mode.equals("require") && parameters.containsKey("sslrootcert") ? "verify-ca" : mode;
  }

  private void copy(Properties properties, String name) {
    String value = parameters.get(name);
    if (value != null) {
      properties.setProperty(name, value);
    }
  }

  private String targetServerType() {
    String wanted =
        parameters.getOrDefault("target_session_attrs", hosts.size() > 1 ? "primary" : "any");
    return wanted.equals("any") ? "any" : "primary";
  }

  /// True when the server is on this machine: it cannot go without its kernel's telling.
  boolean local() {
    return hosts.stream().allMatch(Host::loopback);
  }

  /// What the operator should know about the transport; empty when all is well.
  public Optional<String> warning() {
    String mode = sslMode();
    boolean verified = mode.equals("verify-full") || mode.equals("verify-ca");
    return verified || local()
        ? Optional.empty()
        : Optional.of(
            "sslmode is %s: the connection to PostgreSQL does not prove who the server is; off this machine use sslmode=verify-full with sslrootcert"
                .formatted(mode));
  }

  /// The URL without its password, for logs.
  public String redacted() {
    String query =
        parameters.isEmpty()
            ? ""
            : parameters.entrySet().stream()
                .map(e -> e.getKey() + "=" + e.getValue())
                .collect(Collectors.joining("&", "?", ""));
    return "postgres://%s%s@%s/%s%s"
        .formatted(
            user,
            password == null ? "" : ":***",
            hosts.stream().map(Host::toString).collect(Collectors.joining(",")),
            database,
            query);
  }

  @Override
  public String toString() {
    return redacted();
  }
}
