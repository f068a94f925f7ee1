import type { Payload } from '../gen/reseolio/v1/common.js';
import type { EnqueueRequest } from '../gen/reseolio/v1/jobs.js';
import { toDuration } from '../util/duration.js';
import { checkOrder, toWireBackoff } from './backoff.js';
import type { CheckedOptions } from './validate.js';

/** The request of one call: the options of the function, overridden one by one by those of the call. */
export function toRequest(
  functionName: string,
  args: Payload,
  ofFunction: CheckedOptions,
  ofCall?: CheckedOptions,
): EnqueueRequest {
  const options = ofCall === undefined ? ofFunction : merge(ofFunction, ofCall);
  return {
    function: functionName,
    args,
    options: toWireOptions(options),
    idempotencyKey: options.idempotencyKey ?? '',
    keyTtl: options.keyTtlMs === undefined ? undefined : toDuration(options.keyTtlMs),
    due: toDue(options),
    deadline: options.deadlineMs === undefined ? undefined : toDuration(options.deadlineMs),
    tags: options.tags ?? [],
  };
}

/** The later options win, field by field; also inside the backoff. */
export function merge(base: CheckedOptions, over: CheckedOptions): CheckedOptions {
  const merged = { ...base, ...over, backoff: { ...base.backoff, ...over.backoff } };
  checkOrder(merged.backoff);
  return merged;
}

function toWireOptions(options: CheckedOptions): EnqueueRequest['options'] {
  const { maxAttempts, timeoutMs, queue, priority } = options;
  const backoff = toWireBackoff(options.backoff);
  const timeout = timeoutMs === undefined ? undefined : toDuration(timeoutMs);
  return { maxAttempts, backoff, timeout, queue: queue ?? '', priority };
}

function toDue(options: CheckedOptions): EnqueueRequest['due'] {
  if (options.runAt !== undefined) return { $case: 'runAt', value: options.runAt };
  if (options.delayMs !== undefined) return { $case: 'delay', value: toDuration(options.delayMs) };
  return undefined;
}
