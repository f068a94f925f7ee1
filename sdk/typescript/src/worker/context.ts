import { AsyncLocalStorage } from 'node:async_hooks';
import { ReseolioError } from '../errors.js';
import type { StepBody } from './step.js';

/** What a running handler may know about its job. */
export interface JobContext {
  readonly jobId: string;
  /** Name of the function. */
  readonly function: string;
  /** Number of this execution, from 1. */
  readonly attempt: number;
  /** Failed attempts after which the job is dead. */
  readonly maxAttempts: number;
  /** The caller's key, or `undefined`. */
  readonly idempotencyKey: string | undefined;
  /** When the attempt is taken away. */
  readonly deadline: Date | undefined;
  /** Aborted with a CancelledError or a TimeoutError when the handler should stop. */
  readonly signal: AbortSignal;
}

/** What runs here: the handler of a job, or the body of one of its steps. */
export interface Running {
  readonly context: JobContext;
  readonly signal: AbortSignal;
  /** Does a step of the job, unless it is recorded. Throws, or rejects, when there can be no step now. */
  step<T>(name: string, body: StepBody<T>): Promise<T>;
}

const storage = new AsyncLocalStorage<Running>();
const never = new AbortController().signal;

/**
 * The job that is running here.
 *
 * @throws ReseolioError `outside_job` when called outside a handler.
 */
export function context(): JobContext {
  const current = storage.getStore();
  if (current === undefined) {
    throw new ReseolioError('outside_job', 'context() works inside the handler of a durable function, not outside');
  }
  return current.context;
}

/**
 * The abort signal of the job that is running here, for `fetch` and the like. Its reason is a CancelledError or a
 * TimeoutError. Outside a handler it is a signal that is never aborted.
 */
export function abortSignal(): AbortSignal {
  return storage.getStore()?.signal ?? never;
}

/** What runs here; `undefined` outside a handler. */
export function running(): Running | undefined {
  return storage.getStore();
}

/** Calls `body` so that all it does is done by `running`. */
export function runAs<T>(running: Running, body: () => T): T {
  return storage.run(running, body);
}
