import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { type EventEmitter, once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import { Reseolio, type ReseolioOptions } from '../../src/index.js';

if (!process.env.RESEOLIO_BIN) {
  throw new Error(
    'these tests run against a real sidecar: set RESEOLIO_BIN to the path of the reseolio launcher, ' +
      'e.g. RESEOLIO_BIN=$PWD/../../cli/target/reseolio/bin/reseolio npm run test:integration',
  );
}

const folder = mkdtempSync(join(tmpdir(), 'reseolio-test-'));
// Without RESEOLIO_TEST_STORAGE every test file has an embedded PostgreSQL of its own in a fresh folder.
process.chdir(folder);
process.on('exit', () => rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 }));

/** The storage under test; `undefined` is the embedded one. */
export const storage = process.env.RESEOLIO_TEST_STORAGE;

const clients: Reseolio[] = [];
after(() => Promise.all(clients.map((reseolio) => reseolio.stop())));

/** A client that is not started, and is stopped after the file's tests. */
export function client(options: ReseolioOptions = {}): Reseolio {
  const at = options.address === undefined && storage !== undefined ? { storage } : {};
  const reseolio = new Reseolio({ ...at, ...options });
  clients.push(reseolio);
  return reseolio;
}

/** A started client. */
export async function started(options: ReseolioOptions = {}): Promise<Reseolio> {
  const reseolio = client(options);
  await reseolio.start();
  return reseolio;
}

/** A name no other run has used. */
export function unique(what: string): string {
  return `test:${what}:${Date.now().toString(36)}${Math.random().toString(36).slice(2, 8)}`;
}

/** Pid of the sidecar this process has started; it tells it to nobody but its parent, so the system is asked. */
export function sidecarPid(): number {
  const children = execFileSync('ps', ['-o', 'pid=,args=', '--ppid', String(process.pid)], { encoding: 'utf8' });
  const line = children.split('\n').find((child) => child.includes('--exit-with-parent'));
  assert.ok(line, children);
  return Number.parseInt(line, 10);
}

/** A promise to be resolved from elsewhere. */
export class Gate<T = void> {
  open!: (value: T) => void;
  readonly passed = new Promise<T>((resolve) => {
    this.open = resolve;
  });
}

/** The next event of this name whose argument fits. */
export function next<E>(reseolio: Reseolio, name: string, fits: (event: E) => boolean = () => true): Promise<E> {
  const events: EventEmitter = reseolio;
  return new Promise((resolve) => {
    const check = (event: E): void => {
      if (!fits(event)) return;
      events.off(name, check);
      resolve(event);
    };
    events.on(name, check);
  });
}

/** Resolves when the signal is aborted, with its reason. */
export async function aborted(signal: AbortSignal): Promise<unknown> {
  if (!signal.aborted) await once(signal, 'abort');
  return signal.reason;
}
