/// The payments story in Java: a worker that charges cards over an unreliable network and books
/// each payment exactly once.
@NullMarked
package dev.reseolio.examples.payments;

import org.jspecify.annotations.NullMarked;
