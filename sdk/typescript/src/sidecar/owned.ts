import { NotConnectedError } from '../errors.js';
import type { SidecarExit, SidecarLog } from '../events.js';
import { pause, RetryDelay } from '../util/pause.js';
import { type SidecarCommand, SidecarProcess } from './process.js';
import type { SidecarSource } from './source.js';

/** What an owned sidecar tells about itself. */
export interface SidecarListener {
  exited(exit: SidecarExit): void;
  logged(log: SidecarLog): void;
}

/** A sidecar that has served this long restarts at once after its next end. */
const STABLE_MS = 10_000;
const STOP_GRACE_MS = 40_000;

/** A sidecar of this client's own: started with it, started again whenever it dies, ended with it. */
export class OwnedSidecar implements SidecarSource {
  readonly #command: SidecarCommand;
  readonly #listener: SidecarListener;
  readonly #stopping = new AbortController();
  readonly #delay = new RetryDelay();
  #process: SidecarProcess | undefined;
  #waiting: (() => void)[] = [];
  #address: string | undefined;

  constructor(command: SidecarCommand, listener: SidecarListener) {
    this.#command = command;
    this.#listener = listener;
  }

  async start(): Promise<void> {
    const first = this.#spawn();
    try {
      await first.ready;
    } catch (error) {
      await first.exited;
      throw error;
    }
    void this.#watch(first);
  }

  async address(): Promise<string> {
    while (this.#address === undefined) {
      if (this.#stopping.signal.aborted) throw new NotConnectedError('the client is stopped');
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    return this.#address;
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#wake();
    await this.#process?.stop(STOP_GRACE_MS);
  }

  #spawn(): SidecarProcess {
    const spawned = new SidecarProcess(this.#command, (log) => this.#listener.logged(log));
    this.#process = spawned;
    return spawned;
  }

  /** Follows a process to its end, and starts the next one; for ever, until stopped. */
  async #watch(first: SidecarProcess): Promise<void> {
    const stopping = this.#stopping.signal;
    for (let current = first; ; current = this.#spawn()) {
      await this.#serve(current);
      const { code, signal } = await current.exited;
      this.#address = undefined;
      if (stopping.aborted) return;
      this.#listener.exited({ pid: current.pid, code, signal, lastLines: current.lastLines() });
      await pause(this.#delay.next(), stopping);
      if (stopping.aborted) return;
    }
  }

  /** Announces the address of a process that became ready; one that did not is told to end by itself. */
  async #serve(current: SidecarProcess): Promise<void> {
    try {
      const { address } = await current.ready;
      this.#address = address;
      this.#wake();
      const stable = setTimeout(() => this.#delay.reset(), STABLE_MS).unref();
      void current.exited.then(() => clearTimeout(stable));
    } catch {
      // It has ended or was killed; the caller waits for its end and reports it.
    }
  }

  #wake(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }
}
