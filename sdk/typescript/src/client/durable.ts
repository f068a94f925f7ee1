import type { CallOptions } from '../options/types.js';
import type { JobHandle } from './handle.js';

/** A durable function: call it like the handler, and the call runs to completion. */
export interface DurableFunction<A extends unknown[], R> {
  /**
   * Creates a job. Resolves once it is committed. A last argument beyond those the handler declares, a plain object
   * with no keys but those of CallOptions, is taken as options.
   *
   * @throws ReseolioError `invalid_argument`, `payload_too_large`, `storage_unavailable`, `outcome_unknown`, …;
   * NotConnectedError when nothing was sent.
   */
  (...args: A | [...A, CallOptions]): Promise<JobHandle<R>>;
  /** The same with options, where every argument is an argument. */
  with(options: CallOptions): (...args: A) => Promise<JobHandle<R>>;
  /** The registered name. */
  readonly functionName: string;
}
