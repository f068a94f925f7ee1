import { CancelledError, ReseolioError, TimeoutError } from '../errors.js';
import type { JobEvent } from '../events.js';
import {
  type Cancel,
  CancelReason,
  type Lease,
  type Outcome,
  type Run,
  type Welcome,
  type WorkRequest,
  type WorkResponse,
} from '../gen/reseolio/v1/worker.js';
import type { Access } from '../transport/access.js';
import type { Connection } from '../transport/connection.js';
import { ConnectionLostError } from '../transport/connection-lost.js';
import type { MessageStream, Transport } from '../transport/transport.js';
import { toMs } from '../util/duration.js';
import { RetryDelay, within } from '../util/pause.js';
import { Beater } from './beater.js';
import { Execution, type ExecutionListener } from './execution.js';
import { HeldLeases } from './held-leases.js';
import { helloOf, newWorkerId } from './hello.js';
import { Outbox } from './outbox.js';
import { release } from './outcomes.js';
import type { Registry } from './registry.js';
import { StepLog } from './step-log.js';

/** What a worker tells about its attempts. */
export interface WorkerListener extends ExecutionListener {
  lost(event: JobEvent): void;
}

/** How a worker is run. */
export interface WorkerConfig {
  concurrency: number;
  access: Access;
}

const DEFAULT_BEAT_MS = 5000;
/** A worker that may not work asks again rarely: somebody has to change its token first. */
const REFUSALS = new Set(['unauthenticated', 'permission_denied']);
const REFUSED_MS = 30_000;
/** What stopping waits at least for acknowledgements, and for the server to close the stream. */
const LAST_WORDS_MS = 2000;

/** Runs what the server pushes, and reports every outcome until it is acknowledged. */
export class Worker {
  readonly #connection: Connection;
  readonly #registry: Registry;
  readonly #concurrency: number;
  readonly #access: Access;
  readonly #listener: WorkerListener;
  readonly #held = new HeldLeases();
  readonly #delay = new RetryDelay();
  readonly #beater = new Beater((session) => this.#onUnknown(session));
  readonly #outbox = new Outbox(this.#held, (message) => {
    if (this.#welcome !== undefined) this.#stream?.send({ message });
  });
  readonly #stepLog: StepLog;
  readonly #onConnected = (transport: Transport): void => this.#open(transport);
  #stream: MessageStream<WorkRequest> | undefined;
  #welcome: Welcome | undefined;
  #session = '';
  #graceMs = 0;
  #maxBytes = 0;
  #lostAt: number | undefined;
  #graceTimer: NodeJS.Timeout | undefined;
  #reopenTimer: NodeJS.Timeout | undefined;
  #refusal: string | undefined;
  #isRefused = false;
  #draining = false;
  #stopped: (() => void) | undefined;
  readonly #workerId = newWorkerId();

  constructor(connection: Connection, registry: Registry, config: WorkerConfig, listener: WorkerListener) {
    this.#connection = connection;
    this.#stepLog = new StepLog(connection, this.#outbox, () => this.#session);
    this.#registry = registry;
    this.#concurrency = config.concurrency;
    this.#access = config.access;
    this.#listener = listener;
    connection.on('connected', this.#onConnected);
  }

  /** Largest payload in bytes the server takes; 0 while that is not known. */
  get maxPayloadBytes(): number {
    return this.#maxBytes;
  }

  /** Offers the registered functions to the server, and this one when the stream is open already. */
  offer(name?: string): void {
    if (this.#stream === undefined) this.#reopen();
    else if (name !== undefined) this.#send('register', { functions: [{ name, version: '' }] });
  }

  /**
   * Takes nothing more, waits up to `timeoutMs` for the handlers that run, hands the others back, and waits until the
   * server has everything.
   */
  async stop(timeoutMs: number): Promise<void> {
    const deadline = Date.now() + timeoutMs;
    this.#draining = true;
    this.#send('drain', {});
    await within(this.#held.quiet(), timeoutMs);
    for (const execution of this.#held.running()) {
      this.#finish(execution, release(execution.lease));
      execution.stop(new CancelledError('the worker is shutting down'));
    }
    await within(this.#held.empty(), Math.max(deadline - Date.now(), LAST_WORDS_MS));
    this.#connection.off('connected', this.#onConnected);
    clearTimeout(this.#graceTimer);
    clearTimeout(this.#reopenTimer);
    await this.#hangUp();
    await this.#beater.stop();
  }

  async #hangUp(): Promise<void> {
    const stream = this.#stream;
    if (stream === undefined) return;
    const ended = new Promise<void>((resolve) => {
      this.#stopped = resolve;
    });
    stream.end();
    await within(ended, LAST_WORDS_MS);
    stream.cancel();
    this.#stream = undefined;
  }

  #open(transport: Transport): void {
    const functions = this.#registry.names();
    if (this.#stream !== undefined || functions.length === 0) return;
    clearTimeout(this.#graceTimer);
    if (this.#lostAt !== undefined && Date.now() - this.#lostAt >= this.#graceMs) this.#abandon();
    const stream = transport.work({
      onMessage: (message) => this.#onMessage(message, transport),
      onEnd: (error) => this.#onEnd(stream, error),
    });
    this.#stream = stream;
    const resume = this.#session === '' ? undefined : { session: this.#session, leases: this.#held.leases() };
    this.#send('hello', helloOf(this.#workerId, functions, this.#draining ? 0 : this.#concurrency, resume));
  }

  #reopen(): void {
    const transport = this.#connection.current;
    if (transport !== undefined) this.#open(transport);
  }

  #onEnd(stream: MessageStream<WorkRequest>, error?: Error): void {
    if (this.#stream !== stream) return;
    if (this.#welcome === undefined && error !== undefined) this.#onRefused(error);
    else this.#isRefused = false;
    this.#stream = undefined;
    this.#welcome = undefined;
    if (this.#stopped !== undefined) return this.#stopped();
    this.#lostAt ??= Date.now();
    const left = this.#lostAt + this.#graceMs - Date.now();
    this.#graceTimer = setTimeout(() => this.#abandon(), Math.max(0, left)).unref();
    // When the connection is gone too, its return opens the stream; when only the stream is, this does.
    const pauseMs = this.#isRefused ? REFUSED_MS : this.#delay.next();
    this.#reopenTimer = setTimeout(() => this.#reopen(), pauseMs);
  }

  /** The server would not have this worker; say why, once, and go on trying: servers and tokens get replaced. */
  #onRefused(error: Error): void {
    this.#isRefused = error instanceof ReseolioError && REFUSALS.has(error.code);
    if (error instanceof ConnectionLostError || this.#refusal === error.message) return;
    this.#refusal = error.message;
    process.emitWarning(`the sidecar refused the worker: ${error.message}; trying again`, 'ReseolioWarning');
  }

  #onMessage({ message }: WorkResponse, transport: Transport): void {
    switch (message?.$case) {
      case 'welcome':
        return this.#onWelcome(message.value, transport);
      case 'runs':
        for (const run of message.value.runs) this.#start(run);
        return;
      case 'committed':
        this.#held.drop(message.value.leases);
        return;
      case 'stepsCommitted':
        for (const { lease, key } of message.value.steps) if (lease) this.#held.get(lease)?.stepCommitted(key);
        return;
      case 'cancel':
        return this.#onCancel(message.value);
      case 'leaseLost':
        return this.#lose(this.#held.drop(message.value.leases), 'the lease of this attempt was taken away');
      default: // The server drains (it pushes nothing more and ends the stream by itself), or says something newer.
        return;
    }
  }

  #onWelcome(welcome: Welcome, transport: Transport): void {
    if (!welcome.resumed) this.#abandon();
    this.#lostAt = undefined;
    this.#delay.reset();
    this.#welcome = welcome;
    this.#session = welcome.session;
    this.#graceMs = toMs(welcome.resumeGrace);
    this.#maxBytes = Number(welcome.maxPayloadBytes);
    const intervalMs = Math.max(10, toMs(welcome.beatInterval, DEFAULT_BEAT_MS));
    this.#beater.beat({ address: transport.address, session: welcome.session, intervalMs, access: this.#access });
    if (this.#draining) this.#send('drain', {});
    this.#outbox.resend();
  }

  #start(run: Run): void {
    const { lease } = run;
    if (lease === undefined || this.#held.has(lease)) return;
    const registration = this.#registry.get(run.function);
    if (this.#draining || registration === undefined) return this.#giveBack(lease);
    const execution = new Execution(run, lease, this.#maxBytes, this.#stepLog);
    this.#held.begin(execution);
    void execution.run(registration, this.#listener).then((outcome) => this.#finish(execution, outcome));
  }

  #finish(execution: Execution, outcome: Outcome): void {
    if (this.#held.finish(execution, outcome)) this.#outbox.addOutcome(outcome);
  }

  #giveBack(lease: Lease): void {
    const outcome = release(lease);
    this.#held.keep(lease, outcome);
    this.#outbox.addOutcome(outcome);
  }

  #onCancel({ lease, reason }: Cancel): void {
    if (lease === undefined) return;
    const execution = this.#held.get(lease);
    if (reason === CancelReason.TIMEOUT) execution?.stop(new TimeoutError("the attempt's time is over"));
    else if (reason === CancelReason.DEADLINE) execution?.stop(new TimeoutError("the job's deadline is over"));
    else execution?.stop(new CancelledError());
  }

  #onUnknown(session: string): void {
    if (this.#welcome?.session === session) this.#stream?.cancel();
  }

  /** The session is gone: its attempts run elsewhere. */
  #abandon(): void {
    this.#lose(this.#held.dropAll(), 'the worker lost its session, the attempt runs elsewhere');
  }

  #lose(executions: Execution[], why: string): void {
    for (const execution of executions) {
      execution.stop(new CancelledError(why));
      this.#listener.lost(execution.event);
    }
  }

  #send<C extends Message['$case']>($case: C, value: Extract<Message, { $case: C }>['value']): void {
    this.#stream?.send({ message: { $case, value } as Message });
  }
}

type Message = NonNullable<WorkRequest['message']>;
