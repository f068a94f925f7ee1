import { invalid } from '../errors.js';
import { type Backoff, BackoffType as WireType } from '../gen/reseolio/v1/common.js';
import { toDuration } from '../util/duration.js';
import { checkKeys, checkMs, checkNumber, show, YEAR_MS } from './check.js';
import type { BackoffOptions, BackoffType, JobOptions } from './types.js';

const WORDS: Record<BackoffType, WireType> = {
  exponential: WireType.EXPONENTIAL,
  linear: WireType.LINEAR,
  fixed: WireType.FIXED,
};
const KEYS = ['type', 'initial', 'factor', 'max', 'jitter'];

/** The backoff of `options`, whichever way it was spelled; validated. */
export function readBackoff(options: JobOptions): BackoffOptions {
  const backoff: BackoffOptions = {};
  const given = options.backoff;
  if (typeof given === 'string') backoff.type = checkType(given);
  else if (given !== undefined) readObject(given, backoff);
  take(backoff, 'initial', 'initialDelayMs', options.initialDelayMs);
  take(backoff, 'max', 'maxDelayMs', options.maxDelayMs);
  take(backoff, 'jitter', 'jitter', options.jitter);
  return backoff;
}

/** Throws when the longest delay is shorter than the first one. Call it once function and call options are merged. */
export function checkOrder(backoff: BackoffOptions): void {
  if (backoff.initial !== undefined && backoff.max !== undefined && backoff.max < backoff.initial) {
    const message = `the longest delay must be at least the initial one (${backoff.initial} ms), got ${backoff.max} ms`;
    throw invalid('maxDelayMs', `${message}; raise maxDelayMs or lower initialDelayMs`);
  }
}

/** The backoff as the contract spells it; `undefined` when nothing was set. */
export function toWireBackoff(backoff: BackoffOptions): Backoff | undefined {
  if (Object.keys(backoff).length === 0) return undefined;
  return {
    type: backoff.type === undefined ? WireType.UNSPECIFIED : WORDS[backoff.type],
    initial: backoff.initial === undefined ? undefined : toDuration(backoff.initial),
    factor: backoff.factor,
    max: backoff.max === undefined ? undefined : toDuration(backoff.max),
    jitter: backoff.jitter,
  };
}

function readObject(given: BackoffOptions, backoff: BackoffOptions): void {
  checkKeys(given, KEYS, 'backoff');
  if (given.type !== undefined) backoff.type = checkType(given.type);
  take(backoff, 'initial', 'backoff.initial', given.initial);
  if (given.factor !== undefined) backoff.factor = checkNumber(given.factor, 'backoff.factor', 1, 100);
  take(backoff, 'max', 'backoff.max', given.max);
  take(backoff, 'jitter', 'backoff.jitter', given.jitter);
}

function take(backoff: BackoffOptions, key: 'initial' | 'max' | 'jitter', field: string, value: unknown): void {
  if (value === undefined) return;
  if (backoff[key] !== undefined) {
    throw invalid(field, `${field} and backoff.${key} say the same thing; give only one of them`);
  }
  backoff[key] = key === 'jitter' ? checkNumber(value, field, 0, 1) : checkMs(value, field, 1, YEAR_MS);
}

function checkType(value: string): BackoffType {
  if (!Object.hasOwn(WORDS, value)) {
    throw invalid('backoff', `backoff expects 'exponential', 'linear', 'fixed' or an object, got ${show(value)}`);
  }
  return value as BackoffType;
}
