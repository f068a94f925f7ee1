/** How the delay between attempts grows: `initial·factor^(attempt−1)`, `initial·attempt`, or always `initial`. */
export type BackoffType = 'exponential' | 'linear' | 'fixed';

/** The delay before the next attempt: capped by `max`, then varied by up to ±`jitter`. Milliseconds. */
export interface BackoffOptions {
  /** Default `exponential`. */
  type?: BackoffType;
  /** Delay before the second attempt in ms, 1 to 365 days. Default 1000. */
  initial?: number;
  /** Growth of the exponential backoff, 1 to 100. Default 2. */
  factor?: number;
  /** Upper bound of one delay in ms, `initial` to 365 days. Default 60 000, or `initial` when that is longer. */
  max?: number;
  /** Random part of the delay, 0 (none) to 1. Default 0.1. */
  jitter?: number;
}

/** How a job is run. Given for a function, it applies to all its calls; given for a call, to that call. */
export interface JobOptions {
  /** Attempts that may fail before the job is dead, 1 to 10 000. Default 3. */
  maxAttempts?: number;
  /** A word, or the whole formula. Default `exponential`. */
  backoff?: BackoffType | BackoffOptions;
  /** Delay before the second attempt in ms, 1 to 365 days. Default 1000. */
  initialDelayMs?: number;
  /** Upper bound of one delay in ms, `initialDelayMs` to 365 days. Default 60 000. */
  maxDelayMs?: number;
  /** Random part of the delay, 0 (none) to 1. Default 0.1. */
  jitter?: number;
  /** Time one attempt may take in ms, 1 to 365 days; enforced by the sidecar even if the worker hangs. Default 30 000. */
  timeoutMs?: number;
  /** Lane the job waits in, 1 to 255 characters. Default `default`. */
  queue?: string;
  /** 0 (runs first) to 9 (runs last). Default 5. */
  priority?: number;
}

/** Options of a function. */
export interface FunctionOptions extends JobOptions {
  /** Asked about every error the handler throws; `false` makes the job dead at once. Default: every error is retried. */
  retryIf?: (error: unknown) => boolean;
}

/** Options of one call. */
export interface CallOptions extends JobOptions {
  /** Unique per function while it lives, 1 to 255 characters; the same key returns the existing job. Default: none. */
  idempotencyKey?: string;
  /** How long the key is remembered in ms, 1 s to 3650 days. Default 7 days. */
  keyTtlMs?: number;
  /** When the job is due, from now, in ms, 0 to 3650 days. Default: at once. Not together with `runAt`. */
  delayMs?: number;
  /** When the job is due. A time in the past means now. Default: now. */
  runAt?: Date;
  /** Time from now in which the job must succeed, all attempts together, in ms, 1 or more. Default: no limit. */
  deadlineMs?: number;
  /** For filters and for people; at most 16, each 1 to 255 characters. Default: none. */
  tags?: string[];
}
