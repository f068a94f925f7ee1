package dev.reseolio.embedded;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Who runs PostgreSQL's programs. PostgreSQL refuses root, so when we are root they run in a user
/// namespace where we are nobody special, or, where namespaces are forbidden, as an unprivileged
/// user who is then given the data directory.
///
/// @param prefix what to put before a command; empty when we are not root
/// @param owner the user the data directory is given to; null when it stays ours
record RunAs(List<String> prefix, @Nullable String owner) {
  private static final Duration LIMIT = Duration.ofSeconds(20);
  private static final int ROOT = 0;

  static RunAs choose(DataDir dir) {
    // Not /proc/self: that is a link, and links in /proc belong to root.
    return uid(Path.of("/proc/self/task")) == ROOT ? asRoot(dir) : new RunAs(List.of(), null);
  }

  private static RunAs asRoot(DataDir dir) {
    var candidates = candidates(dir);
    for (var candidate : candidates) {
      candidate.own(dir.root());
      if (candidate.canWrite(dir.root())) {
        return candidate;
      }
    }
    throw new EmbeddedPostgresException(
        """
        PostgreSQL refuses to run as root, and neither a user namespace (unshare -U) nor another \
        user (tried %s) can work in %s. Run as an ordinary user, or choose a --data-dir below a \
        folder that everybody may enter, or set --storage to a PostgreSQL you already have.\
        """
            .formatted(candidates.stream().map(RunAs::owner).distinct().toList(), dir.root()));
  }

  private static List<RunAs> candidates(DataDir dir) {
    var namespace = new RunAs(List.of("unshare", "-U", "--"), null);
    if (!Files.exists(dir.data())) {
      var users = Stream.of("postgres", "nobody").flatMap(RunAs::user);
      return Stream.concat(Stream.of(namespace), users).toList();
    }
    var owner = uid(dir.data());
    return owner == ROOT ? List.of(namespace) : user(Integer.toString(owner)).toList();
  }

  private static Stream<RunAs> user(String name) {
    var group = Commands.run(List.of("id", "-g", name), Path.of("/"), LIMIT);
    var login = Commands.run(List.of("id", "-nu", name), Path.of("/"), LIMIT);
    if (!group.ok() || !login.ok()) {
      return Stream.empty();
    }
    return Stream.of(
            List.of(
                "setpriv", "--reuid=" + name, "--regid=" + group.text(), "--clear-groups", "--"),
            List.of("su", "-s", "/bin/sh", login.text(), "-c", "exec \"$0\" \"$@\"", "--"))
        .map(words -> new RunAs(words, name));
  }

  /// The command as this user runs it.
  List<String> command(List<String> words) {
    var all = new ArrayList<>(prefix);
    all.addAll(words);
    return all;
  }

  /// Gives `folder` and all in it to the unprivileged user; nothing to do otherwise.
  void own(Path folder) {
    if (owner != null) {
      Commands.run(List.of("chown", "-R", owner, folder.toString()), folder, LIMIT);
    }
  }

  private boolean canWrite(Path folder) {
    return Commands.run(command(List.of("test", "-w", folder.toString())), Path.of("/"), LIMIT)
        .ok();
  }

  private static int uid(Path path) {
    try {
      return (int) Files.getAttribute(path, "unix:uid", LinkOption.NOFOLLOW_LINKS);
    } catch (IOException | UnsupportedOperationException e) {
      return "root".equals(System.getProperty("user.name")) ? ROOT : -1;
    }
  }
}
