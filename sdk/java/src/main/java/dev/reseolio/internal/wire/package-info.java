/// Translation between the SDK's own types and the messages of `reseolio.v1`. Pure functions, no
/// I/O.
///
/// May import `dev.reseolio`, `dev.reseolio.internal` and the generated messages. Not for
/// applications.
@NullMarked
package dev.reseolio.internal.wire;

import org.jspecify.annotations.NullMarked;
