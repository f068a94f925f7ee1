package dev.reseolio.server.log;

/// `2026-01-01T12:00:00.123Z INFO Sidecar message key=value …` for people.
final class TextLine implements Line {
  @Override
  public String of(Event event) {
    var out = new StringBuilder(160);
    out.append(event.time()).append(' ').append(event.level());
    out.repeat(' ', Math.max(1, 8 - event.level().length()));
    out.append(event.logger().substring(event.logger().lastIndexOf('.') + 1)).append(": ");
    out.append(Escape.plain(event.message()));
    event.fields().forEach((name, value) -> field(out, name, value.toString()));
    return out.toString();
  }

  private static void field(StringBuilder out, String name, String value) {
    var bare = !value.isEmpty() && value.chars().noneMatch(c -> c <= ' ' || c == '"' || c == '=');
    out.append(' ').append(Escape.plain(name)).append('=');
    out.append(bare ? Escape.plain(value) : Escape.json(value));
  }
}
