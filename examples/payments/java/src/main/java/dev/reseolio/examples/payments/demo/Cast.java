package dev.reseolio.examples.payments.demo;

import java.io.IOException;
import java.util.List;

/// Who plays: two sidecars, and a worker of each language on both.
record Cast(
    Child sidecarA,
    String addressA,
    Child sidecarB,
    String addressB,
    Child javaOnA,
    Child typescriptOnA,
    Child javaOnB,
    Child typescriptOnB) {

  /// Starts them; back when all are ready.
  static Cast enter(Stage stage) throws IOException, InterruptedException {
    Child sidecarA = stage.sidecar("sidecar A");
    String a = Stage.addressOf(sidecarA);
    Child sidecarB = stage.sidecar("sidecar B");
    String b = Stage.addressOf(sidecarB);
    Cast cast =
        new Cast(
            sidecarA,
            a,
            sidecarB,
            b,
            stage.javaWorker("Java worker 1", a),
            stage.typescriptWorker("TypeScript worker 1", a),
            stage.javaWorker("Java worker 2", b),
            stage.typescriptWorker("TypeScript worker 2", b));
    Stage.awaitReady(List.of(cast.javaOnA, cast.typescriptOnA, cast.javaOnB, cast.typescriptOnB));
    return cast;
  }

  /// The name under which a worker writes: its language and process id.
  static String signature(Child worker) {
    String language = worker.name().startsWith("Java") ? "java" : "typescript";
    return language + "-" + worker.pid();
  }
}
