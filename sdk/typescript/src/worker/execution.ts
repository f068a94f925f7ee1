import { checkSize, decodeArgs, encodeResult } from '../codec/json.js';
import { type CancelledError, ReseolioError, type TimeoutError } from '../errors.js';
import type { JobEvent } from '../events.js';
import type { Lease, Outcome, Run } from '../gen/reseolio/v1/worker.js';
import { type JobContext, runInContext } from './context.js';
import { complete, failed, hopeless, stopped } from './outcomes.js';
import type { Registration } from './registry.js';

/** What an execution tells about itself. */
export interface ExecutionListener {
  started(event: JobEvent): void;
  succeeded(event: JobEvent, durationMs: number): void;
  failed(event: JobEvent, durationMs: number, error: unknown): void;
}

/** One attempt that runs in this process. */
export class Execution {
  readonly lease: Lease;
  readonly event: JobEvent;
  readonly #run: Run;
  #abort: AbortController | undefined;
  #told: CancelledError | TimeoutError | undefined;

  constructor(run: Run, lease: Lease) {
    this.#run = run;
    this.lease = lease;
    this.event = { jobId: lease.jobId, function: run.function, attempt: lease.attempt };
  }

  /** Tells the handler to stop, by its abort signal. The first reason counts. */
  stop(reason: CancelledError | TimeoutError): void {
    if (this.#told !== undefined) return;
    this.#told = reason;
    this.#abort?.abort(reason);
  }

  /** Runs the handler to its end, whatever it is; never rejects. */
  async run(registration: Registration, maxBytes: number, listener: ExecutionListener): Promise<Outcome> {
    const startedAt = performance.now();
    const duration = (): number => performance.now() - startedAt;
    let value: unknown;
    try {
      const args = this.#args();
      listener.started(this.event);
      value = await runInContext(this.#context(), () => registration.handler(...args));
    } catch (thrown) {
      listener.failed(this.event, duration(), thrown);
      if (this.#told !== undefined) return stopped(this.lease, this.#told);
      return thrown instanceof UnreadableArgs
        ? hopeless(this.lease, thrown)
        : failed(this.lease, thrown, registration.retryIf);
    }
    // A handler that returns has done its work, also after it was told to stop.
    try {
      const outcome = complete(this.lease, checkSize(encodeResult(value), maxBytes, 'the result'));
      listener.succeeded(this.event, duration());
      return outcome;
    } catch (thrown) {
      listener.failed(this.event, duration(), thrown);
      return hopeless(this.lease, thrown);
    }
  }

  #args(): unknown[] {
    try {
      return decodeArgs(this.#run.args);
    } catch (cause) {
      throw new UnreadableArgs(cause);
    }
  }

  /** Made when somebody asks for it: most handlers never do, and it is the dearest part of an attempt. */
  #signal(): AbortSignal {
    if (this.#abort === undefined) {
      this.#abort = new AbortController();
      if (this.#told !== undefined) this.#abort.abort(this.#told);
    }
    return this.#abort.signal;
  }

  #context(): JobContext {
    return new ExecutionContext(this.#run, this.lease, () => this.#signal());
  }
}

/** A class: an object literal with a getter is made in V8's slow mode, and most of what such objects refer to survived. */
class ExecutionContext implements JobContext {
  readonly jobId: string;
  readonly function: string;
  readonly attempt: number;
  readonly maxAttempts: number;
  readonly idempotencyKey: string | undefined;
  readonly deadline: Date | undefined;
  readonly #signal: () => AbortSignal;

  constructor(run: Run, lease: Lease, signal: () => AbortSignal) {
    this.jobId = lease.jobId;
    this.function = run.function;
    this.attempt = lease.attempt;
    this.maxAttempts = run.maxAttempts;
    this.idempotencyKey = run.idempotencyKey || undefined;
    this.deadline = run.attemptDeadline;
    this.#signal = signal;
  }

  get signal(): AbortSignal {
    return this.#signal();
  }
}

/** The arguments are not what this SDK can read; no attempt would help. */
class UnreadableArgs extends ReseolioError {
  constructor(cause: unknown) {
    super('unreadable_arguments', cause instanceof Error ? cause.message : String(cause), { cause });
  }
}
