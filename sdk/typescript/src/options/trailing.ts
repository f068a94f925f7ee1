import { isPlainObject } from './check.js';
import type { CallOptions } from './types.js';
import { CALL_KEYS } from './validate.js';

/** The arguments of a call, and its options when the last argument was recognised as such. */
export interface SplitCall {
  args: unknown[];
  options?: CallOptions;
}

/**
 * Tells a trailing options object from an argument: it is a plain object, every key of it is a known option, and one
 * more argument came than the handler declares. (`declared` is `handler.length`, which does not count parameters with
 * a default value nor rest parameters: `fn.with({…})(…)` is the form for those.)
 */
export function splitTrailing(args: unknown[], declared: number): SplitCall {
  const last = args[args.length - 1];
  if (args.length !== declared + 1 || !isPlainObject(last)) return { args };
  if (!Object.keys(last).every((key) => CALL_KEYS.includes(key))) return { args };
  return { args: args.slice(0, -1), options: last };
}
