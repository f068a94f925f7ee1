package dev.reseolio.checker;

/// Something that happened, as the one who did or saw it wrote it down. Times are nanoseconds of
/// the machine's monotonic clock, which all processes of one machine share (`System.nanoTime()`,
/// `process.hrtime.bigint()`). No text may hold a tab or a line break; empty means: none.
public sealed interface Event {
  long at();

  /// A client is about to create a job.
  ///
  /// @param call unique; becomes a tag of the job
  /// @param key idempotency key
  record Invoked(long at, String call, String key, Way way) implements Event {}

  /// The job of this call, which is made next, ends every worker that runs it.
  record Poisoned(long at, String call) implements Event {}

  /// A client was told that the job exists.
  record Accepted(long at, String call, String job) implements Event {}

  /// A client was told that no job was created.
  record Refused(long at, String call, String code) implements Event {}

  /// A client was told that the job may exist or not.
  record Unknown(long at, String call, String code) implements Event {}

  /// The application's own row of a call that creates a job in its own transaction is there.
  record Business(long at, String call) implements Event {}

  /// A client was told how a job ended. `end` is its status and what identifies its result.
  record Answered(long at, String job, String end) implements Event {}

  /// A handler is about to run.
  record Started(long at, String job, int attempt, String worker) implements Event {}

  /// A handler is over, whatever became of it.
  record Ended(long at, String job, int attempt, String worker) implements Event {}

  /// The body of a step is about to run.
  ///
  /// @param key names the step within its job
  record StepStarted(long at, String job, int attempt, String key) implements Event {}

  /// A handler was given the value of a step: its body has run and the result is committed, or an
  /// execution before had recorded it.
  ///
  /// @param value what identifies it
  record StepGiven(long at, String job, int attempt, String key, String value) implements Event {}

  /// A transaction of the database wrote or removed a row. Rows are told in the order of the
  /// commits; those of one transaction follow each other.
  ///
  /// @param tx its transaction
  /// @param owner the node that wrote the row for itself; 0: none, or another one did it on its
  ///   behalf
  /// @param info by table; see [Table]
  record Row(
      long at,
      String tx,
      Change change,
      Table table,
      String job,
      int attempt,
      int owner,
      String info)
      implements Event {}

  /// A node was fenced: nothing it writes after this may be committed.
  record Fenced(long at, String tx, int node) implements Event {}

  /// A fault is about to be made.
  ///
  /// @param fault unique
  /// @param target the process or node that is to suffer; empty: all
  record Injected(long at, String fault, String kind, String target) implements Event {}

  /// The fault is seen to have happened.
  record Landed(long at, String fault, String evidence) implements Event {}

  /// The database failed over to a copy that had seen nothing after `from`: what was committed
  /// between then and this event may be lost.
  record Lost(long at, long from) implements Event {}

  /// Work goes on, so many nanoseconds after what the fault had taken away was there again.
  record Recovered(long at, String fault, long nanos) implements Event {}

  /// The fault is over.
  record Healed(long at, String fault) implements Event {}

  /// Whose fault it was that a node was lost.
  record Victim(long at, String fault, int node) implements Event {}

  enum Way {
    RPC,
    /// In a transaction of the application, together with a [Business] row.
    SQL
  }

  enum Change {
    PUT,
    GONE,
    /// A row that must never change did.
    TAMPERED
  }

  /// What a row says in `info`.
  enum Table {
    /// What was asked for: the call that created it.
    JOB,
    /// How it ended: as in [Answered].
    DONE,
    /// An execution that ended without ending the job: `lost` when its node or worker was lost.
    ATTEMPT,
    /// What a step was recorded with: `key=value`, as in [StepGiven].
    STEP,
    READY,
    TIMER,
    LEASE
  }
}
