import { invalid } from '../errors.js';
import { checkLength, checkName } from '../names.js';
import { readBackoff } from './backoff.js';
import { checkInteger, checkKeys, checkMs, DECADE_MS, show, YEAR_MS } from './check.js';
import type { BackoffOptions, CallOptions, FunctionOptions, JobOptions } from './types.js';

const JOB_KEYS = [
  'maxAttempts',
  'backoff',
  'initialDelayMs',
  'maxDelayMs',
  'jitter',
  'timeoutMs',
  'queue',
  'priority',
] as const satisfies (keyof JobOptions)[];

/** Names of the options of a function. */
export const FUNCTION_KEYS: readonly string[] = [...JOB_KEYS, 'retryIf'];

/** Names of the options of a call. */
export const CALL_KEYS: readonly string[] = [
  ...JOB_KEYS,
  'idempotencyKey',
  'keyTtlMs',
  'delayMs',
  'runAt',
  'deadlineMs',
  'tags',
];

/** Options after validation, with one spelling of the backoff. */
export interface CheckedOptions extends Omit<CallOptions, 'backoff' | 'initialDelayMs' | 'maxDelayMs' | 'jitter'> {
  backoff: BackoffOptions;
}

/** Validates the options of a function. */
export function checkFunctionOptions(options: FunctionOptions): CheckedOptions {
  checkKeys(options, FUNCTION_KEYS, 'the options of durable()');
  const { retryIf } = options;
  if (retryIf !== undefined && typeof retryIf !== 'function') {
    throw invalid('retryIf', `retryIf expects a function of the error, got ${show(retryIf)}`);
  }
  return checkJobOptions(options);
}

/** Validates the options of a call. */
export function checkCallOptions(options: CallOptions): CheckedOptions {
  checkKeys(options, CALL_KEYS, 'the options of a call');
  const { idempotencyKey, keyTtlMs, delayMs, runAt, deadlineMs, tags } = options;
  const checked = checkJobOptions(options);
  if (idempotencyKey !== undefined) checked.idempotencyKey = checkLength(idempotencyKey, 'idempotencyKey');
  if (keyTtlMs !== undefined) checked.keyTtlMs = checkMs(keyTtlMs, 'keyTtlMs', 1000, DECADE_MS);
  if (delayMs !== undefined) checked.delayMs = checkMs(delayMs, 'delayMs', 0, DECADE_MS);
  if (runAt !== undefined) checked.runAt = checkDate(runAt);
  if (delayMs !== undefined && runAt !== undefined) {
    throw invalid('runAt', 'delayMs and runAt both say when the job is due; give only one of them');
  }
  if (deadlineMs !== undefined) checked.deadlineMs = checkMs(deadlineMs, 'deadlineMs', 1, DECADE_MS);
  if (tags !== undefined) checked.tags = checkTags(tags);
  return checked;
}

function checkJobOptions(options: JobOptions): CheckedOptions {
  const { maxAttempts, timeoutMs, queue, priority } = options;
  const checked: CheckedOptions = { backoff: readBackoff(options) };
  if (maxAttempts !== undefined) checked.maxAttempts = checkInteger(maxAttempts, 'maxAttempts', 1, 10_000);
  if (timeoutMs !== undefined) checked.timeoutMs = checkMs(timeoutMs, 'timeoutMs', 1, YEAR_MS);
  if (queue !== undefined) checked.queue = checkName(queue, 'queue');
  if (priority !== undefined) checked.priority = checkInteger(priority, 'priority', 0, 9);
  return checked;
}

function checkDate(value: unknown): Date {
  if (!(value instanceof Date) || Number.isNaN(value.getTime())) {
    throw invalid('runAt', `runAt expects a valid Date, got ${show(value)}`);
  }
  return value;
}

function checkTags(value: unknown): string[] {
  if (!Array.isArray(value)) throw invalid('tags', `tags expects an array of strings, got ${show(value)}`);
  if (value.length > 16) throw invalid('tags', `tags expects at most 16, got ${value.length}`);
  return value.map((tag, index) => checkLength(tag, `tags[${index}]`));
}
