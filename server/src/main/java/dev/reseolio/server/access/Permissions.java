package dev.reseolio.server.access;

import static dev.reseolio.server.access.Role.CLIENT;
import static dev.reseolio.server.access.Role.OPERATOR;
import static dev.reseolio.server.access.Role.VIEWER;
import static dev.reseolio.server.access.Role.WORKER;

import java.util.Map;
import java.util.Set;

/// What each role may do: one line per RPC (`service/Method`) and per HTTP route (`GET /path`).
/// What has no line is refused to everybody.
public final class Permissions {
  private static final Set<Role> ALL = Set.of(CLIENT, WORKER, OPERATOR, VIEWER);
  private static final Set<Role> READERS = Set.of(CLIENT, OPERATOR, VIEWER);

  /// Health says nothing of jobs, and probes cannot send tokens.
  private static final Set<String> OPEN =
      Set.of(
          "grpc.health.v1.Health/Check",
          "grpc.health.v1.Health/Watch",
          "grpc.health.v1.Health/List",
          "GET /healthz",
          "GET /readyz");

  private static final Map<String, Set<Role>> TABLE =
      Map.ofEntries(
          Map.entry("reseolio.v1.JobService/Enqueue", Set.of(CLIENT)),
          Map.entry("reseolio.v1.JobService/EnqueueBatch", Set.of(CLIENT)),
          Map.entry("reseolio.v1.JobService/EnqueueStream", Set.of(CLIENT)),
          Map.entry("reseolio.v1.JobService/Get", READERS),
          Map.entry("reseolio.v1.JobService/Result", READERS),
          Map.entry("reseolio.v1.JobService/WatchResults", READERS),
          Map.entry("reseolio.v1.JobService/List", READERS),
          Map.entry("reseolio.v1.JobService/Cancel", Set.of(CLIENT, OPERATOR)),
          Map.entry("reseolio.v1.JobService/Retry", Set.of(CLIENT, OPERATOR)),
          Map.entry("reseolio.v1.WorkerService/Work", Set.of(WORKER)),
          Map.entry("reseolio.v1.WorkerService/Beat", Set.of(WORKER)),
          Map.entry("reseolio.v1.WorkerService/ListSteps", Set.of(WORKER)),
          Map.entry("grpc.reflection.v1.ServerReflection/ServerReflectionInfo", ALL),
          Map.entry("GET /metrics", Set.of(OPERATOR, VIEWER)));

  private Permissions() {}

  /// True for what needs no token.
  public static boolean open(String operation) {
    return OPEN.contains(operation);
  }

  /// Roles that may do it; none when it is not listed.
  public static Set<Role> roles(String operation) {
    return TABLE.getOrDefault(operation, Set.of());
  }

  /// True when the table says who may do it.
  public static boolean lists(String operation) {
    return open(operation) || TABLE.containsKey(operation);
  }
}
