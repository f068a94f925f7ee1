package dev.reseolio.checker;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reseolio.checker.History.Rules;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// A checker that never found anything proves nothing: every invariant is broken here once.
class CheckerTest {

  /// One job that its first node loses and the second ends; one that is created in a transaction of
  /// the application. Fields are separated by blanks, `-` is an empty one.
  private static final String GOOD =
      """
      Invoked 1 c1 k1 RPC
      Invoked 1 c2 k1 RPC
      Row 2 t1 PUT JOB j1 1 7 c1
      Accepted 3 c1 j1
      Accepted 3 c2 j1
      Started 4 j1 1 w
      StepStarted 4 j1 1 a
      Row 4 s1 PUT STEP j1 1 7 a=x
      StepGiven 4 j1 1 a x
      StepStarted 4 j1 1 b
      Injected 5 f1 kill n7
      Landed 5 f1 gone
      Victim 5 f1 7
      Fenced 6 t2 7
      Row 6 t2 PUT ATTEMPT j1 1 0 lost
      Row 6 t2 PUT READY j1 2 0 -
      Row 7 t3 GONE READY j1 2 0 -
      Row 7 t3 PUT LEASE j1 2 8 -
      Started 8 j1 2 v
      Ended 9 j1 1 w
      StepGiven 9 j1 2 a x
      StepStarted 9 j1 2 b
      Row 9 s2 PUT STEP j1 2 8 b=y
      StepGiven 9 j1 2 b y
      Ended 10 j1 2 v
      Row 11 t4 GONE LEASE j1 2 8 -
      Row 11 t4 PUT DONE j1 2 8 succeeded:v
      Answered 12 j1 succeeded:v
      Invoked 20 c3 - SQL
      Row 21 t5 PUT JOB j2 0 0 c3
      Row 21 t5 PUT READY j2 1 0 -
      Business 21 c3
      Row 22 t6 GONE READY j2 1 0 -
      Row 22 t6 PUT LEASE j2 1 8 -
      Started 23 j2 1 v
      Ended 24 j2 1 v
      Row 25 t7 GONE LEASE j2 1 8 -
      Row 25 t7 PUT DONE j2 1 8 succeeded:v
      Invoked 30 c4 - RPC
      Refused 31 c4 unavailable
      """
          + poison();

  /// A job that ends six workers.
  private static String poison() {
    var text =
        new StringBuilder(
            """
            Poisoned 40 c5
            Invoked 40 c5 - RPC
            Row 41 p PUT JOB p 0 0 c5
            Row 41 p PUT READY p 1 0 -
            Accepted 42 c5 p
            """);
    for (int n = 1; n <= 6; n++) {
      String end = n < 6 ? "ATTEMPT p %d 8 lost" : "DONE p %d 8 dead:CrashBudgetExceeded";
      text.append(
          """
          Row 5%1$d a%1$d GONE READY p %1$d 0 -
          Row 5%1$d a%1$d PUT LEASE p %1$d 8 -
          Started 5%1$d p %1$d v
          Row 5%1$d b%1$d GONE LEASE p %1$d 8 -
          Row 5%1$d b%1$d PUT %2$s
          """
              .formatted(n, end.formatted(n)));
      if (n < 6) {
        text.append("Row 5%d b%d PUT READY p %d 0 -\n".formatted(n, n, n + 1));
      }
    }
    return text.append("Answered 60 p dead:CrashBudgetExceeded\n").toString();
  }

  private static List<Event> events(String text) {
    return text.lines()
        .map(line -> line.strip().replace(' ', '\t').replaceAll("(?<=\t)-(?=\t|$)", ""))
        .map(Line::parse)
        .toList();
  }

  private static Report check(List<Event> events) {
    return Checker.check(new History(events, Rules.STRICT), Gates.NONE);
  }

  @Test
  void aGoodHistoryHolds() {
    Report report = check(events(GOOD));
    assertTrue(report.verdict().holds(), report.verdict().toString());
    for (Invariant one : Invariant.values()) {
      assertTrue(report.verdict().tested(one) > 0, one + " was put to the test");
    }
    assertEquals(3, report.accepted());
    assertEquals(List.of(1L), report.overlaps());
    assertEquals(List.of(new Takeovers.Time(1, 3)), report.takeovers().get("kill"));
    assertEquals(List.of(), report.invalid());
  }

  static List<Arguments> breaks() {
    return List.of(
        Arguments.of(
            "PUT DONE j1 2 8 succeeded:v\n", "PUT DONE j9 2 0 succeeded:v\n", Invariant.NO_LOSS),
        Arguments.of("Accepted 3 c1 j1", "Accepted 3 c1 j7", Invariant.NO_LOSS),
        Arguments.of("Invoked 30 c4 - RPC", "Row 30 t9 PUT JOB j3 0 0 c4", Invariant.NO_PHANTOM),
        Arguments.of("JOB j2 0 0 c3", "JOB j2 0 0 c4", Invariant.NO_PHANTOM),
        Arguments.of("Answered 12 j1 succeeded:v", "Answered 12 j1 succeeded:w", Invariant.ONE_END),
        Arguments.of(
            "Answered 12", "Row 12 t8 TAMPERED DONE j1 2 8 -\nAnswered 12", Invariant.ONE_END),
        Arguments.of("Row 7 t3 GONE READY j1 2 0 -\n", "", Invariant.ONE_PLACE),
        Arguments.of("Row 21 t5 PUT JOB j2 0 0 c3\n", "", Invariant.ONE_PLACE),
        Arguments.of("Started 8", "Row 8 t8 PUT LEASE j1 2 9 -\nStarted 8", Invariant.ONE_LEASE),
        Arguments.of("PUT DONE j2 1 8", "PUT DONE j2 1 9", Invariant.ONE_LEASE),
        Arguments.of("PUT DONE j1 2 8", "PUT DONE j1 2 7", Invariant.NO_STALE_WRITE),
        Arguments.of(
            "Started 23 j2 1 v", "Started 23 j2 1 v\nStarted 23 j2 1 w", Invariant.ONE_EXECUTION),
        Arguments.of("Started 23 j2 1 v\n", "", Invariant.ONE_EXECUTION),
        Arguments.of(
            "Ended 24 j2 1 v", "Ended 24 j2 1 v\nStarted 24 j2 2 w", Invariant.ONE_EXECUTION),
        Arguments.of("ATTEMPT j1 1 0 lost", "ATTEMPT j1 1 0 failed", Invariant.ONE_EXECUTION),
        Arguments.of("StepGiven 9 j1 2 a x", "StepGiven 9 j1 2 a z", Invariant.ONE_VALUE_PER_STEP),
        Arguments.of("Row 9 s2 PUT STEP j1 2 8 b=y\n", "", Invariant.ONE_VALUE_PER_STEP),
        Arguments.of("PUT STEP j1 2 8 b=y", "PUT STEP j1 2 8 a=y", Invariant.ONE_VALUE_PER_STEP),
        Arguments.of("PUT STEP j1 2 8", "PUT STEP j1 2 7", Invariant.NO_STALE_WRITE),
        Arguments.of("PUT STEP j1 2 8", "PUT STEP j1 1 8", Invariant.ONE_LEASE),
        Arguments.of("StepGiven 9 j1 2 a x", "StepStarted 9 j1 2 a", Invariant.ONE_VALUE_PER_STEP),
        Arguments.of("Accepted 3 c2 j1", "Accepted 3 c2 j2", Invariant.ONE_JOB_PER_KEY),
        Arguments.of("Business 21 c3\n", "", Invariant.SAME_TRANSACTION),
        Arguments.of(
            "Business 21 c3", "Business 21 c3\nBusiness 21 c4", Invariant.SAME_TRANSACTION),
        Arguments.of("Row 25 t7 PUT DONE j2 1 8 succeeded:v\n", "", Invariant.NOTHING_STUCK),
        Arguments.of(
            "Row 6 t2 PUT READY",
            "Row 6 t2 PUT ATTEMPT j1 1 0 lost\n".repeat(5) + "Row 6 t2 PUT READY",
            Invariant.BUDGET),
        Arguments.of(
            "DONE p 6 8 dead:CrashBudgetExceeded", "DONE p 6 8 dead:Error", Invariant.BUDGET),
        Arguments.of("DONE p 6 8", "DONE p 5 8", Invariant.BUDGET),
        Arguments.of("ATTEMPT p 3 8 lost", "ATTEMPT p 3 8 failed", Invariant.BUDGET),
        Arguments.of("Started 56 p 6 v", "Started 56 p 7 v", Invariant.BUDGET),
        Arguments.of("Poisoned 40 c5\n", "", Invariant.BUDGET));
  }

  @ParameterizedTest
  @MethodSource("breaks")
  void whatIsBrokenIsFound(String good, String bad, Invariant broken) {
    assertTrue(GOOD.contains(good), good);
    Report report = check(events(GOOD.replace(good, bad)));
    assertTrue(!report.verdict().broken(broken).isEmpty(), report.verdict().toString());
  }

  @Test
  void everyInvariantIsBrokenOnce() {
    Set<Object> broken = new java.util.HashSet<>(breaks().stream().map(a -> a.get()[2]).toList());
    assertEquals(EnumSet.allOf(Invariant.class), broken);
  }

  @Test
  void whatACopyNeverSawMayBeLost() {
    List<Event> events = new ArrayList<>(events(GOOD));
    events.addAll(events("Invoked 40 c5 - RPC\nAccepted 41 c5 j5"));
    assertEquals(1, check(events).verdict().broken(Invariant.NO_LOSS).size());
    events.addAll(events("Lost 42 41"));
    assertTrue(check(events).verdict().holds());
    assertEquals(1, check(events).lostByCopy());
  }

  /// Seed 892806: the rest of its message was committed by the new primary only.
  @Test
  void whatRanThenMayBeLostThoughItsAnswerCameLater() {
    String asked = "Invoked 41 c5 - RPC\n";
    String ran = "Started 42 j5 1 w\n";
    String told = "Lost 43 40\nAccepted 44 c5 j5\n";
    assertTrue(check(events(GOOD + asked + ran + told)).verdict().holds());
    for (String other :
        List.of(
            asked + told,
            "Invoked 39 c5 - RPC\n" + ran + told,
            asked + told + "Started 45 j5 1 w")) {
      assertEquals(1, check(events(GOOD + other)).verdict().broken(Invariant.NO_LOSS).size());
    }
  }

  /// The copy had still seen the end of what was started in those times.
  @Test
  void whatStartedInTheTimesOfWhichACopyKnowsNothingHasRun() {
    Report report = check(events(GOOD + "Lost 24 23\n"));
    assertTrue(report.verdict().holds(), report.verdict().toString());
  }

  @Test
  void aFaultThatProvesNothingIsSaidSo() {
    var gates = new Gates(100, 2, 1);
    assertEquals(List.of(), gates.invalid(events(GOOD)));
    assertEquals(1, gates.invalid(events(GOOD.replace("Landed 5 f1 gone\n", ""))).size());
    assertEquals(1, gates.invalid(events(GOOD.replace("Accepted 3 c2 j1\n", ""))).size());
    assertEquals(1, gates.invalid(events(GOOD.replace("Started 4 j1 1 w\n", ""))).size());
  }

  @Test
  void aHistoryIsReadAsItWasWritten(@TempDir Path folder) throws IOException {
    try (var recorder = new Recorder(folder.resolve("a.history"))) {
      events(GOOD).forEach(recorder::add);
    }
    Files.writeString(folder.resolve("b.history"), "Ended\t10\tj1\t2\tv\nEnded\t1");
    List<Event> expected = new ArrayList<>(events(GOOD));
    expected.addAll(events("Ended 10 j1 2 v"));
    assertEquals(expected, History.read(folder, Rules.STRICT).events());
  }

  @Test
  void whatIsNoEventIsRefused() {
    for (String bad : Arrays.asList("Nothing\t1", "Ended\t10\tj1", "Ended\tx\tj1\t2\tv")) {
      assertThrows(IllegalArgumentException.class, () -> Line.parse(bad), bad);
    }
    assertThrows(
        IllegalArgumentException.class, () -> Line.of(new Event.Landed(1, "f", "two\tfields")));
  }

  @Test
  void percentilesAreOfTheValuesThemselves() {
    assertEquals(0, Report.percentile(List.of(), 0.99));
    assertEquals(3, Report.percentile(List.of(3L, 1L, 2L), 0.99));
    assertEquals(2, Report.percentile(List.of(3L, 1L, 2L), 0.5));
  }
}
