/// Tests of the package of the same name.
@NullMarked
package dev.reseolio.server.traffic;

import org.jspecify.annotations.NullMarked;
