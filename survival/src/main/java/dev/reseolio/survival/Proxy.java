package dev.reseolio.survival;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntSupplier;

/// A network between two processes that can be made bad: silent, slow, broken, or cut at a chosen
/// place of PostgreSQL's protocol. Its way to the server starts at a loopback address of its own;
/// where the system lets us, a black hole in the way back keeps the kernels from answering for each
/// other, as a cut network would. Elsewhere only silence tells.
public final class Proxy implements AutoCloseable {
  private final ServerSocket door;
  private final IntSupplier server;
  private final String source;
  private final boolean holes;
  private final Set<Pipe> pipes = ConcurrentHashMap.newKeySet();
  private final AtomicInteger doubts = new AtomicInteger();
  private final AtomicInteger halves = new AtomicInteger();
  private final AtomicInteger done = new AtomicInteger();
  private volatile boolean toServer = true;
  private volatile boolean toClient = true;
  private volatile int delayMillis;
  private volatile boolean hole;

  private Proxy(ServerSocket door, IntSupplier server) {
    this.door = door;
    this.server = server;
    var random = ThreadLocalRandom.current();
    this.source = "127.9.%d.%d".formatted(random.nextInt(1, 255), random.nextInt(1, 255));
    this.holes = route("add") && route("del");
    Thread.ofPlatform().daemon().name("proxy-door").start(this::accept);
  }

  /// @param server its port on 127.0.0.1, looked up for every connection
  public static Proxy to(IntSupplier server) throws IOException {
    return new Proxy(new ServerSocket(0, 200, InetAddress.ofLiteral("127.0.0.1")), server);
  }

  public int port() {
    return door.getLocalPort();
  }

  /// True when a cut network looks like one; else it looks like a frozen process.
  public boolean hasHoles() {
    return holes;
  }

  /// Nothing gets through any more; nobody is told.
  public synchronized void cut() {
    toServer = false;
    toClient = false;
    if (holes && !hole) {
      hole = route("add");
    }
  }

  /// Only one direction is silent.
  public void silence(boolean client) {
    toServer = !client;
    toClient = client;
  }

  /// The connections there are go silent for good, both ways, and nobody is told; new ones get
  /// through, as when the peer came back behind another route.
  ///
  /// @return how many
  public int strand() {
    Set<Pipe> now = Set.copyOf(pipes);
    now.forEach(one -> one.stranded = true);
    return now.size();
  }

  /// Every message takes so much longer, up to twice that.
  public void delay(int millis) {
    delayMillis = millis;
  }

  /// Breaks all connections (RST).
  public int reset() {
    Set<Pipe> now = Set.copyOf(pipes);
    now.forEach(Pipe::breakOff);
    return now.size();
  }

  /// The next so many commits of a writer's session are not answered: its connection breaks just
  /// before the server's word that it is ready again.
  public void doubt(int count) {
    doubts.set(count);
  }

  /// The next flush of a writer's session stops after its first statement, and with it everything.
  public void stopInsideFlush() {
    halves.set(1);
  }

  /// How many cuts of [#doubt] and [#stopInsideFlush] happened so far.
  public int cuts() {
    return done.get();
  }

  public synchronized void heal() {
    doubts.set(0);
    halves.set(0);
    delayMillis = 0;
    if (hole) {
      route("del");
      hole = false;
    }
    toServer = true;
    toClient = true;
  }

  private boolean route(String verb) {
    return Signals.run("ip", "route", verb, "blackhole", source + "/32", "table", "local");
  }

  private void accept() {
    while (!door.isClosed()) {
      try {
        Socket client = door.accept();
        Thread.ofPlatform().daemon().name("proxy").start(() -> connect(client));
      } catch (IOException closed) {
        return;
      }
    }
  }

  private void connect(Socket client) {
    Pipe pipe = new Pipe(client, new Socket());
    pipes.add(pipe);
    try {
      pipe.awaitWay(true);
      pipe.server.bind(new InetSocketAddress(source, 0));
      pipe.server.setTcpNoDelay(true);
      client.setTcpNoDelay(true);
      pipe.server.connect(
          new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), server.getAsInt()), 5000);
      Thread.ofPlatform().daemon().name("proxy").start(() -> pipe.carry(true));
      pipe.carry(false);
    } catch (IOException e) {
      pipe.breakOff();
    }
  }

  /// One connection.
  private final class Pipe {
    private final Socket client;
    private final Socket server;
    private final AtomicInteger bareReplies = new AtomicInteger();
    private final Frames asks = new Frames(true, bareReplies);
    private final Frames answers = new Frames(false, bareReplies);
    private int readies;
    private volatile boolean prepared;
    private volatile boolean writer;
    private volatile boolean stranded;

    Pipe(Socket client, Socket server) {
      this.client = client;
      this.server = server;
    }

    void carry(boolean up) {
      Socket from = up ? client : server;
      Socket to = up ? server : client;
      byte[] buffer = new byte[16_384];
      try {
        for (int n; (n = from.getInputStream().read(buffer)) >= 0; ) {
          if (up) {
            writer = isWriter(buffer, n);
          }
          int cut = up ? asks.scan(buffer, n, halver) : answers.scan(buffer, n, doubter);
          pause();
          awaitWay(up);
          to.getOutputStream().write(buffer, 0, cut < 0 ? n : cut);
          if (cut >= 0) {
            cutHere(up, to, buffer, cut, n);
          }
        }
      } catch (IOException broken) {
        // Both ends are told below.
      }
      awaitWay(up);
      close();
    }

    private void cutHere(boolean up, Socket to, byte[] buffer, int at, int length)
        throws IOException {
      done.incrementAndGet();
      if (up) {
        Proxy.this.cut();
        awaitWay(true);
        to.getOutputStream().write(buffer, at, length - at);
      } else {
        breakOff();
      }
    }

    /// The session that flushes is known by the first statement of every flush.
    private boolean isWriter(byte[] sent, int length) {
      return writer || new String(sent, 0, length, StandardCharsets.ISO_8859_1).contains("fence(");
    }

    private final Frames.Watcher doubter =
        new Frames.Watcher() {
          @Override
          public boolean starts(byte type) {
            if (type != 'Z') {
              return false;
            }
            // The first two follow the login and the settings of the session.
            prepared = ++readies > 2;
            return prepared && writer && take(doubts);
          }

          @Override
          public boolean ends(byte type) {
            return false;
          }
        };

    private final Frames.Watcher halver =
        new Frames.Watcher() {
          @Override
          public boolean starts(byte type) {
            return false;
          }

          @Override
          public boolean ends(byte type) {
            return type == 'E' && prepared && writer && take(halves);
          }
        };

    private static boolean take(AtomicInteger armed) {
      return armed.getAndUpdate(n -> n > 0 ? n - 1 : 0) > 0;
    }

    private void pause() {
      int millis = delayMillis;
      if (millis > 0) {
        Await.during(
            Duration.ofMillis(ThreadLocalRandom.current().nextInt(millis, 2 * millis)), () -> {});
      }
    }

    void awaitWay(boolean up) {
      while ((stranded ? pipes.contains(this) : !(up ? toServer : toClient)) && !door.isClosed()) {
        LockSupport.parkNanos(1_000_000);
      }
    }

    void breakOff() {
      try {
        client.setSoLinger(true, 0);
        server.setSoLinger(true, 0);
      } catch (IOException e) {
        // Closed already.
      }
      close();
    }

    private void close() {
      pipes.remove(this);
      for (Socket socket : new Socket[] {client, server}) {
        try {
          socket.close();
        } catch (IOException e) {
          // Gone already.
        }
      }
    }
  }

  @Override
  public void close() throws IOException {
    heal();
    door.close();
    pipes.forEach(Pipe::close);
  }

  @Override
  public String toString() {
    return holes ? "a black hole" : "a silent proxy";
  }
}
