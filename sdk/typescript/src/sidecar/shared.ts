import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync, statSync } from 'node:fs';
import { NotConnectedError, ReseolioError } from '../errors.js';
import { pause } from '../util/pause.js';
import { tryLock, unlock } from './lock.js';
import { LogLines } from './log.js';
import {
  type ReadyLine,
  readReadyLine,
  type SidecarCommand,
  sidecarArgs,
  sidecarEnv,
  startTimeoutMs,
} from './process.js';
import { RunFolder } from './run-folder.js';
import type { SidecarSource } from './source.js';

const POLL_MS = 50;
/** A lock is stale when its holder should have given up starting a sidecar this long ago. */
const LOCK_SLACK_MS = 15_000;

/** One sidecar for all processes of a user with the same storage: whoever finds none starts it, the others join. */
export class SharedSidecar implements SidecarSource {
  readonly #command: SidecarCommand;
  readonly #folder: RunFolder;
  readonly #stopping = new AbortController();

  constructor(command: SidecarCommand) {
    this.#command = command;
    this.#folder = new RunFolder(command.storage, sidecarEnv(command));
  }

  async start(): Promise<void> {
    await this.address();
  }

  /** Address of the sidecar that runs; elects who starts one when none does. */
  async address(): Promise<string> {
    const maxAgeMs = startTimeoutMs(this.#command.storage) + LOCK_SLACK_MS;
    while (!this.#stopping.signal.aborted) {
      const running = await this.#folder.running();
      if (running !== undefined) return running.address;
      if (tryLock(this.#folder.lock, maxAgeMs)) {
        try {
          return ((await this.#folder.running()) ?? (await this.#launch())).address;
        } finally {
          unlock(this.#folder.lock);
        }
      }
      await pause(POLL_MS, this.#stopping.signal);
    }
    throw new NotConnectedError('the client is stopped');
  }

  /** Leaves the sidecar to the others; it ends by itself when nobody is left. */
  async stop(): Promise<void> {
    this.#stopping.abort();
  }

  async #launch(): Promise<ReadyLine> {
    const log = openSync(this.#folder.log, 'a', 0o600);
    const from = statSync(this.#folder.log).size;
    const child = spawn(this.#command.path, sidecarArgs(this.#command, ['--exit-when-idle', '30s']), {
      env: sidecarEnv(this.#command),
      stdio: ['ignore', 'pipe', log],
      detached: true,
      windowsHide: true,
    });
    closeSync(log);
    const ended = new Promise<Error>((resolve) => {
      const end = (how: string): void => {
        const message = `the sidecar did not start (${this.#command.path}): ${how}: ${this.#lastError(from)}`;
        resolve(new ReseolioError('sidecar_failed', `${message} (log: ${this.#folder.log})`));
      };
      child.once('error', (error) => end(error.message));
      child.once('exit', (code, signal) => end(`it ended with ${signal ?? `code ${code}`}`));
    });
    const timeoutMs = startTimeoutMs(this.#command.storage);
    const ready = await readReadyLine(child, ended, timeoutMs, () => this.#lastError(from));
    child.stdout?.destroy();
    child.unref();
    this.#folder.announce(ready);
    return ready;
  }

  #lastError(from: number): string {
    const lines = new LogLines(() => {});
    lines.push(readFileSync(this.#folder.log).subarray(from).toString('utf8'));
    return lines.lastError();
  }
}
