import { type ChildProcess, spawn } from 'node:child_process';
import { ReseolioError } from '../errors.js';
import type { SidecarLog } from '../events.js';
import { LogLines } from './log.js';
import type { SidecarOptions } from './options.js';

/** What a sidecar says about itself once it serves. */
export interface ReadyLine {
  /** Host and port of the gRPC edge. */
  address: string;
  /** Host and port of the HTTP edge. */
  http: string;
  pid: number;
  /** Number of this sidecar incarnation. */
  node: number;
}

/** What to run. */
export interface SidecarCommand {
  path: string;
  storage: string | undefined;
  options: SidecarOptions;
}

const START_MS = 30_000;
const LAST_LINES_MS = 200;
/** The first start of an embedded PostgreSQL unpacks and initialises it. */
const START_EMBEDDED_MS = 120_000;

/** How long a sidecar may take to become ready. */
export function startTimeoutMs(storage: string | undefined): number {
  return storage === undefined ? START_EMBEDDED_MS : START_MS;
}

/** Arguments of the sidecar; the storage is not among them, as everybody on the machine can read those. */
export function sidecarArgs(command: SidecarCommand, life: string[]): string[] {
  const ports = ['--address', '127.0.0.1:0', '--http-address', '127.0.0.1:0'];
  return ['server', ...ports, ...life, ...(command.options.args ?? [])];
}

/** Environment of the sidecar. */
export function sidecarEnv(command: SidecarCommand): NodeJS.ProcessEnv {
  const storage = command.storage === undefined ? {} : { RESEOLIO_STORAGE: command.storage };
  const { RESEOLIO_BIN: _bin, RESEOLIO_TOKEN: _token, ...inherited } = process.env;
  return { ...inherited, ...command.options.env, ...storage };
}

/** One sidecar process that this process owns: it ends with it. */
export class SidecarProcess {
  /** Resolves when it serves; rejects when it ends before that, or takes too long. */
  readonly ready: Promise<ReadyLine>;
  /** Resolves when the process has ended. */
  readonly exited: Promise<{ code: number | null; signal: string | null }>;
  readonly #child: ChildProcess;
  readonly #log: LogLines;

  constructor(command: SidecarCommand, onLog: (log: SidecarLog) => void) {
    this.#log = new LogLines(onLog);
    this.#child = spawn(command.path, sidecarArgs(command, ['--exit-with-parent']), {
      env: sidecarEnv(command),
      stdio: ['ignore', 'pipe', 'pipe'],
      // Out of the terminal's process group: Ctrl-C is for the application, which then stops its sidecar in order.
      detached: process.platform !== 'win32',
      windowsHide: true,
    });
    const child = this.#child;
    child.stderr?.setEncoding('utf8').on('data', (chunk: string) => this.#log.push(chunk));
    let spawnError: Error | undefined;
    this.exited = new Promise((resolve) => {
      child.once('error', (error) => {
        spawnError = error;
        if (child.pid === undefined) resolve({ code: null, signal: null });
      });
      child.once('exit', (code, signal) => {
        // The last lines of the log may still be in the pipe; a grandchild may hold it open for ever.
        const last = (): void => {
          clearTimeout(timer);
          for (const pipe of [child.stdout, child.stderr]) pipe?.destroy();
          resolve({ code, signal });
        };
        const timer = setTimeout(last, LAST_LINES_MS);
        child.once('close', last);
      });
    });
    const timeoutMs = startTimeoutMs(command.storage);
    const ended = this.exited.then(({ code, signal }) => {
      const how = spawnError?.message ?? `it ended with ${signal ?? `code ${code}`}: ${this.#log.lastError()}`;
      return new ReseolioError('sidecar_failed', `the sidecar did not start (${command.path}): ${how}`);
    });
    this.ready = readReadyLine(child, ended, timeoutMs, () => this.#log.lastError());
    this.ready.catch(() => {});
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** The last lines it logged, oldest first. */
  lastLines(): string[] {
    return this.#log.last();
  }

  /** SIGTERM, and SIGKILL when it has not ended after `graceMs`. Resolves when it has ended. */
  async stop(graceMs: number): Promise<void> {
    this.#child.kill('SIGTERM');
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), graceMs);
    await this.exited;
    clearTimeout(timer);
  }
}

/** The ready line of a process that was just started; rejects when it ends first, or takes too long. */
export function readReadyLine(
  child: ChildProcess,
  ended: Promise<Error>,
  timeoutMs: number,
  lastError: () => string,
): Promise<ReadyLine> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      const message = `the sidecar was not ready after ${timeoutMs / 1000} s; its last word: ${lastError()}`;
      reject(new ReseolioError('sidecar_failed', message));
    }, timeoutMs);
    void ended.then((error) => {
      clearTimeout(timer);
      reject(error);
    });
    let text = '';
    child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
      for (const line of text.split('\n').slice(0, -1)) {
        const ready = parseReady(line);
        if (ready === undefined) continue;
        clearTimeout(timer);
        resolve(ready);
      }
      text = text.slice(text.lastIndexOf('\n') + 1);
    });
  });
}

function parseReady(line: string): ReadyLine | undefined {
  try {
    const value = JSON.parse(line) as ReadyLine & { event?: string };
    return value.event === 'ready' && typeof value.address === 'string' ? value : undefined;
  } catch {
    return undefined;
  }
}
