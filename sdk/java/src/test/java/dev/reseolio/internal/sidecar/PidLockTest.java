package dev.reseolio.internal.sidecar;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PidLockTest {
  @TempDir Path directory;

  private Path file() {
    return directory.resolve("lock");
  }

  private void acquireAndRelease() throws IOException {
    try (PidLock lock = PidLock.tryAcquire(file())) {
      assertNotNull(lock);
      assertEquals(Long.toString(ProcessHandle.current().pid()), Files.readString(file()));
      assertNull(PidLock.tryAcquire(file()), "held");
    }
    assertFalse(Files.exists(file()));
    try (var left = Files.list(directory)) {
      assertEquals(0, left.count(), "nothing is left behind");
    }
  }

  @Test
  void oneAtATime() throws IOException {
    acquireAndRelease();
    acquireAndRelease();
  }

  @Test
  void theLockOfADeadProcessIsTakenOver() throws Exception {
    Process dead = new ProcessBuilder("true").start();
    dead.waitFor();
    Files.writeString(file(), Long.toString(dead.pid()));
    acquireAndRelease();
  }

  @Test
  void anEmptyLockIsHeldWhileItIsFresh() throws IOException {
    Files.createFile(file());
    assertNull(PidLock.tryAcquire(file()));
    Files.setLastModifiedTime(file(), FileTime.from(Instant.now().minusSeconds(10)));
    acquireAndRelease();
  }

  @Test
  void aLiveOwnerIsRespected() throws IOException {
    Files.writeString(file(), Long.toString(ProcessHandle.current().pid()));
    assertNull(PidLock.tryAcquire(file()));
  }
}
