/// What runs in processes of its own: applications that call and run, and the engine alone.
@NullMarked
package dev.reseolio.bench.app;

import org.jspecify.annotations.NullMarked;
