package dev.reseolio.it;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reseolio.Reseolio;
import dev.reseolio.ReseolioListener;
import dev.reseolio.Sidecar;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.okhttp.OkHttpChannelBuilder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Ways to a sidecar other than one of our own.
@Tag("sidecar")
class JoiningIT {
  @TempDir Path folder;

  /// The addresses an instance says it is connected to.
  record Where(BlockingQueue<String> addresses) implements ReseolioListener {
    Where() {
      this(new LinkedBlockingQueue<>());
    }

    @Override
    public void onReady(String address) {
      addresses.add(address);
    }

    String next() throws InterruptedException {
      return String.valueOf(addresses.poll(SidecarIT.SOON.toSeconds(), TimeUnit.SECONDS));
    }
  }

  @Test
  void aUnixSocketIsJoined() throws Exception {
    String address = "unix:" + folder.resolve("sidecar.sock");
    Process sidecar = run("--address", address);
    try (Reseolio reseolio = Reseolio.builder().address(address).start()) {
      var fn =
          reseolio.durable(
              SidecarIT.unique("unix"), String.class, String.class, in -> "over a socket: " + in);
      assertEquals("over a socket: ü", fn.call("ü").result(SidecarIT.SOON));
      String large = "x".repeat(1_000_000);
      assertEquals("over a socket: " + large, fn.call(large).result(SidecarIT.SOON));
    } finally {
      stop(sidecar);
    }
  }

  /// A sidecar that is ready.
  private static Process run(String... options) throws IOException {
    List<String> words =
        Stream.concat(
                Stream.of(
                    SidecarIT.executable().toString(),
                    "server",
                    "--http-address=off",
                    "--exit-with-parent"),
                Stream.of(options))
            .toList();
    ProcessBuilder builder =
        new ProcessBuilder(words).redirectError(ProcessBuilder.Redirect.DISCARD);
    String storage = System.getenv("RESEOLIO_TEST_STORAGE");
    if (storage != null) {
      builder.environment().put("RESEOLIO_STORAGE", storage);
    }
    Process sidecar = builder.start();
    String ready = String.valueOf(sidecar.inputReader().readLine());
    assertTrue(ready.contains("\"event\":\"ready\""), ready);
    return sidecar;
  }

  private static void stop(Process sidecar) throws InterruptedException {
    sidecar.destroy();
    assertTrue(sidecar.waitFor(SidecarIT.SOON.toSeconds(), TimeUnit.SECONDS));
  }

  /// The names of the methods called.
  record Recorder(Set<String> methods) implements ClientInterceptor {
    @Override
    public <A, B> ClientCall<A, B> interceptCall(
        MethodDescriptor<A, B> method, CallOptions options, Channel next) {
      methods.add(String.valueOf(method.getBareMethodName()));
      return next.newCall(method, options);
    }
  }

  @Test
  void aChannelOfOnesOwnIsUsedAndLeftOpen() throws Exception {
    var where = new Where();
    var recorder = new Recorder(ConcurrentHashMap.newKeySet());
    try (Reseolio owner = SidecarIT.builder().listener(where).start()) {
      ManagedChannel own =
          OkHttpChannelBuilder.forTarget(where.next()).usePlaintext().intercept(recorder).build();
      try {
        try (Reseolio reseolio = Reseolio.builder().channel(own).start()) {
          var fn = reseolio.durable(SidecarIT.unique("own"), String.class, () -> "through it");
          assertEquals("through it", fn.call().result(SidecarIT.SOON));
        }
        assertFalse(own.isShutdown());
        assertTrue(recorder.methods().size() >= 3, recorder.toString());
        try (Reseolio again = Reseolio.builder().channel(own).start()) {
          var fn = again.durable(SidecarIT.unique("again"), String.class, () -> "again");
          String id = fn.call().id();
          assertEquals("again", owner.handle(id, String.class).result(SidecarIT.SOON));
        }
      } finally {
        own.shutdownNow();
      }
    }
  }

  @Test
  void applicationsThatShareFindOneSidecarAndItsSuccessor() throws Exception {
    String home = System.getProperty("user.home");
    System.setProperty("user.home", folder.toString());
    Where one = new Where();
    Where two = new Where();
    try (Reseolio first = shared(one);
        Reseolio second = shared(two)) {
      String address = one.next();
      assertEquals(address, two.next());
      String name = SidecarIT.unique("shared");
      first.durable(name, String.class, () -> "by the first");
      try (Reseolio calls = Reseolio.builder().address(address).concurrency(0).start()) {
        var fn = calls.durable(name, String.class, () -> "never");
        assertEquals("by the first", fn.call().result(SidecarIT.SOON));
      }
      ProcessHandle.of(pid()).orElseThrow().destroyForcibly();
      String successor = one.next();
      assertEquals(successor, two.next());
      var fn = second.durable(SidecarIT.unique("on"), String.class, () -> "goes on");
      assertEquals("goes on", fn.call().result(SidecarIT.SOON));
    } finally {
      System.setProperty("user.home", home);
      ProcessHandle left = ProcessHandle.of(pid()).orElseThrow();
      left.destroy();
      left.onExit().get(SidecarIT.SOON.toSeconds(), TimeUnit.SECONDS);
    }
  }

  private static Reseolio shared(Where where) {
    return SidecarIT.builder()
        .sidecar(Sidecar.defaults().executable(SidecarIT.executable()).shared(true))
        .listener(where)
        .start();
  }

  /// Of the shared sidecar of this home.
  private long pid() throws IOException {
    try (Stream<Path> files = Files.walk(folder.resolve(".reseolio/run"))) {
      Path info = files.filter(path -> path.endsWith("info.json")).findFirst().orElseThrow();
      var pid = Pattern.compile("\"pid\":(\\d+)").matcher(Files.readString(info));
      assertTrue(pid.find());
      return Long.parseLong(pid.group(1));
    }
  }
}
