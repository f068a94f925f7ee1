package dev.reseolio.examples.payments.demo;

import dev.reseolio.examples.payments.demo.Books.Facts;
import dev.reseolio.examples.payments.demo.Books.Takeover;
import dev.reseolio.examples.payments.demo.Customers.Paid;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/// What was measured, and what of it does not hold.
///
/// @param lost payments without a receipt, without a row in the ledger or with a wrong amount
/// @param rows label and value of the final table
/// @param objections empty when all is well
record Report(int succeeded, int lost, int chargedTwice, List<Row> rows, List<String> objections) {

  record Row(String label, String value, String remark) {}

  static Report of(int payments, Customers customers, Books books, List<Kill> kills)
      throws SQLException {
    Facts facts = books.facts();
    Books.Progress counts = books.progress();
    Map<String, Paid> paid = customers.paid();
    int lost = payments - kept(paid, books.ledger());
    List<Row> rows = new ArrayList<>();
    rows.add(row("enqueued", customers.calls(), payments + " payments, each with its key"));
    rows.add(row("deduplicated", customers.deduplicated(), "second calls that got the same job"));
    rows.add(row("attempts", facts.attempts(), facts.executions() + " of them began a handler"));
    rows.add(row("retries", counts.retries(), "the card network failed"));
    rows.add(row("taken over", counts.lost(), "were in the hands of what was killed"));
    if (counts.handedBack() > 0) {
      rows.add(row("handed back", counts.handedBack(), "by a worker, before they had begun"));
    }
    List<String> objections = new ArrayList<>(customers.complaints());
    for (Kill kill : kills) {
      Takeover takeover = books.takeover(kill);
      rows.add(
          new Row(
              "time to takeover",
              takeover.first().map(Report::millis).orElse("-"),
              "%s: %d jobs, the last after %s"
                  .formatted(
                      kill.name(),
                      takeover.lost(),
                      takeover.last().map(Report::millis).orElse("-"))));
      object(objections, takeover.lost() > 0, "The killed " + kill.name() + " had no job running");
    }
    rows.add(
        percentiles(
            "round trip p50 / p99",
            paid.values().stream().map(Paid::roundTrip).toList(),
            "the card network takes " + Demo.CARD_MILLIS + " ms"));
    rows.add(
        percentiles(
            "call to handler p50 / p99", waits(paid, books.firstStarts()), "first attempts"));
    long repeated = paid.values().stream().filter(one -> !one.booked()).count();
    rows.add(
        row("found charged already", (int) repeated, "repeated, and stopped by the ledger's key"));
    verify(payments, facts, counts, objections);
    object(objections, lost == 0, lost + " payments are not in the ledger as they should be");
    return new Report(facts.succeeded(), lost, facts.chargedTwice(), rows, objections);
  }

  private static void verify(
      int payments, Facts facts, Books.Progress counts, List<String> objections) {
    object(objections, facts.jobs() == payments, facts.jobs() + " jobs for as many keys");
    object(
        objections,
        facts.succeeded() == payments && facts.unsuccessful() == 0,
        facts.succeeded() + " jobs succeeded, " + facts.unsuccessful() + " ended otherwise");
    object(objections, facts.chargedTwice() == 0, facts.chargedTwice() + " were charged twice");
    object(
        objections,
        facts.attempts() == payments + counts.retries() + counts.lost() + counts.handedBack(),
        "%d attempts are not %d jobs + %d retries + %d taken over + %d handed back"
            .formatted(
                facts.attempts(), payments, counts.retries(), counts.lost(), counts.handedBack()));
  }

  private static void object(List<String> objections, boolean holds, String otherwise) {
    if (!holds) {
      objections.add(otherwise);
    }
  }

  private static int kept(Map<String, Paid> paid, Map<String, Long> ledger) {
    return (int)
        paid.values().stream()
            .filter(one -> Objects.equals(ledger.get(one.id()), one.amountCents()))
            .count();
  }

  private static List<Duration> waits(Map<String, Paid> paid, Map<String, Instant> starts) {
    return paid.values().stream()
        .flatMap(one ->
            Optional.ofNullable(starts.get(one.id())).stream()
                .map(start -> Duration.between(one.called(), start)))
        .toList();
  }

  private static Row row(String label, int count, String remark) {
    return new Row(label, Integer.toString(count), remark);
  }

  private static Row percentiles(String label, List<Duration> all, String remark) {
    List<Duration> sorted = all.stream().sorted().toList();
    if (sorted.isEmpty()) {
      return new Row(label, "-", remark);
    }
    return new Row(
        label,
        millis(at(sorted, 0.5)).replace(" ms", "") + " / " + millis(at(sorted, 0.99)),
        remark);
  }

  private static Duration at(List<Duration> sorted, double share) {
    return sorted.get((int) Math.ceil(share * sorted.size()) - 1);
  }

  private static String millis(Duration duration) {
    double millis = duration.toNanos() / 1e6;
    return String.format(Locale.ROOT, millis < 10 ? "%.1f ms" : "%.0f ms", millis);
  }
}
