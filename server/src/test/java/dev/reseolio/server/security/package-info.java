/// Tests of a whole sidecar, real but for its process, by somebody who means no good.
@NullMarked
package dev.reseolio.server.security;

import org.jspecify.annotations.NullMarked;
