package dev.reseolio.bench.soak;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Formatter;
import java.util.List;
import java.util.Locale;

/// Lines over time, as SVG.
///
/// @param title with the unit
/// @param seconds between two values
record Chart(String title, double seconds, List<Line> lines) {
  private static final int WIDTH = 900;
  private static final int HEIGHT = 320;
  private static final int LEFT = 70;
  private static final int RIGHT = 20;
  private static final int TOP = 50;
  private static final int BOTTOM = 45;
  private static final int POINTS = WIDTH - LEFT - RIGHT;
  private static final List<String> COLOURS =
      List.of("#1f77b4", "#d62728", "#2ca02c", "#9467bd", "#ff7f0e", "#555555");

  /// A series of values, one for each sample.
  record Line(String name, List<Double> values) {
    double most() {
      return values.stream().mapToDouble(v -> v).max().orElse(0);
    }
  }

  void write(Path file) {
    try {
      Files.writeString(file, svg());
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  String svg() {
    double step = step(lines.stream().mapToDouble(Line::most).max().orElse(0));
    double top =
        step
            * Math.max(1, Math.ceil(lines.stream().mapToDouble(Line::most).max().orElse(0) / step));
    double minutes = lines.getFirst().values().size() * seconds / 60;
    Formatter svg = new Formatter(new StringBuilder(), Locale.ROOT);
    svg.format(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" font-family=\"sans-serif\" font-size=\"12\">%n",
        WIDTH, HEIGHT);
    svg.format("<rect width=\"%d\" height=\"%d\" fill=\"white\"/>%n", WIDTH, HEIGHT);
    svg.format("<text x=\"%d\" y=\"20\" font-size=\"15\">%s</text>%n", LEFT, title);
    horizontals(svg, top, step);
    verticals(svg, minutes);
    for (int i = 0; i < lines.size(); i++) {
      legend(svg, i);
      line(svg, lines.get(i), COLOURS.get(i % COLOURS.size()), top);
    }
    return svg.format("</svg>%n").toString();
  }

  /// A round distance between about five marks.
  private static double step(double most) {
    double rough = Math.max(most, 1e-3) / 5;
    double ten = Math.pow(10, Math.floor(Math.log10(rough)));
    double part = rough / ten;
    return ten * (part <= 1 ? 1 : part <= 2 ? 2 : part <= 5 ? 5 : 10);
  }

  private static double y(double value, double top) {
    return HEIGHT - BOTTOM - value / top * (HEIGHT - TOP - BOTTOM);
  }

  private static String number(double value, double step) {
    return String.format(
        Locale.ROOT, "%,." + (int) Math.max(0, -Math.floor(Math.log10(step))) + "f", value);
  }

  private static void horizontals(Formatter svg, double top, double step) {
    for (int i = 0; i * step <= top * 1.001; i++) {
      double y = y(i * step, top);
      svg.format(
          "<line x1=\"%d\" x2=\"%d\" y1=\"%.1f\" y2=\"%.1f\" stroke=\"#dddddd\"/>%n",
          LEFT, WIDTH - RIGHT, y, y);
      svg.format(
          "<text x=\"%d\" y=\"%.1f\" text-anchor=\"end\">%s</text>%n",
          LEFT - 6, y + 4, number(i * step, step));
    }
  }

  private static void verticals(Formatter svg, double minutes) {
    double step = step(minutes);
    for (int i = 0; i * step <= minutes; i++) {
      double x = LEFT + i * step / minutes * POINTS;
      svg.format(
          "<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%s</text>%n",
          x, HEIGHT - BOTTOM + 18, number(i * step, step));
    }
    svg.format(
        "<text x=\"%d\" y=\"%d\" text-anchor=\"middle\">minutes</text>%n",
        LEFT + POINTS / 2, HEIGHT - 8);
  }

  private void legend(Formatter svg, int i) {
    svg.format(
        "<text x=\"%d\" y=\"40\" fill=\"%s\">%s</text>%n",
        LEFT + i * 150, COLOURS.get(i % COLOURS.size()), lines.get(i).name());
  }

  private static void line(Formatter svg, Line line, String colour, double top) {
    List<String> points = new ArrayList<>();
    int all = line.values().size();
    int drawn = Math.min(all, POINTS);
    for (int i = 0; i < drawn; i++) {
      double value = mean(line.values().subList(i * all / drawn, (i + 1) * all / drawn));
      double x = LEFT + (double) i / Math.max(1, drawn - 1) * POINTS;
      points.add(String.format(Locale.ROOT, "%.1f,%.1f", x, y(value, top)));
    }
    svg.format(
        "<polyline fill=\"none\" stroke=\"%s\" stroke-width=\"1.3\" points=\"%s\"/>%n",
        colour, String.join(" ", points));
  }

  private static double mean(List<Double> values) {
    return values.stream().mapToDouble(v -> v).average().orElse(0);
  }
}
