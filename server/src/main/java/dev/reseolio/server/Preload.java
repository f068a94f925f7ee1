package dev.reseolio.server;

import dev.reseolio.engine.store.postgres.PostgresStore;
import dev.reseolio.proto.v1.JobServiceGrpc;
import dev.reseolio.proto.v1.WorkerServiceGrpc;
import dev.reseolio.server.grpc.GrpcEdge;
import java.util.List;

/// Loads on a thread of its own, in the order of need, what a start comes to later: it is bound by
/// loading classes one after the other while a second processor has nothing to do. Nothing depends
/// on it: what it has not loaded by then is loaded where it is needed.
final class Preload {
  private Preload() {}

  static void start() {
    Thread.ofPlatform().name("reseolio-preload").daemon().start(Preload::run);
  }

  /// The same on the thread that calls it.
  static void run() {
    PostgresStore.load();
    GrpcEdge.load(
        List.of(
            new JobServiceGrpc.JobServiceImplBase() {},
            new WorkerServiceGrpc.WorkerServiceImplBase() {}));
  }
}
