package dev.reseolio.server.config;

/// How a log line is written.
public enum LogFormat {
  JSON,
  TEXT
}
