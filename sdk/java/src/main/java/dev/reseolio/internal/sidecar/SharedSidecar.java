package dev.reseolio.internal.sidecar;

import dev.reseolio.ReseolioException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// One sidecar for all applications of this host that use the same storage, found through
/// `~/.reseolio/run/<hash of the storage>/`: `info.json` is the ready line of the running one,
/// `lock` is held by the process that starts one. The sidecar ends by itself 30 s after the last
/// application left. The SDKs of all languages agree on these files.
public final class SharedSidecar implements Upstream {
  private static final long POLL_MILLIS = 25;
  private static final int CONNECT_MILLIS = 1_000;

  private final Launch launch;
  private final Path directory;
  private volatile String lastAddress = "";

  public SharedSidecar(Launch launch, Path home) {
    this.launch = launch;
    this.directory =
        home.resolve(".reseolio")
            .resolve("run")
            .resolve(hash(launch.storage().orElseGet(() -> embedded(launch.dataDirectory()))));
  }

  /// Without a storage the embedded one is meant, usually that in the current folder.
  private static String embedded(Path dataDirectory) {
    return "embedded:" + dataDirectory.toAbsolutePath().normalize();
  }

  @Override
  public String locate() throws InterruptedException {
    try {
      Files.createDirectories(directory);
      lastAddress = joinOrStart();
      return lastAddress;
    } catch (IOException e) {
      throw failed(
          "The shared sidecar's directory " + directory + " cannot be used: " + e.getMessage(), e);
    }
  }

  private String joinOrStart() throws IOException, InterruptedException {
    long giveUp = System.nanoTime() + launch.startTimeout().toNanos();
    while (System.nanoTime() < giveUp) {
      Optional<ReadyLine> running = running();
      if (running.isPresent()) {
        return running.get().address();
      }
      try (@Nullable PidLock lock = PidLock.tryAcquire(directory.resolve("lock"))) {
        if (lock != null) {
          return runningOrStart().address();
        }
      }
      Thread.sleep(POLL_MILLIS);
    }
    throw failed(
        "Another process is starting the shared sidecar and did not finish; see "
            + directory.resolve("sidecar.log"),
        null);
  }

  /// Looks again under the lock: the one who had it before us may have started it.
  private ReadyLine runningOrStart() throws IOException, InterruptedException {
    Optional<ReadyLine> running = running();
    if (running.isPresent()) {
      return running.get();
    }
    ReadyLine ready = new DetachedSidecar(launch, directory).start();
    Path fresh = directory.resolve("info.json." + ProcessHandle.current().pid());
    Files.writeString(fresh, ready.json() + "\n");
    Files.move(fresh, info(), StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    return ready;
  }

  private Optional<ReadyLine> running() throws IOException {
    try {
      return ReadyLine.parse(Files.readString(info()))
          .filter(ReadyLine::processIsAlive)
          .filter(line -> !line.address().equals(lastAddress) || answers(line));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
  }

  /// Asked about an address that has been tried: the pid in the file may have been given to another
  /// process since, so that only a port that accepts is evidence.
  private static boolean answers(ReadyLine line) {
    int colon = line.address().lastIndexOf(':');
    try (Socket socket = new Socket()) {
      String host = line.address().substring(0, colon);
      int port = Integer.parseInt(line.address().substring(colon + 1));
      socket.connect(new InetSocketAddress(host, port), CONNECT_MILLIS);
      return true;
    } catch (IOException | RuntimeException e) {
      return false;
    }
  }

  private Path info() {
    return directory.resolve("info.json");
  }

  @Override
  public void close() {}

  @Override
  public String toString() {
    return "the shared sidecar of " + directory;
  }

  static String hash(String storage) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(storage.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(digest, 0, 8);
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every JDK has SHA-256", e);
    }
  }

  private static ReseolioException failed(String message, @Nullable Exception cause) {
    return new ReseolioException("sidecar_failed", message, cause);
  }
}
