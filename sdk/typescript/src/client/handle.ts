import { decodeResult } from '../codec/json.js';
import { JobCancelledError, JobFailedError } from '../errors.js';
import { JobStatus } from '../gen/reseolio/v1/common.js';
import type { JobResult } from '../gen/reseolio/v1/jobs.js';
import { checkMs } from '../options/check.js';
import type { JobDetails, Status } from './job-details.js';
import type { Jobs } from './jobs.js';

/** Longest time a timer of Node can take, about 24 days. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** One job, from any process that knows its id. `T` is what its handler returns. */
export class JobHandle<T = unknown> {
  /** Id of the job, a UUID. */
  readonly id: string;
  readonly #jobs: Jobs;
  #succeeded: { value: T } | undefined;

  /** @internal */
  constructor(id: string, jobs: Jobs) {
    this.id = id;
    this.#jobs = jobs;
  }

  /**
   * What the handler returned (`null` for nothing), once the job is finished. A success is remembered by the handle.
   *
   * @param options `timeoutMs`: how long to wait, 1 ms to 24 days; omitted: for ever.
   * @throws JobFailedError when the job is dead, JobCancelledError when it was cancelled, ResultTimeoutError when it has
   * not finished in time, NotConnectedError when the client is stopped, ReseolioError `job_not_found`.
   */
  async result(options: { timeoutMs?: number } = {}): Promise<T> {
    const { timeoutMs } = options;
    if (timeoutMs !== undefined) checkMs(timeoutMs, 'timeoutMs', 1, MAX_TIMER_MS);
    if (this.#succeeded === undefined) {
      const end = await this.#jobs.result(this.id, timeoutMs);
      this.#succeeded = { value: endValue(end) as T };
    }
    return this.#succeeded.value;
  }

  /** Where the job stands now. */
  status(): Promise<Status> {
    return this.#jobs.status(this.id);
  }

  /** Everything stored about the job: arguments, options, attempts with errors and times, result. */
  details(): Promise<JobDetails> {
    return this.#jobs.details(this.id);
  }

  /**
   * Cancels a job that waits; asks the worker of one that runs to stop.
   *
   * @returns false when the job was finished already.
   */
  cancel(): Promise<boolean> {
    return this.#jobs.cancel(this.id);
  }

  /**
   * Gives a dead or cancelled job a new round of attempts under the same id.
   *
   * @returns false when it was neither dead nor cancelled.
   */
  retry(): Promise<boolean> {
    return this.#jobs.retry(this.id);
  }
}

/** The value of a success; throws for every other end. */
function endValue(end: JobResult): unknown {
  if (end.status === JobStatus.SUCCEEDED) return decodeResult(end.result);
  if (end.status === JobStatus.CANCELLED) throw new JobCancelledError(end.jobId);
  const { type = 'Error', message = 'the job is dead', stack = '' } = end.error ?? {};
  throw new JobFailedError({ jobId: end.jobId, attempts: end.attempt, type, message, stack });
}
