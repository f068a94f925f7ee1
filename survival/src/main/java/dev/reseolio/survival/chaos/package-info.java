/// The chaos run: a cluster of real processes under load, a seeded schedule of faults, and a
/// history that the checker judges afterwards. Begin with [Chaos].
@NullMarked
package dev.reseolio.survival.chaos;

import org.jspecify.annotations.NullMarked;
