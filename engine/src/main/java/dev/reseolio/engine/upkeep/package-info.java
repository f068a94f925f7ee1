/// Small recurring chores: each is a name, an interval and something to run.
///
/// Imports `store` and `machine`. A new chore is one line in the engine.
@NullMarked
package dev.reseolio.engine.upkeep;

import org.jspecify.annotations.NullMarked;
