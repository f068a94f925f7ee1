/// The `reseolio` command. Imports picocli and the server's main; `server` itself starts without
/// picocli (see `Main`).
@NullMarked
package dev.reseolio.cli;

import org.jspecify.annotations.NullMarked;
