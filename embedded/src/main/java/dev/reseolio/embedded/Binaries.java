package dev.reseolio.embedded;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Properties;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Where `postgres`, `initdb` and `pg_ctl` come from: a local installation when `local` is given,
/// else the bundle on the class path, unpacked once per version below `cache`.
record Binaries(@Nullable Path local, @Nullable Path cache, Consumer<String> progress) {

  /// The folder of the programs. `fallback` is where to unpack when no cache was chosen and the
  /// user's own cache cannot be used, or when `shared` is false (another user must reach it).
  Path bin(Path fallback, boolean shared) {
    if (local != null) {
      return installed(local);
    }
    var folder = shared ? cacheFolder(fallback) : fallback;
    var target = folder.resolve("postgres-" + version());
    if (!Files.exists(target)) {
      unpack(target);
    }
    return target.resolve("bin");
  }

  private static Path installed(Path bin) {
    if (!Files.isExecutable(bin.resolve("postgres"))) {
      throw new EmbeddedPostgresException(
          "No PostgreSQL in %s: expected the programs postgres, initdb and pg_ctl there."
              .formatted(bin.toAbsolutePath()));
    }
    return bin;
  }

  private Path cacheFolder(Path fallback) {
    if (cache != null) {
      return cache;
    }
    var xdg = System.getenv("XDG_CACHE_HOME");
    var home = xdg != null ? Path.of(xdg) : Path.of(System.getProperty("user.home"), ".cache");
    var folder = home.resolve("reseolio");
    try {
      Files.createDirectories(folder);
      return Files.isWritable(folder) ? folder : fallback;
    } catch (IOException e) {
      return fallback;
    }
  }

  private void unpack(Path target) {
    try (var archive = archive()) {
      progress.accept("unpacking PostgreSQL %s to %s".formatted(version(), target));
      Files.createDirectories(target.getParent());
      Unpacker.unpack(archive, target);
    } catch (IOException e) {
      throw new EmbeddedPostgresException(
          "Cannot unpack PostgreSQL to %s (%s). It needs 60 MB in a folder this user can write."
              .formatted(target, Text.reason(e)),
          e);
    }
  }

  private static InputStream archive() {
    var name = "/postgres-%s-%s.txz".formatted(os(), arch());
    var archive = Binaries.class.getResourceAsStream(name);
    if (archive == null) {
      throw new EmbeddedPostgresException(
          "No bundled PostgreSQL for %s %s (looked for %s on the class path)."
                  .formatted(os(), arch(), name)
              + " Set --storage to a PostgreSQL you already have.");
    }
    return archive;
  }

  private static String os() {
    return System.getProperty("os.name").toLowerCase(Locale.ROOT);
  }

  private static String arch() {
    var arch = System.getProperty("os.arch");
    return switch (arch) {
      case "amd64", "x86_64" -> "x86_64";
      case "aarch64", "arm64" -> "arm_64";
      default -> arch;
    };
  }

  private static String version() {
    try (var bundle = Binaries.class.getResourceAsStream("bundle.properties")) {
      var properties = new Properties();
      properties.load(bundle);
      return properties.getProperty("version", "unknown");
    } catch (IOException e) {
      throw new EmbeddedPostgresException("bundle.properties is missing from the jar", e);
    }
  }
}
