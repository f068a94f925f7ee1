package dev.reseolio.server.http;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import java.io.IOException;
import java.util.function.Supplier;

/// `/readyz`: 200 when work can be taken, else 503 with the reason.
record ReadyHandler(Supplier<Readiness> readiness) implements HttpHandler {
  @Override
  public void handle(HttpExchange exchange) throws IOException {
    var now = readiness.get();
    if (now.ready()) {
      Replies.json(exchange, 200, "{\"status\":\"ready\"}");
    } else {
      Replies.problem(exchange, 503, "Not ready", now.reason());
    }
  }
}
