package dev.reseolio.simulation.zoo;

import org.junit.platform.engine.discovery.DiscoverySelectors;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.launcher.listeners.SummaryGeneratingListener;

/// Runs one class of the engine's tests; exit code 1 and a line for each that failed.
final class EngineTests {
  private EngineTests() {}

  public static void main(String[] args) {
    var listener = new SummaryGeneratingListener();
    var request =
        LauncherDiscoveryRequestBuilder.request()
            .selectors(
                DiscoverySelectors.selectClass("dev.reseolio.engine.store.postgres." + args[0]))
            .build();
    LauncherFactory.create().execute(request, listener);
    var summary = listener.getSummary();
    summary
        .getFailures()
        .forEach(f ->
            System.out.println(
                "failed: " + args[0] + "." + f.getTestIdentifier().getDisplayName()));
    boolean none = summary.getTestsStartedCount() == 0 && summary.getTotalFailureCount() == 0;
    System.exit(none ? 2 : summary.getTotalFailureCount() == 0 ? 0 : 1);
  }
}
