package dev.reseolio.server.log;

/// `{"time":…,"level":…,"logger":…,"message":…,<fields>}`.
final class JsonLine implements Line {
  @Override
  public String of(Event event) {
    var out = new StringBuilder(256).append("{\"time\":\"").append(event.time());
    out.append("\",\"level\":\"").append(event.level()).append('"');
    field(out, "logger", event.logger());
    field(out, "message", event.message());
    event.fields().forEach((name, value) -> field(out, name, value));
    return out.append('}').toString();
  }

  private static void field(StringBuilder out, String name, Object value) {
    out.append(',').append(Escape.json(name)).append(':');
    out.append(value instanceof String text ? Escape.json(text) : json(value));
  }

  private static String json(Object value) {
    var finite = !(value instanceof Double number) || Double.isFinite(number);
    return finite ? value.toString() : Escape.json(value.toString());
  }
}
