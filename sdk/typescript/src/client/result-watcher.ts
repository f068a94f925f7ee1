import { NotConnectedError, noJob, ResultTimeoutError } from '../errors.js';
import type { JobResult, WatchResultsRequest, WatchResultsResponse } from '../gen/reseolio/v1/jobs.js';
import type { Connection } from '../transport/connection.js';
import type { MessageStream, Transport } from '../transport/transport.js';
import { batches } from '../util/batches.js';
import { Coalescer } from '../util/coalescer.js';
import { PassingMap } from '../util/passing-map.js';
import { RetryDelay } from '../util/pause.js';

/**
 * One wait. A class, because V8 may come to allocate what an object literal makes in the old generation when most of it
 * survived once, and then keeps what it refers to until a full collection.
 */
class Waiter {
  readonly #resolve: (result: JobResult) => void;
  readonly #reject: (error: Error) => void;
  timer: NodeJS.Timeout | undefined;

  constructor(resolve: (result: JobResult) => void, reject: (error: Error) => void) {
    this.#resolve = resolve;
    this.#reject = reject;
  }

  resolve(result: JobResult): void {
    clearTimeout(this.timer);
    this.#resolve(result);
  }

  reject(error: Error): void {
    clearTimeout(this.timer);
    this.#reject(error);
  }
}

/** Ids in one message; the stream takes any number of messages. */
const MAX_IDS = 10_000;

/**
 * Waits for the ends of jobs, all on one stream. It is opened with the first wait and, for all that is still waited for,
 * after a lost connection, or a moment after the sidecar ended it (`overloaded`).
 */
export class ResultWatcher {
  readonly #connection: Connection;
  readonly #waiters = new PassingMap<string, Set<Waiter>>();
  readonly #asking = new Coalescer<string>((ids) => this.#ask(ids));
  readonly #onConnected = (transport: Transport): void => this.#open(transport);
  readonly #delay = new RetryDelay();
  #stream: MessageStream<WatchResultsRequest> | undefined;
  /** Set while a stream that ended is not to be opened again yet. */
  #pause: NodeJS.Timeout | undefined;

  constructor(connection: Connection) {
    this.#connection = connection;
    connection.on('connected', this.#onConnected);
  }

  /** Resolves when the job is finished; rejects after `timeoutMs` with ResultTimeoutError. */
  wait(jobId: string, timeoutMs?: number): Promise<JobResult> {
    return new Promise((resolve, reject) => {
      const waiter = new Waiter(resolve, reject);
      if (timeoutMs !== undefined) waiter.timer = setTimeout(() => this.#giveUp(jobId, waiter, timeoutMs), timeoutMs);
      this.#add(jobId, waiter);
    });
  }

  /** Rejects every wait. Idempotent. */
  close(): void {
    this.#connection.off('connected', this.#onConnected);
    clearTimeout(this.#pause);
    this.#stream?.cancel();
    this.#stream = undefined;
    const error = new NotConnectedError('the client was stopped while it waited for a result; the job goes on');
    for (const jobId of this.#waiters.keys()) this.#settle(jobId, (waiter) => waiter.reject(error));
  }

  #add(jobId: string, waiter: Waiter): void {
    const others = this.#waiters.get(jobId);
    if (others !== undefined) {
      others.add(waiter);
      return;
    }
    this.#waiters.set(jobId, new Set([waiter]));
    this.#asking.add(jobId);
  }

  #giveUp(jobId: string, waiter: Waiter, timeoutMs: number): void {
    const waiters = this.#waiters.get(jobId);
    waiters?.delete(waiter);
    if (waiters?.size === 0) this.#waiters.delete(jobId);
    waiter.reject(new ResultTimeoutError(jobId, timeoutMs));
  }

  #ask(ids: string[]): void {
    if (this.#stream === undefined) {
      if (this.#pause === undefined) this.#reopen();
      return;
    }
    for (const jobIds of batches(ids, MAX_IDS, Number.POSITIVE_INFINITY, () => 0)) this.#stream.send({ jobIds });
  }

  /** Opens the stream and asks for everything that is waited for. */
  #open(transport: Transport): void {
    clearTimeout(this.#pause);
    this.#pause = undefined;
    if (this.#waiters.size === 0) return;
    const stream = transport.watchResults({
      onMessage: (message) => this.#onMessage(message),
      onEnd: () => {
        if (this.#stream !== stream) return;
        this.#stream = undefined;
        if (this.#waiters.size > 0) this.#pause = setTimeout(() => this.#onPaused(), this.#delay.next());
      },
    });
    this.#stream = stream;
    this.#ask(this.#waiters.keys());
  }

  #onPaused(): void {
    this.#pause = undefined;
    this.#reopen();
  }

  /** While the connection lives; a new connection opens a new stream by itself. */
  #reopen(): void {
    const transport = this.#connection.current;
    if (this.#stream === undefined && transport !== undefined) this.#open(transport);
  }

  #onMessage(message: WatchResultsResponse): void {
    this.#delay.reset();
    for (const result of message.results) this.#settle(result.jobId, (waiter) => waiter.resolve(result));
    for (const jobId of message.unknownJobIds) {
      const error = noJob(jobId);
      this.#settle(jobId, (waiter) => waiter.reject(error));
    }
  }

  #settle(jobId: string, how: (waiter: Waiter) => void): void {
    const waiters = this.#waiters.get(jobId);
    this.#waiters.delete(jobId);
    waiters?.forEach(how);
  }
}
