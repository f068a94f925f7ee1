package dev.reseolio.server;

import java.util.concurrent.TimeUnit;

/// Notices that the process that started this one is gone: the system then gives us another parent.
/// `ProcessHandle.onExit` is no use, since for a process that is not a child it polls as well, and
/// slower and slower.
final class ParentWatch {
  private static final long POLL_MILLIS = 250;

  private ParentWatch() {}

  static void start(StopSignal stop) {
    var parent = parent();
    Thread.ofVirtual().name("parent-watch").start(() -> watch(parent, stop));
  }

  private static void watch(long parent, StopSignal stop) {
    try {
      while (parent() == parent) {
        TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
      }
      stop.give("the parent process " + parent + " ended");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static long parent() {
    return ProcessHandle.current().parent().map(ProcessHandle::pid).orElse(0L);
  }
}
