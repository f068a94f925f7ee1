import { randomUUID } from 'node:crypto';
import { invalid } from '../errors.js';
import { checkStepName } from '../names.js';
import { show } from '../options/check.js';
import { running } from './context.js';

/** What the body of a step may know about it. */
export interface StepContext {
  /** Unique within the job: the name, and from its second occurrence on `#` and the number, e.g. `charge#2`. */
  readonly key: string;
  /** `<jobId>/<key>`: the same in every execution of the job. For effects that must not happen twice. */
  readonly idempotencyKey: string;
}

/** What a step does. */
export type StepBody<T> = (step: StepContext) => T | Promise<T>;

/**
 * Does a part of the job that is running here, once: resolves with what `body` returned when that is committed, and in
 * the executions that follow it resolves with the same without calling `body`.
 *
 * The value is what the recorded JSON reads as, in the first execution too; `undefined` stays `undefined`. What `body`
 * throws is not recorded: the step rejects with it, and the next execution calls `body` again. A body runs at least
 * once: give `idempotencyKey` to what it calls. Several steps may be under way at once; a step inside the body of another
 * is refused.
 *
 * Outside a handler it calls `body` and resolves with what that returned, under an `idempotencyKey` of its own.
 *
 * @param name 1 to 255 characters, no control characters, no `#`. Occurrences of a name are told apart by their order.
 * @throws CancelledError or TimeoutError as soon as the handler should stop, whether `body` runs or not. ReseolioError
 * `invalid_argument` for a bad name, and for a result that is not JSON; `payload_too_large`: both results make the job
 * dead. `nested_step`; `outside_job` when the handler has ended; `lease_lost`, `unimplemented`, … when what was recorded
 * cannot be read.
 */
export function step<T>(name: string, body: StepBody<T>): Promise<T> {
  // Not async: the promise must be the one that Steps knows.
  try {
    checkStepName(name);
    if (typeof body !== 'function') throw invalid('body', `step("${name}") expects a function, got ${show(body)}`);
    return running()?.step(name, body) ?? alone(name, body);
  } catch (error) {
    return Promise.reject(error);
  }
}

async function alone<T>(name: string, body: StepBody<T>): Promise<T> {
  return body({ key: name, idempotencyKey: `${randomUUID()}/${name}` });
}
