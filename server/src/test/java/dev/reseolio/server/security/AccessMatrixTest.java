package dev.reseolio.server.security;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reseolio.server.access.Permissions;
import dev.reseolio.server.access.Role;
import dev.reseolio.server.http.HttpEdge;
import dev.reseolio.server.http.Readiness;
import dev.reseolio.server.http.Route;
import io.grpc.CallCredentials;
import io.grpc.CallOptions;
import io.grpc.Status;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Every RPC the running server names, and every HTTP route, with every kind of credentials.
@Timeout(120)
class AccessMatrixTest {
  @TempDir static Path dir;
  private static @Nullable Fortress fortress;
  private static final Map<String, String> SECRETS = new LinkedHashMap<>();
  private static List<AnyCall> calls = List.of();

  @BeforeAll
  static void start() throws Exception {
    fortress = Fortress.build(dir);
    for (Role role : Role.values()) {
      SECRETS.put(role.word(), fortress.token(Set.of(role)));
    }
    SECRETS.put("expired", fortress.expired(Role.CLIENT));
    SECRETS.put("bad", "rsl_" + "A".repeat(43));
    String client = Objects.requireNonNull(SECRETS.get("client"));
    calls =
        AnyCall.all(
            fort().channel(), CallOptions.DEFAULT.withCallCredentials(Fortress.bearer(client)));
  }

  @AfterAll
  static void stop() {
    fort().close();
  }

  private static Fortress fort() {
    return Objects.requireNonNull(fortress);
  }

  private static Set<String> httpRoutes() {
    var content = new HttpEdge.Content(() -> Readiness.READY, List::of, List.of());
    return HttpEdge.routes(content).stream().map(Route::name).collect(Collectors.toSet());
  }

  @Test
  void whatTheServerHasIsInTheTable() {
    assertTrue(calls.size() >= 14, calls::toString);
    for (AnyCall call : calls) {
      assertTrue(Permissions.lists(call.name()), () -> call + ": who may? See Permissions");
    }
    for (String route : httpRoutes()) {
      assertTrue(Permissions.lists(route), () -> route + ": who may? See Permissions");
    }
  }

  @TestFactory
  Stream<DynamicTest> eachRpcWithEachKindOfCredentials() {
    return calls.stream()
        .flatMap(call ->
            Stream.concat(Stream.of("none"), SECRETS.keySet().stream())
                .map(who ->
                    DynamicTest.dynamicTest(
                        call + " with " + who,
                        () -> assertEquals(expected(call.name(), who), verdict(call, who)))));
  }

  private static Status.Code expected(String operation, String who) {
    if (Permissions.open(operation)) {
      return Status.Code.OK;
    }
    var role = Role.of(who);
    if (role.isEmpty()) {
      return Status.Code.UNAUTHENTICATED;
    }
    return Permissions.roles(operation).contains(role.get())
        ? Status.Code.OK
        : Status.Code.PERMISSION_DENIED;
  }

  /// OK stands for everything that is not a refusal.
  private static Status.Code verdict(AnyCall call, String who) throws Exception {
    @Nullable String secret = SECRETS.get(who);
    @Nullable CallCredentials credentials = secret == null ? null : Fortress.bearer(secret);
    var options =
        credentials == null
            ? CallOptions.DEFAULT
            : CallOptions.DEFAULT.withCallCredentials(credentials);
    var code = call.call(fort().channel(), options, new byte[0]).getCode();
    return switch (code) {
      case UNAUTHENTICATED, PERMISSION_DENIED -> code;
      default -> Status.Code.OK;
    };
  }

  @TestFactory
  Stream<DynamicTest> eachRouteWithEachKindOfCredentials() {
    return httpRoutes().stream()
        .flatMap(route ->
            Stream.concat(Stream.of("none"), SECRETS.keySet().stream())
                .map(who ->
                    DynamicTest.dynamicTest(
                        route + " with " + who,
                        () -> assertEquals(expected(route, who), overHttp(route, who)))));
  }

  private static Status.Code overHttp(String route, String who) throws Exception {
    var words = route.split(" ", 2);
    var request =
        HttpRequest.newBuilder(
                URI.create("http://127.0.0.1:%d%s".formatted(fort().httpPort(), words[1])))
            .method(words[0], HttpRequest.BodyPublishers.noBody());
    @Nullable String secret = SECRETS.get(who);
    if (secret != null) {
      request.header("Authorization", "Bearer " + secret);
    }
    try (var client = HttpClient.newHttpClient()) {
      return switch (client
          .send(request.build(), HttpResponse.BodyHandlers.ofString())
          .statusCode()) {
        case 401 -> Status.Code.UNAUTHENTICATED;
        case 403 -> Status.Code.PERMISSION_DENIED;
        case 200 -> Status.Code.OK;
        default -> Status.Code.UNKNOWN;
      };
    }
  }

  @Test
  void pathsThatOnlyLookLikeThoseOfHealthNeedAToken() throws Exception {
    for (String path : List.of("/metrics/healthz", "/metrics?/healthz", "/metrics;/healthz")) {
      var code = overHttp("GET " + path, "none");
      assertTrue(code != Status.Code.OK, () -> path + " answered " + code);
    }
  }
}
