/// Tests of the whole shell, with real sockets and processes.
@NullMarked
package dev.reseolio.server;

import org.jspecify.annotations.NullMarked;
