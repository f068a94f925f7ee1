package dev.reseolio.examples.payments.demo;

import static dev.reseolio.examples.payments.demo.Screen.Tone.BAD;
import static dev.reseolio.examples.payments.demo.Screen.Tone.BOLD;
import static dev.reseolio.examples.payments.demo.Screen.Tone.DIM;
import static dev.reseolio.examples.payments.demo.Screen.Tone.GOOD;
import static dev.reseolio.examples.payments.demo.Screen.Tone.WARM;

import dev.reseolio.Reseolio;
import dev.reseolio.embedded.EmbeddedPostgresException;
import io.grpc.ManagedChannel;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.logging.Level;
import java.util.logging.Logger;

/// `make demo`: 1000 payments while a worker and a sidecar are killed. Ends with 0 only when every
/// payment was charged, and charged once.
public final class Demo {
  static final double FAIL_RATE = 0.15;
  static final String CARD_MILLIS = "100-400";
  private static final int PAYMENTS = 1000;
  private static final double KILL_WORKER_AT = 0.30;
  private static final double KILL_SIDECAR_AT = 0.55;
  private static final int LOOK_MILLIS = 20;
  private static final Logger SDK_LOG = Logger.getLogger("dev.reseolio");

  private static volatile boolean stopping;

  private final Screen screen;
  private final Stage stage;
  private final List<Kill> kills = new ArrayList<>();

  private Demo(Screen screen, Stage stage) {
    this.screen = screen;
    this.stage = stage;
  }

  public static void main(String[] arguments) throws Exception {
    SDK_LOG.setLevel(Level.OFF); // what it has to say is shown as events
    Screen screen = Screen.standard();
    screen.print("");
    screen.print(
        screen.paint(BOLD, "  Reseolio")
            + ": %d payments, two sidecars, four workers, two kills".formatted(PAYMENTS));
    screen.print("");
    int code;
    try (Stage stage = Stage.open(Path.of("").toAbsolutePath(), screen)) {
      Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(stage)));
      code = new Demo(screen, stage).run();
    } catch (DemoException | EmbeddedPostgresException e) {
      screen.endProgress();
      screen.print(screen.paint(BAD, "demo: " + e.getMessage()));
      code = 1;
    } catch (SQLException e) {
      if (!stopping) {
        throw e;
      }
      code = 1; // Ctrl-C has closed the books
    }
    System.exit(code);
  }

  private static void stop(Stage stage) {
    stopping = true;
    stage.close();
  }

  private int run() throws IOException, InterruptedException, SQLException {
    try (Books books = stage.books()) {
      Cast cast = Cast.enter(stage);
      introduce(cast);
      ManagedChannel channel = Sidecars.channel(List.of(cast.addressA(), cast.addressB()));
      try (Reseolio reseolio =
          Reseolio.builder()
              .channel(channel)
              .concurrency(0)
              .listener(new Customers.Told(screen))
              .start()) {
        Customers customers = new Customers(reseolio, PAYMENTS);
        customers.start();
        watch(customers, books, cast);
        return conclude(Report.of(PAYMENTS, customers, books, kills));
      } finally {
        channel.shutdownNow();
      }
    }
  }

  private void introduce(Cast cast) {
    screen.say(
        "sidecar A  pid %d, with %s and %s"
            .formatted(cast.sidecarA().pid(), cast.javaOnA().name(), cast.typescriptOnA().name()));
    screen.say(
        "sidecar B  pid %d, with %s and %s"
            .formatted(cast.sidecarB().pid(), cast.javaOnB().name(), cast.typescriptOnB().name()));
    screen.print("");
  }

  /// Shows how far it is, and kills when the time has come, until every customer has left.
  private void watch(Customers customers, Books books, Cast cast)
      throws InterruptedException, SQLException {
    long begun = System.nanoTime();
    int toldTakeovers = 0;
    while (!customers.allLeft()) {
      Books.Progress progress = books.progress();
      double seconds = (System.nanoTime() - begun) / 1e9;
      screen.progress(
          progress.done(),
          PAYMENTS,
          String.format(
              Locale.ROOT,
              "%3.0f/s   retries %d   taken over %d",
              progress.done() / seconds,
              progress.retries(),
              progress.lost()));
      if (toldTakeovers < kills.size()) {
        toldTakeovers += tellTakeover(books, kills.get(toldTakeovers)) ? 1 : 0;
      } else {
        killIfDue((double) progress.done() / PAYMENTS, books, cast);
      }
      Thread.sleep(LOOK_MILLIS);
    }
    Books.Progress end = books.progress();
    screen.progress(end.done(), PAYMENTS, "in %.1f s".formatted((System.nanoTime() - begun) / 1e9));
    screen.endProgress();
  }

  private void killIfDue(double share, Books books, Cast cast) throws SQLException {
    if (kills.isEmpty() && share >= KILL_WORKER_AT && books.isBusy(cast.javaOnA())) {
      kill(Kill.What.WORKER, cast.javaOnA());
    } else if (kills.size() == 1
        && share >= KILL_SIDECAR_AT
        && books.isBusy(cast.typescriptOnA())) {
      kill(Kill.What.SIDECAR, cast.sidecarA());
    }
  }

  private void kill(Kill.What what, Child victim) {
    kills.add(Kill.now(what, victim));
    screen.event(
        BAD, screen.mark("✗", "x"), "kill -9 %s (pid %d)".formatted(victim.name(), victim.pid()));
  }

  /// True when it was told.
  private boolean tellTakeover(Books books, Kill kill) throws SQLException {
    Books.Takeover takeover = books.takeover(kill);
    if (takeover.lost() == 0 || takeover.again() < takeover.lost()) {
      return false;
    }
    takeover
        .first()
        .ifPresent(first ->
            screen.event(
                GOOD,
                screen.mark("✓", "+"),
                "its %d jobs run again elsewhere, the first after %d ms"
                    .formatted(takeover.lost(), first.toMillis())));
    return true;
  }

  private int conclude(Report report) {
    screen.print("");
    for (Report.Row row : report.rows()) {
      screen.print(
          "  %-26s ".formatted(row.label())
              + screen.paint(BOLD, "%13s".formatted(row.value()))
              + screen.paint(DIM, "   " + row.remark()));
    }
    screen.print("");
    if (!report.objections().isEmpty()) {
      screen.print(screen.paint(WARM, "  What does not hold (logs: %s)".formatted(stage.logs())));
      report.objections().stream().limit(20).forEach(text -> screen.print("  - " + text));
      screen.print("");
    }
    boolean good = report.objections().isEmpty();
    screen.print(
        screen.paint(
            good ? GOOD : BAD,
            "demo: %d jobs, %d succeeded, %d lost, %d charged twice"
                .formatted(PAYMENTS, report.succeeded(), report.lost(), report.chargedTwice())));
    return good ? 0 : 1;
  }
}
