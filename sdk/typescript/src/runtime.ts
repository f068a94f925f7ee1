import { ConnectedJobs } from './client/jobs.js';
import { NotConnectedError } from './errors.js';
import type { SidecarSource } from './sidecar/source.js';
import type { Access } from './transport/access.js';
import { Connection } from './transport/connection.js';
import { connectGrpc } from './transport/grpc.js';
import type { Registry } from './worker/registry.js';
import { Worker, type WorkerListener } from './worker/worker.js';

/** What a runtime needs to know; validated. */
export interface RuntimeConfig {
  concurrency: number;
  enqueueTimeoutMs: number;
  startTimeoutMs: number;
  stopTimeoutMs: number;
  access: Access;
}

/** What a runtime tells about itself. */
export interface RuntimeListener extends WorkerListener {
  disconnected(): void;
  reconnected(): void;
}

/** Everything that lives between start() and stop(): the sidecar, the connection, the worker, the calls. */
export class Runtime {
  readonly jobs: ConnectedJobs;
  readonly worker: Worker | undefined;
  readonly #config: RuntimeConfig;
  readonly #source: SidecarSource;
  readonly #connection: Connection;

  constructor(config: RuntimeConfig, source: SidecarSource, registry: Registry, listener: RuntimeListener) {
    this.#config = config;
    this.#source = source;
    this.#connection = new Connection(source, connectGrpc(config.access));
    this.jobs = new ConnectedJobs(this.#connection, config.enqueueTimeoutMs);
    if (config.concurrency > 0) {
      this.worker = new Worker(this.#connection, registry, config, listener);
    }
    let connectedBefore = false;
    this.#connection.on('connected', () => {
      if (connectedBefore) listener.reconnected();
      connectedBefore = true;
    });
    this.#connection.on('lost', () => listener.disconnected());
  }

  /** Where the connection goes; `undefined` while there is none. */
  get address(): string | undefined {
    return this.#connection.current?.address;
  }

  /** Resolves when connected. After a rejection nothing is left behind. */
  async start(): Promise<void> {
    try {
      await this.#source.start();
      this.#connection.open();
      await this.#connection.ready(Date.now() + this.#config.startTimeoutMs);
    } catch (error) {
      this.#connection.close();
      await this.#source.stop();
      throw error;
    }
  }

  /** Drains the worker, closes the connection, ends the sidecar. */
  async stop(): Promise<void> {
    await this.worker?.stop(this.#config.stopTimeoutMs);
    this.jobs.close();
    this.#connection.close();
    await this.#source.stop();
  }
}

/** The error of everything that needs a started client. */
export function notStarted(): NotConnectedError {
  return new NotConnectedError('the client is not started; call `await reseolio.start()` first');
}
