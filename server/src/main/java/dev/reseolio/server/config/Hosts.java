package dev.reseolio.server.config;

import java.util.Set;

/// Host names, in lower case.
public record Hosts(Set<String> names) {
  public static final Hosts NONE = new Hosts(Set.of());
}
