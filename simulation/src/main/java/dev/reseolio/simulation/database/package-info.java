/// The tables of the store and their transactions, in memory: what PostgreSQL does with the
/// statements of the engine, one transaction after the other.
@NullMarked
package dev.reseolio.simulation.database;

import org.jspecify.annotations.NullMarked;
