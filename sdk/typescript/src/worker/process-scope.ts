import { readFileSync, readlinkSync } from 'node:fs';
import type { Process } from '../gen/reseolio/v1/worker.js';

/** This process, for a server on the same machine that wants to see it die; `undefined` where that cannot be told. */
export function thisProcess(): Process | undefined {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    return { pid: BigInt(process.pid), scope: `${boot}/${readlinkSync('/proc/self/ns/pid')}` };
  } catch {
    return undefined;
  }
}
