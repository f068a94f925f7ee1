/// Tests of the package of the same name.
@NullMarked
package dev.reseolio.server.http;

import org.jspecify.annotations.NullMarked;
