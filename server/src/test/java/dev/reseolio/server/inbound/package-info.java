/// Tests of the package of the same name.
@NullMarked
package dev.reseolio.server.inbound;

import org.jspecify.annotations.NullMarked;
