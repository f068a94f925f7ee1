package dev.reseolio.simulation.machine;

/// Something that will happen. Of two at the same time the one that was asked for first comes
/// first.
public final class Timer implements Comparable<Timer> {
  private final long at;
  private final long number;
  private final Runnable action;
  private boolean cancelled;

  Timer(long at, long number, Runnable action) {
    this.at = at;
    this.number = number;
    this.action = action;
  }

  long at() {
    return at;
  }

  boolean cancelled() {
    return cancelled;
  }

  public void cancel() {
    cancelled = true;
  }

  void fire() {
    if (!cancelled) {
      action.run();
    }
  }

  @Override
  public int compareTo(Timer other) {
    int byTime = Long.compare(at, other.at);
    return byTime != 0 ? byTime : Long.compare(number, other.number);
  }
}
