import type {
  EnqueueRequest,
  EnqueueResult,
  EnqueueStreamRequest,
  EnqueueStreamResponse,
} from '../gen/reseolio/v1/jobs.js';
import { toDuration } from '../util/duration.js';
import { PassingMap } from '../util/passing-map.js';
import { ConnectionLostError } from './connection-lost.js';
import type { MessageStream, StreamListener } from './transport.js';

interface Batch {
  timer: NodeJS.Timeout;
  resolve(results: EnqueueResult[]): void;
  reject(error: Error): void;
}

/** An open stream keeps the process alive; one that nothing was sent on for so long is ended. */
const IDLE_MS = 1000;

/** Batches of new jobs on one stream, opened with the first and again after it ended. */
export class EnqueueStream {
  readonly #open: (listener: StreamListener<EnqueueStreamResponse>) => MessageStream<EnqueueStreamRequest>;
  readonly #unanswered = new PassingMap<number, Batch>();
  readonly #idle: NodeJS.Timeout;
  #stream: MessageStream<EnqueueStreamRequest> | undefined;
  #number = 0;

  constructor(open: (listener: StreamListener<EnqueueStreamResponse>) => MessageStream<EnqueueStreamRequest>) {
    this.#open = open;
    this.#idle = setTimeout(() => this.#onIdle(), IDLE_MS);
  }

  /**
   * Resolves with a result for each job, in order.
   *
   * @throws ConnectionLostError when no answer comes by `deadline` (`Date.now()` milliseconds) or the stream breaks.
   */
  enqueue(jobs: EnqueueRequest[], deadline: number): Promise<EnqueueResult[]> {
    return new Promise((resolve, reject) => {
      this.#stream ??= this.#start();
      this.#number = (this.#number + 1) >>> 0;
      const number = this.#number;
      const leftMs = Math.max(1, deadline - Date.now());
      const timer = setTimeout(() => this.#onTimeout(number), leftMs);
      this.#unanswered.set(number, { timer, resolve, reject });
      this.#stream.send({ number, jobs, timeout: toDuration(leftMs) });
      this.#idle.refresh();
    });
  }

  /** Nothing more is sent; what is under way still gets its answer. */
  close(): void {
    clearTimeout(this.#idle);
    this.#stream?.end();
    this.#stream = undefined;
  }

  #start(): MessageStream<EnqueueStreamRequest> {
    const stream = this.#open({
      onMessage: ({ number, results }) => this.#take(number)?.resolve(results),
      onEnd: (error) => this.#onEnd(stream, error),
    });
    return stream;
  }

  #onEnd(stream: MessageStream<EnqueueStreamRequest>, error?: Error): void {
    if (this.#stream === stream) this.#stream = undefined;
    const why = error ?? new ConnectionLostError('the sidecar ended the stream', true);
    for (const number of this.#unanswered.keys()) this.#take(number)?.reject(why);
  }

  /** The server answers in time; this is for one that went silent. */
  #onTimeout(number: number): void {
    this.#take(number)?.reject(new ConnectionLostError('the sidecar did not answer in time', true));
  }

  #onIdle(): void {
    if (this.#unanswered.size > 0) {
      this.#idle.refresh();
      return;
    }
    this.#stream?.end();
    this.#stream = undefined;
  }

  #take(number: number): Batch | undefined {
    const batch = this.#unanswered.get(number);
    if (batch === undefined) return undefined;
    this.#unanswered.delete(number);
    clearTimeout(batch.timer);
    return batch;
  }
}
