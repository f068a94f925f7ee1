/// What a sidecar may be told, and where it was told: flags, environment, file, defaults. `Option`
/// is the one table; `ServerConfig` the validated result. Imports the JDK only.
@NullMarked
package dev.reseolio.server.config;

import org.jspecify.annotations.NullMarked;
