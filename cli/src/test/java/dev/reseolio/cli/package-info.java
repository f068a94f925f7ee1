/// Tests of the command, the launcher's with real processes (they run in phase `package`).
@NullMarked
package dev.reseolio.cli;

import org.jspecify.annotations.NullMarked;
