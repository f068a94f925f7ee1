package dev.reseolio.simulation.store;

/// What becomes of one request.
enum Fate {
  /// It is carried out, and the reply comes.
  ANSWERED,
  /// It is carried out, and the reply is lost: nobody knows.
  REPLY_LOST,
  /// It never arrives.
  REQUEST_LOST,
  /// The caller sees its connection break; the request is carried out later all the same.
  LATE,
  /// The database gives up for a passing reason.
  ROLLED_BACK
}
