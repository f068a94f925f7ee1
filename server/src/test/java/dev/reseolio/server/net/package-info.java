/// Tests of the package of the same name.
@NullMarked
package dev.reseolio.server.net;

import org.jspecify.annotations.NullMarked;
