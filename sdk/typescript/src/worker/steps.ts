import { checkSize, decodeStep, encodeStep } from '../codec/json.js';
import { ReseolioError } from '../errors.js';
import type { Payload } from '../gen/reseolio/v1/common.js';
import type { Lease, Step } from '../gen/reseolio/v1/worker.js';
import { checkLength } from '../names.js';
import { PassingMap } from '../util/passing-map.js';
import { UnreadableStep, UnrecordableStep } from './hopeless.js';
import type { StepBody } from './step.js';
import type { StepLog } from './step-log.js';

/** The steps of one execution. */
export class Steps {
  readonly #lease: Lease;
  readonly #maxBytes: number;
  readonly #log: StepLog;
  readonly #occurrences = new Map<string, number>();
  readonly #open = new PassingMap<string, OpenStep>();
  #recorded: Promise<Map<string, Payload | undefined>> | undefined;

  constructor(lease: Lease, maxBytes: number, log: StepLog) {
    this.#lease = lease;
    this.#maxBytes = maxBytes;
    this.#log = log;
  }

  /** Does a step, unless it is recorded. Throws when its key is too long. */
  run<T>(name: string, body: StepBody<T>): Promise<T> {
    const open = new OpenStep(this.#nextKey(name));
    this.#open.set(open.key, open);
    this.#perform(open, body).catch((error) => {
      if (this.#open.delete(open.key)) open.reject(error);
    });
    return open.promise as Promise<T>;
  }

  /** The server has committed this step. */
  committed(key: string): void {
    const open = this.#open.get(key);
    if (open?.report === undefined) return;
    this.#resolve(open, open.report.result);
  }

  /** The steps that are done and not acknowledged, in the order in which they were begun. */
  unacknowledged(): Step[] {
    return this.#open.values().flatMap(({ report }) => (report === undefined ? [] : [report]));
  }

  /** Rejects every step that is not settled. Bodies that run are not interrupted. */
  stop(reason: ReseolioError): void {
    for (const open of this.#open.values()) {
      this.#open.delete(open.key);
      tolerated(open.promise);
      open.reject(reason);
    }
  }

  /** The handler has ended. Returns the keys of the steps that were not settled. */
  end(): string[] {
    const keys = this.#open.keys();
    if (keys.length > 0) this.stop(handlerEnded());
    return keys;
  }

  async #perform(open: OpenStep, body: StepBody<unknown>): Promise<void> {
    const { key } = open;
    if (this.#lease.attempt > 1) {
      const recorded = await this.#recordedBefore();
      if (!this.#open.has(key)) return;
      if (recorded.has(key)) return this.#resolve(open, recorded.get(key));
    }
    const value = await body({ key, idempotencyKey: `${this.#lease.jobId}/${key}` });
    if (!this.#open.has(key)) return;
    open.report = { lease: this.#lease, key, result: this.#encode(value, key) };
    this.#log.record(open.report);
  }

  /** Asked for with the first step and kept for all others. All that are begun wait for it, and fail with it. */
  #recordedBefore(): Promise<Map<string, Payload | undefined>> {
    this.#recorded ??= this.#log
      .read(this.#lease, () => this.#open.size > 0)
      .catch((error) => {
        this.stop(error);
        throw error;
      });
    return this.#recorded;
  }

  #resolve(open: OpenStep, result: Payload | undefined): void {
    const value = this.#decode(result);
    this.#open.delete(open.key);
    open.resolve(value);
  }

  #decode(result: Payload | undefined): unknown {
    try {
      return decodeStep(result);
    } catch (error) {
      throw new UnreadableStep(error);
    }
  }

  #encode(value: unknown, key: string): Payload | undefined {
    const what = `the result of step '${key}'`;
    try {
      const result = encodeStep(value, what);
      return result && checkSize(result, this.#maxBytes, what);
    } catch (error) {
      throw new UnrecordableStep(error);
    }
  }

  #nextKey(name: string): string {
    const occurrence = (this.#occurrences.get(name) ?? 0) + 1;
    this.#occurrences.set(name, occurrence);
    return occurrence === 1 ? name : checkLength(`${name}#${occurrence}`, 'the key of a step');
  }
}

/** A promise whose rejection nobody has to look at, yet or ever: that a handler is to stop must not end the process. */
export function tolerated<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => {});
  return promise;
}

/** The error of a step that nobody can wait for any more. */
export function handlerEnded(): ReseolioError {
  return new ReseolioError(
    'outside_job',
    'the handler had ended before this step did; await every step in the handler',
  );
}

/** A step whose promise is not settled. */
class OpenStep {
  readonly key: string;
  readonly promise: Promise<unknown>;
  resolve!: (value: unknown) => void;
  reject!: (error: unknown) => void;
  /** What the server is told, from the end of the body on. */
  report: Step | undefined;

  constructor(key: string) {
    this.key = key;
    this.promise = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
  }
}
