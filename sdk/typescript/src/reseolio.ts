import { EventEmitter } from 'node:events';
import type { DurableFunction } from './client/durable.js';
import { JobHandle } from './client/handle.js';
import type { Jobs } from './client/jobs.js';
import { type ClientConfig, checkClientOptions, type ReseolioOptions } from './client-options.js';
import { checkSize, encodeArgs } from './codec/json.js';
import type { ReseolioEvents } from './events.js';
import { checkLength, namespace } from './names.js';
import { checkOrder } from './options/backoff.js';
import { toRequest } from './options/request.js';
import { splitTrailing } from './options/trailing.js';
import type { CallOptions, FunctionOptions } from './options/types.js';
import { type CheckedOptions, checkCallOptions, checkFunctionOptions } from './options/validate.js';
import { notStarted, Runtime, type RuntimeListener } from './runtime.js';
import { locateSidecar } from './sidecar/locate.js';
import { OwnedSidecar, type SidecarListener } from './sidecar/owned.js';
import { SharedSidecar } from './sidecar/shared.js';
import { fixedAddress, type SidecarSource } from './sidecar/source.js';
import { Registry } from './worker/registry.js';

/**
 * A client of Reseolio: registers durable functions, calls them, and runs them. One per process is enough.
 *
 * Emits the events of ReseolioEvents.
 */
export class Reseolio extends EventEmitter<ReseolioEvents> {
  readonly #config: ClientConfig;
  readonly #registry = new Registry();
  #runtime: Runtime | undefined;
  #starting: Promise<void> | undefined;
  #stopping: Promise<void> | undefined;

  /** @throws ReseolioError `invalid_argument` for an option that is unknown or out of range. */
  constructor(options: ReseolioOptions = {}) {
    super();
    this.#config = checkClientOptions(options);
  }

  /**
   * Starts the sidecar, or joins the one at `address`, and connects. Starting twice is starting once.
   *
   * @throws ReseolioError `sidecar_not_found`, `sidecar_failed`; NotConnectedError when nothing answers in time.
   */
  start(): Promise<void> {
    this.#starting ??= this.#start().catch((error) => {
      this.#starting = undefined;
      throw error;
    });
    return this.#starting;
  }

  /**
   * Waits for the running handlers (up to `stopTimeoutMs`), hands back what has not started, closes everything and ends
   * the sidecar this client had started. Afterwards nothing keeps the process alive. Idempotent; harmless before start.
   */
  stop(): Promise<void> {
    this.#stopping ??= this.#stop().finally(() => {
      this.#stopping = undefined;
    });
    return this.#stopping;
  }

  /** `host:port` of the sidecar this client is connected to now; `undefined` while it is not. */
  get address(): string | undefined {
    return this.#runtime?.address;
  }

  /** Joins non-empty parts without `:` and `/` to a function name: `namespace('billing', 'charge')`. */
  namespace(...parts: string[]): string {
    return namespace(...parts);
  }

  /**
   * Registers `handler` under `name`, before or after start(), and returns the function that creates jobs of it.
   *
   * @throws ReseolioError `already_registered` when the name is taken, `invalid_argument` for a bad name or option.
   */
  durable<A extends unknown[], R>(
    name: string,
    handler: (...args: A) => R,
    options: FunctionOptions = {},
  ): DurableFunction<A, Awaited<R>> {
    const ofFunction = checkFunctionOptions(options);
    checkOrder(ofFunction.backoff);
    this.#registry.add(name, handler, options.retryIf);
    this.#runtime?.worker?.offer(name);
    const enqueue = async (args: unknown[], ofCall?: CheckedOptions): Promise<JobHandle<Awaited<R>>> => {
      const payload = checkSize(encodeArgs(args), this.#runtime?.worker?.maxPayloadBytes ?? 0, 'the arguments');
      const id = await this.#jobs.enqueue(toRequest(name, payload, ofFunction, ofCall));
      return new JobHandle(id, this.#jobs);
    };
    const call = async (...all: unknown[]): Promise<JobHandle<Awaited<R>>> => {
      const { args, options: ofCall } = splitTrailing(all, handler.length);
      return enqueue(args, ofCall === undefined ? undefined : checkCallOptions(ofCall));
    };
    const withOptions = (ofCall: CallOptions) => {
      const checked = checkCallOptions(ofCall);
      return (...args: A): Promise<JobHandle<Awaited<R>>> => enqueue(args, checked);
    };
    return Object.assign(call, { with: withOptions, functionName: name });
  }

  /** The job of this id, whichever process created it. Nothing is asked of the server yet. */
  handle<T = unknown>(id: string): JobHandle<T> {
    return new JobHandle<T>(checkLength(id, 'the id of a job'), this.#jobs);
  }

  async #start(): Promise<void> {
    await this.#stopping;
    const runtime = new Runtime(this.#config, this.#source(), this.#registry, this.#listener);
    this.#runtime = runtime;
    try {
      await runtime.start();
    } catch (error) {
      this.#runtime = undefined;
      throw error;
    }
    this.#tell('ready');
  }

  async #stop(): Promise<void> {
    await this.#starting?.catch(() => {});
    const runtime = this.#runtime;
    if (runtime === undefined) return;
    await runtime.stop();
    this.#runtime = undefined;
    this.#starting = undefined;
    this.#tell('stopped');
  }

  #source(): SidecarSource {
    const { address, storage, sidecar } = this.#config;
    if (address !== undefined) return fixedAddress(address);
    const command = { path: locateSidecar(sidecar.path), storage, options: sidecar };
    return sidecar.shared === true ? new SharedSidecar(command) : new OwnedSidecar(command, this.#sidecarListener);
  }

  /** Handles outlive a stop and a new start, so they ask for the runtime each time. */
  readonly #jobs: Jobs = {
    enqueue: async (request) => this.#running().enqueue(request),
    result: async (jobId, timeoutMs) => this.#running().result(jobId, timeoutMs),
    details: async (jobId) => this.#running().details(jobId),
    status: async (jobId) => this.#running().status(jobId),
    cancel: async (jobId) => this.#running().cancel(jobId),
    retry: async (jobId) => this.#running().retry(jobId),
  };

  readonly #listener: RuntimeListener = {
    started: (event) => this.#tell('job:start', event),
    succeeded: (event, durationMs) => this.#tell('job:success', { ...event, durationMs }),
    failed: (event, durationMs, error) => this.#tell('job:error', { ...event, durationMs, error }),
    lost: (event) => this.#tell('worker:lost', event),
    disconnected: () => this.#tell('disconnected'),
    reconnected: () => this.#tell('reconnected'),
  };

  readonly #sidecarListener: SidecarListener = {
    exited: (exit) => this.#tell('sidecar:exit', exit),
    logged: (log) => this.#tell('sidecar:log', log),
  };

  #running(): Jobs {
    if (this.#runtime === undefined) throw notStarted();
    return this.#runtime.jobs;
  }

  /** Emits; an error of a user's listener is his own uncaught exception and disturbs nothing here. */
  #tell<K extends keyof ReseolioEvents>(name: K, ...args: ReseolioEvents[K]): void {
    try {
      (this as EventEmitter).emit(name, ...args);
    } catch (error) {
      process.nextTick(() => {
        throw error;
      });
    }
  }
}
