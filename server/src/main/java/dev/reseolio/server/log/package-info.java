/// One line per event on stderr, as JSON or text. Everything that logs in the process ends here:
/// `System.Logger` (ours), java.util.logging (grpc, pgjdbc) and slf4j (HikariCP, through
/// slf4j-jdk14). grpc loads java.util.logging anyway, so nothing smaller exists. Imports the JDK
/// and `config`.
@NullMarked
package dev.reseolio.server.log;

import org.jspecify.annotations.NullMarked;
