import { randomBytes } from 'node:crypto';
import { linkSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';

/**
 * Takes the lock file for this process; returns false when a living process holds it. A lock whose holder is dead, or
 * that is older than `maxAgeMs`, is taken over.
 *
 * Two processes that take over the same dead lock in the same instant may both believe they have it: two sidecars then
 * serve one storage, which is allowed, only not thrifty.
 */
export function tryLock(path: string, maxAgeMs: number): boolean {
  if (create(path)) return true;
  const holder = readHolder(path);
  if (holder === undefined) return create(path);
  if (isAlive(holder.pid) && holder.ageMs <= maxAgeMs) return false;
  removeIfStill(path, holder.pid);
  return create(path);
}

/** Gives the lock back, when it is this process's. */
export function unlock(path: string): void {
  removeIfStill(path, process.pid);
}

/** Whether a process of this pid exists. */
export function isAlive(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** A link appears at once and with its content, or not at all. */
function create(path: string): boolean {
  const draft = unique(path);
  writeFileSync(draft, String(process.pid), { mode: 0o600 });
  try {
    linkSync(draft, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    rmSync(draft, { force: true });
  }
}

function readHolder(path: string): { pid: number; ageMs: number } | undefined {
  try {
    return { pid: Number(readFileSync(path, 'utf8')) || 0, ageMs: Date.now() - statSync(path).mtimeMs };
  } catch {
    return undefined;
  }
}

/** Removes the lock of `pid`; puts it back when it turns out to be a newer one of somebody else. */
function removeIfStill(path: string, pid: number): void {
  const aside = unique(path);
  try {
    renameSync(path, aside);
  } catch {
    return;
  }
  try {
    if ((Number(readFileSync(aside, 'utf8')) || 0) !== pid) linkSync(aside, path);
  } catch {
    // Somebody else has taken the lock meanwhile.
  } finally {
    rmSync(aside, { force: true });
  }
}

function unique(path: string): string {
  return `${path}.${process.pid}.${randomBytes(4).toString('hex')}`;
}
