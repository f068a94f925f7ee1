package dev.reseolio.examples.payments.demo;

import java.io.Console;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/// The watcher's side. On a terminal: events, and below them one live line with a bar; elsewhere
/// plain lines, the live line only at every tenth of the way. NO_COLOR is respected.
final class Screen {
  private static final int BAR = 30;
  private static final String CLEAR_LINE = "\r\u001b[K";

  /// How a text is coloured.
  enum Tone {
    PLAIN(""),
    BOLD("1"),
    DIM("2"),
    GOOD("32"),
    BAD("31"),
    WARM("33");

    private final String code;

    Tone(String code) {
      this.code = code;
    }
  }

  private final PrintStream out;
  private final boolean live;
  private final boolean colour;
  private final boolean unicode;
  private final long begun = System.nanoTime();
  private String liveLine = "";
  private int tenths = -1;

  private Screen(PrintStream out, boolean live, boolean colour, boolean unicode) {
    this.out = out;
    this.live = live;
    this.colour = colour;
    this.unicode = unicode;
  }

  @SuppressWarnings("SystemConsoleNull") // never null, but NullAway does not know
  static Screen standard() {
    String term = System.getenv().getOrDefault("TERM", "dumb");
    Console console = System.console();
    boolean live = console != null && console.isTerminal() && !term.equals("dumb");
    boolean colour = live && System.getenv().getOrDefault("NO_COLOR", "").isEmpty();
    boolean unicode = System.out.charset().equals(StandardCharsets.UTF_8);
    return new Screen(System.out, live, colour, unicode);
  }

  /// A line that stays.
  synchronized void say(String text) {
    print(paint(Tone.DIM, "  " + text));
  }

  synchronized void print(String text) {
    out.print((live && !liveLine.isEmpty() ? CLEAR_LINE : "") + text + "\n" + liveLine);
    out.flush();
  }

  /// Something happened, and when.
  synchronized void event(Tone tone, String mark, String text) {
    String when = String.format(Locale.ROOT, "%6.1f s", (System.nanoTime() - begun) / 1e9);
    print(paint(Tone.DIM, "  " + when) + "  " + paint(tone, mark + " " + text));
  }

  /// The live line.
  synchronized void progress(int done, int all, String facts) {
    int filled = done * BAR / all;
    String bar =
        paint(Tone.GOOD, (unicode ? "█" : "#").repeat(filled))
            + paint(Tone.DIM, (unicode ? "░" : "-").repeat(BAR - filled));
    String line = "  " + bar + String.format(Locale.ROOT, "  %4d / %d   ", done, all) + facts;
    if (live) {
      liveLine = line;
      out.print(CLEAR_LINE + line);
      out.flush();
    } else if (done * 10 / all > tenths) {
      tenths = done * 10 / all;
      print(line);
    }
  }

  /// No live line from here on.
  synchronized void endProgress() {
    if (live && !liveLine.isEmpty()) {
      liveLine = "";
      out.print("\n");
    }
  }

  /// The text in this colour, if there are colours.
  String paint(Tone tone, String text) {
    boolean plain = !colour || tone == Tone.PLAIN || text.isEmpty();
    return plain ? text : "\u001b[" + tone.code + "m" + text + "\u001b[0m";
  }

  /// `rich` where the terminal can show it.
  String mark(String rich, String poor) {
    return unicode ? rich : poor;
  }
}
