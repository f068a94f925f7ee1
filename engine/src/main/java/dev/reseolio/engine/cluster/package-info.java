/// The node among nodes: its incarnation and sign of life, whose sign of life is missing,
/// doorbells, the database's clock.
///
/// Imports `job`, `store`, `flush`, `dispatch` and `machine`.
@NullMarked
package dev.reseolio.engine.cluster;

import org.jspecify.annotations.NullMarked;
