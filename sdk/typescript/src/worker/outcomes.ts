import type { encodeResult } from '../codec/json.js';
import { CancelledError, messageOf, NonRetryableError, RetryAfterError, type TimeoutError } from '../errors.js';
import type { JobError } from '../gen/reseolio/v1/common.js';
import type { Fail, Lease, Outcome } from '../gen/reseolio/v1/worker.js';
import { toDuration } from '../util/duration.js';
import type { Registration } from './registry.js';

const MAX_MESSAGE = 8 * 1024;
const MAX_STACK = 16 * 1024;

/** Text that tells a lease from all others of a session. */
export function leaseKey(lease: Lease): string {
  return `${lease.jobId}/${lease.attempt}/${lease.token}`;
}

/** The handler returned. */
export function complete(lease: Lease, result: ReturnType<typeof encodeResult>): Outcome {
  return { lease, outcome: { $case: 'complete', value: { result } } };
}

/** The handler was not started; costs no attempt. */
export function release(lease: Lease): Outcome {
  return { lease, outcome: { $case: 'release', value: {} } };
}

/** The handler threw. */
export function failed(lease: Lease, thrown: unknown, retryIf: Registration['retryIf']): Outcome {
  const retryAfter = thrown instanceof RetryAfterError ? toDuration(thrown.delayMs) : undefined;
  const nonRetryable = thrown instanceof NonRetryableError || (retryIf !== undefined && !mayRetry(retryIf, thrown));
  return fail(lease, { error: toJobError(thrown), nonRetryable, retryAfter, cancelled: false });
}

/** The handler's work cannot be reported, and trying again would not help, e.g. a result that is not JSON. */
export function hopeless(lease: Lease, thrown: unknown): Outcome {
  return fail(lease, { error: toJobError(thrown), nonRetryable: true, retryAfter: undefined, cancelled: false });
}

/** The handler settled after it had been told to stop. */
export function stopped(lease: Lease, reason: CancelledError | TimeoutError): Outcome {
  const cancelled = reason instanceof CancelledError;
  const error = { type: cancelled ? 'Cancelled' : 'Timeout', message: reason.message, stack: '' };
  return fail(lease, { error, nonRetryable: false, retryAfter: undefined, cancelled });
}

/** Size of an outcome in bytes, roughly. */
export function sizeOf({ outcome }: Outcome): number {
  if (outcome?.$case === 'complete') return 64 + (outcome.value.result?.data.length ?? 0);
  if (outcome?.$case !== 'fail') return 64;
  return 128 + 3 * ((outcome.value.error?.message.length ?? 0) + (outcome.value.error?.stack.length ?? 0));
}

function fail(lease: Lease, value: Fail): Outcome {
  return { lease, outcome: { $case: 'fail', value } };
}

/** A `retryIf` that throws itself decides nothing: the error is retried. */
function mayRetry(retryIf: NonNullable<Registration['retryIf']>, thrown: unknown): boolean {
  try {
    return retryIf(thrown) !== false;
  } catch (error) {
    process.emitWarning(`retryIf threw (${messageOf(error)}); the attempt is retried`, 'ReseolioWarning');
    return true;
  }
}

function toJobError(thrown: unknown): JobError {
  if (!(thrown instanceof Error)) {
    return {
      type: thrown === null ? 'null' : typeof thrown,
      message: describe(thrown).slice(0, MAX_MESSAGE),
      stack: '',
    };
  }
  const type = thrown.name || thrown.constructor.name || 'Error';
  return { type, message: String(thrown.message).slice(0, MAX_MESSAGE), stack: stackOf(thrown).slice(0, MAX_STACK) };
}

function describe(thrown: unknown): string {
  try {
    return typeof thrown === 'object' ? JSON.stringify(thrown) : String(thrown);
  } catch {
    return String(thrown);
  }
}

/** The stack, followed by those of the causes, as far as they fit. */
function stackOf(error: Error): string {
  let text = String(error.stack ?? '');
  let { cause } = error;
  while (cause instanceof Error && text.length < MAX_STACK) {
    text += `\ncaused by: ${cause.stack ?? cause.message}`;
    cause = cause.cause;
  }
  return text;
}
