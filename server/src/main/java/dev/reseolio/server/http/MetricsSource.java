package dev.reseolio.server.http;

import java.util.List;

/// Whoever has figures to show at `/metrics`. Asked once per scrape, on a virtual thread.
@FunctionalInterface
public interface MetricsSource {
  List<Metric> metrics();
}
