import { checkSize, decodeArgs, encodeResult } from '../codec/json.js';
import { type CancelledError, ReseolioError, type TimeoutError } from '../errors.js';
import type { JobEvent } from '../events.js';
import type { Lease, Outcome, Run, Step } from '../gen/reseolio/v1/worker.js';
import { type JobContext, type Running, runAs } from './context.js';
import { HopelessError, UnreadableArgs } from './hopeless.js';
import { complete, failed, hopeless, stopped } from './outcomes.js';
import type { Registration } from './registry.js';
import type { StepBody } from './step.js';
import type { StepLog } from './step-log.js';
import { handlerEnded, Steps, tolerated } from './steps.js';

/** What an execution tells about itself. */
export interface ExecutionListener {
  started(event: JobEvent): void;
  succeeded(event: JobEvent, durationMs: number): void;
  failed(event: JobEvent, durationMs: number, error: unknown): void;
}

/** One attempt that runs in this process. */
export class Execution implements Running {
  readonly lease: Lease;
  readonly event: JobEvent;
  readonly #run: Run;
  readonly #maxBytes: number;
  readonly #stepLog: StepLog;
  #context: JobContext | undefined;
  #abort: AbortController | undefined;
  #steps: Steps | undefined;
  #told: CancelledError | TimeoutError | undefined;
  #hasEnded = false;

  /** `maxBytes`: the largest result the server takes, of a step and of the handler. */
  constructor(run: Run, lease: Lease, maxBytes: number, stepLog: StepLog) {
    this.#run = run;
    this.#maxBytes = maxBytes;
    this.#stepLog = stepLog;
    this.lease = lease;
    this.event = { jobId: lease.jobId, function: run.function, attempt: lease.attempt };
  }

  /** Tells the handler to stop, by its abort signal. The first reason counts. */
  stop(reason: CancelledError | TimeoutError): void {
    if (this.#told !== undefined) return;
    this.#told = reason;
    this.#abort?.abort(reason);
    this.#steps?.stop(reason);
  }

  /** Made when somebody asks for it, as most handlers never do. */
  get context(): JobContext {
    this.#context ??= new ExecutionContext(this.#run, this);
    return this.#context;
  }

  /** Made when somebody asks for it: most handlers never do, and it is the dearest part of an attempt. */
  get signal(): AbortSignal {
    if (this.#abort === undefined) {
      this.#abort = new AbortController();
      if (this.#told !== undefined) this.#abort.abort(this.#told);
    }
    return this.#abort.signal;
  }

  step<T>(name: string, body: StepBody<T>): Promise<T> {
    if (this.#told !== undefined) return tolerated(Promise.reject(this.#told));
    if (this.#hasEnded) throw handlerEnded();
    this.#steps ??= new Steps(this.lease, this.#maxBytes, this.#stepLog);
    return this.#steps.run(name, (step) => runAs(new StepScope(this, step.key), () => body(step)));
  }

  /** The server has committed this step. */
  stepCommitted(key: string): void {
    this.#steps?.committed(key);
  }

  /** The steps that are done and not acknowledged. */
  unacknowledgedSteps(): Step[] {
    return this.#steps?.unacknowledged() ?? [];
  }

  /** Runs the handler to its end, whatever it is; never rejects. */
  async run(registration: Registration, listener: ExecutionListener): Promise<Outcome> {
    const startedAt = performance.now();
    const duration = (): number => performance.now() - startedAt;
    let value: unknown;
    try {
      const args = this.#args();
      listener.started(this.event);
      value = await runAs(this, () => registration.handler(...args));
      this.#warnOf(this.#end());
    } catch (thrown) {
      this.#end();
      listener.failed(this.event, duration(), thrown);
      if (this.#told !== undefined) return stopped(this.lease, this.#told);
      return thrown instanceof HopelessError
        ? hopeless(this.lease, thrown)
        : failed(this.lease, thrown, registration.retryIf);
    }
    // A handler that returns has done its work, also after it was told to stop.
    try {
      const outcome = complete(this.lease, checkSize(encodeResult(value), this.#maxBytes, 'the result'));
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

  /** The handler has ended. Returns the keys of the steps it did not wait for. */
  #end(): string[] | undefined {
    this.#hasEnded = true;
    return this.#steps?.end();
  }

  #warnOf(keys: string[] = []): void {
    if (keys.length === 0) return;
    process.emitWarning(
      `a handler of "${this.#run.function}" returned before its steps "${keys.join('", "')}" had ended, so they may ` +
        'not be recorded; await every step',
      'ReseolioWarning',
    );
  }
}

/** The body of a step: belongs to the same job, but has no steps. */
class StepScope implements Running {
  readonly #execution: Execution;
  readonly #key: string;

  constructor(execution: Execution, key: string) {
    this.#execution = execution;
    this.#key = key;
  }

  get context(): JobContext {
    return this.#execution.context;
  }

  get signal(): AbortSignal {
    return this.#execution.signal;
  }

  /** When this step is recorded its body is not called, and the steps in it would no longer count as occurrences. */
  step(name: string): never {
    throw new ReseolioError(
      'nested_step',
      `step("${name}") was called inside step "${this.#key}"; call it before or after that, or its function directly`,
    );
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
  readonly #execution: Execution;

  constructor(run: Run, execution: Execution) {
    this.jobId = execution.lease.jobId;
    this.function = run.function;
    this.attempt = execution.lease.attempt;
    this.maxAttempts = run.maxAttempts;
    this.idempotencyKey = run.idempotencyKey || undefined;
    this.deadline = run.attemptDeadline;
    this.#execution = execution;
  }

  get signal(): AbortSignal {
    return this.#execution.signal;
  }
}
