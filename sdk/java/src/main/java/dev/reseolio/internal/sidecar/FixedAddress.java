package dev.reseolio.internal.sidecar;

/// A server somebody else runs.
public record FixedAddress(String address) implements Upstream {
  @Override
  public String locate() {
    return address;
  }

  @Override
  public void close() {}

  @Override
  public String toString() {
    return address;
  }
}
