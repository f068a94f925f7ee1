/// Tests of the package of the same name.
@NullMarked
package dev.reseolio.server.log;

import org.jspecify.annotations.NullMarked;
