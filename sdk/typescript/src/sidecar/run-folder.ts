import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { isAlive } from './lock.js';
import type { ReadyLine } from './process.js';

const PROBE_MS = 1000;

/** Where the processes of one user that share a sidecar for one storage find each other. */
export class RunFolder {
  readonly lock: string;
  readonly log: string;
  readonly #info: string;

  /** Without a storage, also in the sidecar's environment, the embedded one is meant: usually that in the current folder. */
  constructor(storage: string | undefined, env: NodeJS.ProcessEnv = process.env, home: string = homedir()) {
    const key = storage ?? (env.RESEOLIO_STORAGE || `embedded:${resolve(env.RESEOLIO_DATA_DIR || '.reseolio')}`);
    const name = createHash('sha256').update(key).digest('hex').slice(0, 16);
    const folder = join(home, '.reseolio', 'run', name);
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    this.lock = join(folder, 'lock');
    this.log = join(folder, 'sidecar.log');
    this.#info = join(folder, 'info.json');
  }

  /** The sidecar that is said to run and does answer; otherwise `undefined`. */
  async running(): Promise<ReadyLine | undefined> {
    let info: ReadyLine;
    try {
      info = JSON.parse(readFileSync(this.#info, 'utf8')) as ReadyLine;
    } catch {
      return undefined;
    }
    return isAlive(info.pid) && (await answers(info.address)) ? info : undefined;
  }

  /** Tells the others about the sidecar. */
  announce(ready: ReadyLine): void {
    const draft = `${this.#info}.${process.pid}`;
    writeFileSync(draft, JSON.stringify(ready), { mode: 0o600 });
    renameSync(draft, this.#info);
  }
}

/** Whether somebody listens at `host:port`. */
function answers(address: string): Promise<boolean> {
  const colon = address.lastIndexOf(':');
  return new Promise((resolve) => {
    const socket = connect({ host: address.slice(0, colon), port: Number(address.slice(colon + 1)) });
    const done = (answer: boolean): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(PROBE_MS, () => done(false));
    socket.once('connect', () => done(true));
    socket.once('error', () => done(false));
  });
}
