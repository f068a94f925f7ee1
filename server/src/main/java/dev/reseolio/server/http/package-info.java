/// The HTTP edge: health, readiness, metrics, and whatever routes are plugged in. Knows nothing of
/// jobs. Imports the JDK's httpserver, the Prometheus text format, and `log` for escaping.
@NullMarked
package dev.reseolio.server.http;

import org.jspecify.annotations.NullMarked;
