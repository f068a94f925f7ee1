package dev.reseolio.server.http;

import com.sun.net.httpserver.HttpHandler;

/// A method and a path, and who answers. `GET` answers `HEAD` as well.
///
/// @param below also answers every path below `path`
public record Route(String method, String path, boolean below, HttpHandler handler) {

  /// Answers GET of exactly this path.
  public static Route get(String path, HttpHandler handler) {
    return new Route("GET", path, false, handler);
  }

  /// Method and path.
  public String name() {
    return method + " " + path;
  }

  boolean serves(String requested) {
    return requested.equals(path)
        || (below && requested.startsWith(path.endsWith("/") ? path : path + "/"));
  }

  boolean accepts(String requested) {
    return method.equals(requested) || (method.equals("GET") && requested.equals("HEAD"));
  }
}
