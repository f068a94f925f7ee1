package dev.reseolio.internal.worker;

import dev.reseolio.internal.Log;
import dev.reseolio.proto.v1.Function;
import dev.reseolio.proto.v1.Hello;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;

/// Who this worker is: the part of every Hello that does not change.
final class Identity {
  private static final int PROTOCOL = 1;
  private static final Path BOOT_ID = Path.of("/proc/sys/kernel/random/boot_id");
  private static final Path PID_NAMESPACE = Path.of("/proc/self/ns/pid");

  private final Hello template;

  Identity() {
    long pid = ProcessHandle.current().pid();
    Hello.Builder hello =
        Hello.newBuilder()
            .setWorkerId(
                String.format("java-%d-%04x", pid, ThreadLocalRandom.current().nextInt(1 << 16)))
            .setSdk("java")
            .setSdkVersion(version())
            .setProtocolMin(PROTOCOL)
            .setProtocolMax(PROTOCOL);
    scope().ifPresent(scope -> hello.getProcessBuilder().setPid(pid).setScope(scope));
    this.template = hello.build();
  }

  Hello.Builder hello() {
    return template.toBuilder();
  }

  static Function function(FunctionDefinition function) {
    return Function.newBuilder().setName(function.name()).build();
  }

  private static String version() {
    String version = Identity.class.getPackage().getImplementationVersion();
    return version == null ? "0.2.0-SNAPSHOT" : version;
  }

  /// Only Linux has one: the boot id and the pid namespace.
  private static Optional<String> scope() {
    if (!Files.isReadable(BOOT_ID)) {
      return Optional.empty();
    }
    try {
      return Optional.of(
          Files.readString(BOOT_ID).strip() + "/" + Files.readSymbolicLink(PID_NAMESPACE));
    } catch (IOException e) {
      Log.debug("The server will not see a kill of this process at once: " + e);
      return Optional.empty();
    }
  }
}
