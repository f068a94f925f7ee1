package dev.reseolio.server.http;

/// Whether work can be taken now, and why not.
///
/// @param reason for people; empty when ready
public record Readiness(boolean ready, String reason) {
  public static final Readiness READY = new Readiness(true, "");

  public static Readiness not(String reason) {
    return new Readiness(false, reason);
  }
}
