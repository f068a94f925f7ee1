@NullMarked
package dev.reseolio.server.access;

import org.jspecify.annotations.NullMarked;
