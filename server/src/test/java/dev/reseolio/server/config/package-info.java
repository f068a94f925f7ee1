/// Tests of the package of the same name.
@NullMarked
package dev.reseolio.server.config;

import org.jspecify.annotations.NullMarked;
