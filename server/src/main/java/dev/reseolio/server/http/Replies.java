package dev.reseolio.server.http;

import com.sun.net.httpserver.HttpExchange;
import dev.reseolio.server.log.Escape;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/// Whole answers: the body is sent and the exchange closed.
public final class Replies {
  private static final String JSON = "application/json";
  private static final String PROBLEM = "application/problem+json";
  private static final int NO_BODY = -1;

  private Replies() {}

  public static void json(HttpExchange exchange, int status, String body) throws IOException {
    send(exchange, status, JSON, body);
  }

  /// `{"status":404,"title":"Not found","detail":"…"}` (RFC 9457).
  public static void problem(HttpExchange exchange, int status, String title, String detail)
      throws IOException {
    var body =
        "{\"status\":%d,\"title\":%s,\"detail\":%s}"
            .formatted(status, Escape.json(title), Escape.json(detail));
    send(exchange, status, PROBLEM, body);
  }

  static void send(HttpExchange exchange, int status, String type, String body) throws IOException {
    try (exchange) {
      var bytes = body.getBytes(StandardCharsets.UTF_8);
      var headers = exchange.getResponseHeaders();
      headers.set("Content-Type", type);
      headers.set("Cache-Control", "no-store");
      headers.set("X-Content-Type-Options", "nosniff");
      var head = exchange.getRequestMethod().equals("HEAD");
      exchange.sendResponseHeaders(status, head ? NO_BODY : bytes.length);
      if (!head) {
        exchange.getResponseBody().write(bytes);
      }
    }
  }
}
