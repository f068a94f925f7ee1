package dev.reseolio.bench.figures;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// What was measured: medians and ranges over the runs, as one table and one line each.
public final class Figures {
  private final Map<String, Figure> figures = new LinkedHashMap<>();
  private final Map<String, Target> targets;

  /// A figure to reach.
  ///
  /// @param most true: no more than this; false: no less
  public record Target(double value, boolean most) {
    public static Target atMost(double value) {
      return new Target(value, true);
    }

    public static Target atLeast(double value) {
      return new Target(value, false);
    }

    String verdict(double measured) {
      boolean met = most ? measured <= value : measured >= value;
      return (most ? "<= " : ">= ") + number(value) + (met ? "  met" : "  NOT MET");
    }
  }

  private static final class Figure {
    final String unit;
    final List<Double> values = new ArrayList<>();
    final List<Meter.Cost> costs = new ArrayList<>();

    Figure(String unit) {
      this.unit = unit;
    }
  }

  public Figures(Map<String, Target> targets) {
    this.targets = targets;
  }

  public void add(String name, double value, String unit) {
    add(name, value, unit, null);
  }

  public void add(String name, double value, String unit, Meter.@Nullable Cost cost) {
    Figure figure = figures.computeIfAbsent(name, n -> new Figure(unit));
    figure.values.add(value);
    if (cost != null) {
      figure.costs.add(cost);
    }
  }

  public static double median(double... values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    int half = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
  }

  private static double median(List<Double> values) {
    return median(values.stream().mapToDouble(v -> v).toArray());
  }

  public static String number(double value) {
    double size = Math.abs(value);
    int digits = size >= 100 || value == Math.rint(value) ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : 3;
    return String.format(Locale.ROOT, "%." + digits + "f", value);
  }

  public void print(String synchronousCommit) {
    List<List<String>> rows = new ArrayList<>();
    rows.add(
        List.of(
            "figure",
            "median",
            "range",
            "unit",
            "WAL B/job",
            "commits/job",
            "sync_commit",
            "CPU us/job",
            "target"));
    figures.forEach((name, figure) -> rows.add(row(name, figure, synchronousCommit)));
    System.out.println();
    table(rows);
    System.out.println();
    figures.forEach(Figures::line);
  }

  private List<String> row(String name, Figure figure, String synchronousCommit) {
    double median = median(figure.values);
    double least = figure.values.stream().mapToDouble(v -> v).min().orElseThrow();
    double most = figure.values.stream().mapToDouble(v -> v).max().orElseThrow();
    Target target = targets.get(name);
    Meter.Cost cost = figure.costs.isEmpty() ? null : Meter.Cost.median(figure.costs);
    return List.of(
        name,
        number(median),
        figure.values.size() == 1 ? "one run" : number(least) + " .. " + number(most),
        figure.unit,
        cost == null ? "" : number(cost.walBytes()),
        cost == null ? "" : number(cost.commits()),
        cost == null ? "" : synchronousCommit,
        cost == null ? "" : cpu(cost),
        target == null ? "" : target.verdict(median));
  }

  private static String cpu(Meter.Cost cost) {
    return cost.cpu().entrySet().stream()
        .map(e -> e.getKey() + " " + Math.round(e.getValue()))
        .collect(Collectors.joining(", "));
  }

  private static void line(String name, Figure figure) {
    System.out.println("bench " + name + " " + number(median(figure.values)) + " " + figure.unit);
    if (figure.values.size() > 1) {
      double most = figure.values.stream().mapToDouble(v -> v).max().orElseThrow();
      System.out.println("bench " + name + ".most " + number(most) + " " + figure.unit);
    }
    if (!figure.costs.isEmpty()) {
      Meter.Cost cost = Meter.Cost.median(figure.costs);
      System.out.println("bench " + name + ".wal " + number(cost.walBytes()) + " B/job");
      System.out.println("bench " + name + ".commits " + number(cost.commits()) + " commits/job");
      cost.cpu()
          .forEach((process, micros) ->
              System.out.println(
                  "bench " + name + ".cpu." + process + " " + number(micros) + " us/job"));
    }
  }

  private static void table(List<List<String>> rows) {
    int columns = rows.getFirst().size();
    int[] widths = new int[columns];
    rows.forEach(row -> {
      for (int i = 0; i < columns; i++) {
        widths[i] = Math.max(widths[i], row.get(i).length());
      }
    });
    for (List<String> row : rows) {
      StringBuilder line = new StringBuilder();
      for (int i = 0; i < columns; i++) {
        String pad = " ".repeat(widths[i] - row.get(i).length());
        boolean right = i == 1 || i == 4 || i == 5;
        line.append(right ? pad + row.get(i) : row.get(i) + pad).append("  ");
      }
      System.out.println(line.toString().stripTrailing());
    }
  }
}
