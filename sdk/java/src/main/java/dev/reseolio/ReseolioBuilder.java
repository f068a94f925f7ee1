package dev.reseolio;

import dev.reseolio.internal.Check;
import io.grpc.ManagedChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Settings of an instance; [#start()] makes it. Without an address or a channel a sidecar is
/// started.
public final class ReseolioBuilder {
  private static final Duration JOIN_PATIENCE = Duration.ofSeconds(30);

  @Nullable String storage;
  @Nullable String address;
  @Nullable ManagedChannel channel;
  @Nullable String token = System.getenv("RESEOLIO_TOKEN");
  @Nullable Tls tls;
  int concurrency = 10;
  Codec codec = new JacksonCodec();
  Sidecar sidecar = Sidecar.defaults();
  Duration enqueueTimeout = Duration.ofSeconds(30);
  Duration stopTimeout = Duration.ofSeconds(30);
  final List<ReseolioListener> listeners = new ArrayList<>();

  ReseolioBuilder() {}

  /// PostgreSQL of the sidecar that is started, e.g. `postgres://user:pass@localhost:5432/app`.
  /// Omitted: an embedded one in `./.reseolio`.
  public ReseolioBuilder storage(String url) {
    this.storage = url;
    return this;
  }

  /// A running sidecar to join, `host:port` or `unix:/path`; none is started then.
  public ReseolioBuilder address(String hostAndPort) {
    if (!hostAndPort.startsWith("unix:/") && !hostAndPort.matches(".+:\\d{1,5}")) {
      throw Check.invalid(
          "address must be host:port or unix:/path, but was \"" + hostAndPort + "\"");
    }
    this.address = hostAndPort;
    return this;
  }

  /// The token to show to the sidecar at [#address(String)]. Omitted: that of the environment
  /// variable RESEOLIO_TOKEN. White space around it, which files and Kubernetes secrets have at
  /// their end, is not of it. Never logged.
  public ReseolioBuilder token(String secret) {
    this.token = checkToken(secret);
    return this;
  }

  private static String checkToken(String text) {
    String secret = text.strip();
    if (!secret.matches("[\\x21-\\x7e]{0,248}")) {
      throw Check.invalid("token must be what 'reseolio token create' shows, without spaces");
    }
    return secret;
  }

  /// Encrypts the connection to the sidecar at [#address(String)]. Omitted: plain text.
  public ReseolioBuilder tls(Tls value) {
    this.tls = value;
    return this;
  }

  /// A channel of the application's own, e.g. with an interceptor. It is not closed here, and
  /// [#token(String)] and [#tls(Tls)] are not applied to it.
  public ReseolioBuilder channel(ManagedChannel own) {
    this.channel = own;
    return this;
  }

  /// Jobs this process runs at once, 0 to 100000. Omitted: 10. With 0 it only calls functions that
  /// other processes run.
  public ReseolioBuilder concurrency(int jobs) {
    Check.range(
        "concurrency", jobs, 0, 100_000, "it is the number of jobs this process runs at once");
    this.concurrency = jobs;
    return this;
  }

  /// How arguments and results become bytes. Omitted: [JacksonCodec].
  public ReseolioBuilder codec(Codec value) {
    this.codec = value;
    return this;
  }

  /// How the sidecar is started. Omitted: [Sidecar#defaults()].
  public ReseolioBuilder sidecar(Sidecar value) {
    this.sidecar = value;
    return this;
  }

  /// How long a call may take to be committed, waiting for a lost connection included. Omitted: 30
  /// s.
  public ReseolioBuilder enqueueTimeout(Duration value) {
    this.enqueueTimeout =
        Check.duration("enqueueTimeout", value, Duration.ofMillis(1), Check.ONE_YEAR);
    return this;
  }

  /// How long [Reseolio#close()] waits for running handlers before it interrupts them. Omitted: 30
  /// s.
  public ReseolioBuilder stopTimeout(Duration value) {
    this.stopTimeout = Check.duration("stopTimeout", value, Duration.ZERO, Check.ONE_YEAR);
    return this;
  }

  public ReseolioBuilder listener(ReseolioListener value) {
    listeners.add(value);
    return this;
  }

  /// Starts or joins the sidecar; returns when connected.
  ///
  /// @throws ReseolioException when the sidecar cannot be started or reached
  public Reseolio start() {
    if (tls != null && address == null) {
      throw Check.invalid("tls is for a running sidecar; give its address too");
    }
    if (token != null && address != null) {
      token = checkToken(token);
    }
    Core core = new Core(this);
    core.start();
    return new Reseolio(core);
  }

  Optional<String> storage() {
    return Optional.ofNullable(storage);
  }

  /// The sidecar's own start timeout strikes first, with a better message.
  Duration startPatience() {
    boolean joins = address != null || channel != null;
    return joins ? JOIN_PATIENCE : sidecar.startTimeout(storage()).plusSeconds(10);
  }
}
