package dev.reseolio.simulation.world;

/// What can go wrong, and in how many of a hundred runs it may.
enum Fault {
  /// Requests to the database get lost, come late, or are rolled back.
  LOSSY(50),
  NODE_KILLED(40),
  NODE_STOPPED(25),
  NODE_FROZEN(40),
  /// A node and the database do not reach each other.
  NODE_CUT_OFF(40),
  CONTROL_LOST(25),
  DATABASE_RESTARTED(25),
  /// A standby that lags behind becomes the database.
  FAILED_OVER(10),
  DATABASE_CLOCK_SET(15),
  WORKER_KILLED(40),
  WORKER_FROZEN(25),
  WIRE_BROKEN(40);

  private final int percent;

  Fault(int percent) {
    this.percent = percent;
  }

  /// It may cost a node its incarnation.
  boolean deadly() {
    return switch (this) {
      case LOSSY, NODE_KILLED, NODE_STOPPED, NODE_FROZEN, NODE_CUT_OFF -> true;
      case CONTROL_LOST, DATABASE_RESTARTED, FAILED_OVER -> true;
      case DATABASE_CLOCK_SET, WORKER_KILLED, WORKER_FROZEN, WIRE_BROKEN -> false;
    };
  }

  int percent() {
    return percent;
  }
}
