/**
 * Base of every error this package creates.
 *
 * `code` is stable and made to branch on. Errors that come from the server carry its reason: `invalid_argument`,
 * `unauthenticated`, `permission_denied`, `payload_too_large`, `job_not_found`, `storage_unavailable`, `outcome_unknown`, `overloaded`, `shutting_down`,
 * `internal`, …
 */
export class ReseolioError extends Error {
  /** Stable reason. */
  readonly code: string;
  /** Name of the field or option at fault, when there is one in particular. */
  readonly field: string | undefined;

  constructor(code: string, message: string, options?: { cause?: unknown; field?: string | undefined }) {
    super(message, options?.cause === undefined ? undefined : { cause: options.cause });
    this.name = new.target.name;
    this.code = code;
    this.field = options?.field;
  }
}

/** Thrown by a handler: the job is dead at once, whatever attempts are left. */
export class NonRetryableError extends ReseolioError {
  constructor(message: string, options?: { cause?: unknown }) {
    super('non_retryable', message, options);
  }
}

/** Thrown by a handler: the next attempt starts after `delayMs` instead of after the backoff. */
export class RetryAfterError extends ReseolioError {
  /** Milliseconds until the next attempt, 0 or more. */
  readonly delayMs: number;

  constructor(delayMs: number, message = `retry after ${delayMs} ms`, options?: { cause?: unknown }) {
    if (!Number.isFinite(delayMs) || delayMs < 0) {
      throw invalid('delayMs', `RetryAfterError expects a delay of 0 ms or more, got ${String(delayMs)}`);
    }
    super('retry_after', message, options);
    this.delayMs = delayMs;
  }
}

/** The reason of a handler's abort signal when its job was cancelled, or when its lease went to another worker. */
export class CancelledError extends ReseolioError {
  constructor(message = 'the job was cancelled') {
    super('cancelled', message);
  }
}

/** The reason of a handler's abort signal when the time of its attempt, or of its job, is over. */
export class TimeoutError extends ReseolioError {
  constructor(message = "the attempt's time is over") {
    super('timeout', message);
  }
}

/** `handle.result()`: the job is dead. The message is the last attempt's. */
export class JobFailedError extends ReseolioError {
  readonly jobId: string;
  /** Number of the last execution. */
  readonly attempts: number;
  /** Class or code of the last attempt's error, e.g. `TypeError` or `Timeout`. */
  readonly type: string;
  /** Stack of the last attempt's error as the worker reported it; empty when there was none. */
  readonly remoteStack: string;

  constructor(job: { jobId: string; attempts: number; type: string; message: string; stack?: string }) {
    super('job_failed', job.message);
    this.jobId = job.jobId;
    this.attempts = job.attempts;
    this.type = job.type;
    this.remoteStack = job.stack ?? '';
  }
}

/** `handle.result()`: the job was cancelled. */
export class JobCancelledError extends ReseolioError {
  readonly jobId: string;

  constructor(jobId: string) {
    super('job_cancelled', `job ${jobId} was cancelled`);
    this.jobId = jobId;
  }
}

/** `handle.result({ timeoutMs })`: the job had not finished in time. The job goes on; ask again later. */
export class ResultTimeoutError extends ReseolioError {
  readonly jobId: string;
  readonly timeoutMs: number;

  constructor(jobId: string, timeoutMs: number) {
    super('result_timeout', `job ${jobId} had not finished after ${timeoutMs} ms; it goes on, ask again later`);
    this.jobId = jobId;
    this.timeoutMs = timeoutMs;
  }
}

/** Nothing was sent: the client is not started, is stopped, or could not reach a sidecar in time. Safe to try again. */
export class NotConnectedError extends ReseolioError {
  constructor(message: string, options?: { cause?: unknown }) {
    super('not_connected', message, options);
  }
}

/**
 * There is no such job.
 * @internal
 */
export function noJob(jobId: string): ReseolioError {
  return new ReseolioError(
    'job_not_found',
    `there is no job ${jobId}: it never existed, its retention is over, or a failover of the database lost it`,
  );
}

/** An error of code `invalid_argument` about one option or argument. */
export function invalid(field: string, message: string): ReseolioError {
  return new ReseolioError('invalid_argument', message, { field });
}

/** The message of anything thrown. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
