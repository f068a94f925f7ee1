package dev.reseolio.survival.chaos;

import dev.reseolio.checker.Event;
import dev.reseolio.checker.Recorder;

/// One fault as it goes: each step is recorded when it is made.
final class Act {
  private final Recorder recorder;
  private final String id;
  private final String kind;
  private boolean landed;
  private String told = "";

  Act(Recorder recorder, String id, String kind) {
    this.recorder = recorder;
    this.id = id;
    this.kind = kind;
  }

  /// Unique in its run.
  String id() {
    return id;
  }

  /// The fault is made with the next statement.
  void inject(Object target) {
    recorder.add(new Event.Injected(System.nanoTime(), id, kind, target.toString()));
    told = target.toString();
  }

  /// The fault is seen to have happened. What comes a second time is not recorded.
  void landed(Object evidence) {
    if (!landed) {
      landed = true;
      recorder.add(
          new Event.Landed(System.nanoTime(), id, evidence.toString().replaceAll("\\s+", " ")));
      told += ", " + evidence;
    }
  }

  /// A node that this fault takes away.
  void victim(int node) {
    recorder.add(new Event.Victim(System.nanoTime(), id, node));
  }

  /// What was committed since `from` is not in the database any more.
  void lost(long from) {
    recorder.add(new Event.Lost(System.nanoTime(), from));
  }

  /// The database is back since `since`, and jobs end again now.
  void recovered(long since) {
    long now = System.nanoTime();
    recorder.add(new Event.Recovered(now, id, now - since));
    told += ", jobs end again after " + (now - since) / 1_000_000 + " ms";
  }

  void healed() {
    recorder.add(new Event.Healed(System.nanoTime(), id));
  }

  boolean hasLanded() {
    return landed;
  }

  @Override
  public String toString() {
    return kind + " " + id + " (" + told + ")";
  }
}
