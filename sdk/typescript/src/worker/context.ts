import { AsyncLocalStorage } from 'node:async_hooks';
import { ReseolioError } from '../errors.js';

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

const storage = new AsyncLocalStorage<JobContext>();
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
  return current;
}

/**
 * The abort signal of the job that is running here, for `fetch` and the like. Its reason is a CancelledError or a
 * TimeoutError. Outside a handler it is a signal that is never aborted.
 */
export function abortSignal(): AbortSignal {
  return storage.getStore()?.signal ?? never;
}

/** Runs `body` as a handler of the job `context` tells about. */
export function runInContext<T>(context: JobContext, body: () => T): T {
  return storage.run(context, body);
}
