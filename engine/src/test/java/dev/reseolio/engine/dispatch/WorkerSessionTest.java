package dev.reseolio.engine.dispatch;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.reseolio.engine.machine.RealMachine;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/// What a session owes its worker.
class WorkerSessionTest {
  /// Takes everything, and says that it has not left.
  private static WorkerLink congested() {
    return (WorkerLink)
        Proxy.newProxyInstance(
            WorkerLink.class.getClassLoader(),
            new Class<?>[] {WorkerLink.class},
            (link, method, arguments) -> method.getName().equals("congested") ? true : null);
  }

  private static WorkerSession owing() {
    WorkerSession session = new WorkerSession(RealMachine.INSTANCE, "s", "w", null, 1, congested());
    session.welcome();
    session.stepsCommitted(List.of(new StepKey(new LeaseKey(UUID.randomUUID(), 1, 1), "a")));
    assertFalse(session.tellSteps(), "it does not read");
    return session;
  }

  @Test
  void aSessionThatHasEndedOwesNoSteps() {
    WorkerSession session = owing();
    session.close("the test is over");
    assertTrue(session.tellSteps());
  }

  @Test
  void aWorkerThatLostItsConnectionReportsItsStepsAgain() {
    WorkerSession session = owing();
    session.detach();
    assertTrue(session.tellSteps());
  }
}
