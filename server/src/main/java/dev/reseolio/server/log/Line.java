package dev.reseolio.server.log;

/// How an event becomes a line, without its end.
interface Line {
  String of(Event event);
}
