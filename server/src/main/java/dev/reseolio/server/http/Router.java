package dev.reseolio.server.http;

import static dev.reseolio.server.log.Logs.field;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.List;

/// Finds the route of a request. Exact paths, no normalisation: what is not listed is not found.
final class Router implements HttpHandler {
  private static final Logger LOG = System.getLogger(Router.class.getName());

  private final HostCheck hosts;
  private final Doorkeeper doorkeeper;
  private final List<Route> routes;

  Router(HostCheck hosts, Doorkeeper doorkeeper, List<Route> routes) {
    this.hosts = hosts;
    this.doorkeeper = doorkeeper;
    this.routes = routes;
  }

  @Override
  public void handle(HttpExchange exchange) throws IOException {
    try {
      var headers = exchange.getRequestHeaders();
      if (hosts.allows(headers.getFirst("Host"), headers.getFirst("Origin"))) {
        route(exchange);
      } else {
        Replies.problem(exchange, 403, "Forbidden", HostCheck.REFUSAL);
      }
    } catch (RuntimeException e) {
      LOG.log(Level.ERROR, "request failed", e);
      failed(exchange);
    }
  }

  private void route(HttpExchange exchange) throws IOException {
    var path = exchange.getRequestURI().getRawPath();
    var found = routes.stream().filter(route -> route.serves(path)).toList();
    if (found.isEmpty()) {
      Replies.problem(exchange, 404, "Not found", "Nothing is served at this path.");
      return;
    }
    var method = exchange.getRequestMethod();
    for (var route : found) {
      if (route.accepts(method)) {
        admit(route, exchange);
        return;
      }
    }
    refuseMethod(exchange, found);
  }

  private void admit(Route route, HttpExchange exchange) throws IOException {
    var authorization = exchange.getRequestHeaders().getFirst("Authorization");
    var refusal = doorkeeper.refuse(route.name(), authorization);
    if (refusal.isEmpty()) {
      route.handler().handle(exchange);
      return;
    }
    if (refusal.get().status() == 401) {
      exchange.getResponseHeaders().set("WWW-Authenticate", "Bearer");
    }
    Replies.problem(
        exchange, refusal.get().status(), refusal.get().reason(), refusal.get().message());
  }

  private static void refuseMethod(HttpExchange exchange, List<Route> found) throws IOException {
    var allowed = String.join(", ", found.stream().map(Route::method).distinct().toList());
    exchange.getResponseHeaders().set("Allow", allowed);
    Replies.problem(exchange, 405, "Method not allowed", "Allowed here: " + allowed);
  }

  private static void failed(HttpExchange exchange) {
    try {
      Replies.problem(exchange, 500, "Internal error", "The log of the sidecar tells more.");
    } catch (IOException e) {
      LOG.log(Level.DEBUG, "no answer sent", field("reason", String.valueOf(e.getMessage())));
    }
  }
}
