import { decodeArgs, decodeResult } from '../codec/json.js';
import {
  type Attempt,
  AttemptOutcome,
  type Job,
  type JobError,
  JobStatus,
  type JobStep,
} from '../gen/reseolio/v1/common.js';
import { toMs } from '../util/duration.js';

/** Where a job stands. `succeeded`, `dead` and `cancelled` are the ends; dead and cancelled ones can be retried. */
export type Status = 'scheduled' | 'pending' | 'running' | 'waiting' | 'succeeded' | 'dead' | 'cancelled' | 'unknown';

/** What went wrong in an attempt. */
export interface AttemptError {
  /** Class or code of the error, e.g. `TypeError`, `Timeout`, `WorkerLost`. */
  type: string;
  message: string;
  /** Empty when there is none. */
  stack: string;
}

/** One finished execution of a job. */
export interface AttemptDetails {
  /** 1 for the first execution; never reused. */
  number: number;
  outcome: 'succeeded' | 'failed' | 'timed_out' | 'worker_lost' | 'node_lost' | 'released' | 'cancelled' | 'unknown';
  startedAt: Date | undefined;
  endedAt: Date | undefined;
  error: AttemptError | undefined;
  /** When the following attempt was due; `undefined`: at once, or there is none. */
  retryAt: Date | undefined;
  /** Number of the sidecar incarnation that held the lease. */
  node: number;
}

/** A finished step of a job: executions that follow do not do it again. */
export interface StepDetails {
  /** The step's name, and from its second occurrence on `#` and the number, e.g. `charge#2`. */
  key: string;
  /** Number of the execution that did it. */
  attempt: number;
  recordedAt: Date | undefined;
  /** Size of its result as JSON. */
  resultBytes: number;
}

/** A job as stored. */
export interface JobDetails {
  id: string;
  function: string;
  status: Status;
  args: unknown[];
  queue: string;
  priority: number;
  /** Number of the current or next execution; of the last one when the job is finished. */
  attempt: number;
  /** Failed attempts charged to `maxAttempts` so far. */
  failures: number;
  maxAttempts: number;
  timeoutMs: number;
  idempotencyKey: string | undefined;
  tags: string[];
  createdAt: Date | undefined;
  /** When the job is due; `undefined` unless scheduled. */
  runAt: Date | undefined;
  startedAt: Date | undefined;
  finishedAt: Date | undefined;
  /** The job must have succeeded by then; `undefined`: no limit. */
  deadline: Date | undefined;
  /** `undefined` unless succeeded. */
  result: unknown;
  /** The last error; `undefined`: no attempt has failed. */
  error: AttemptError | undefined;
  /** Finished executions, oldest first. */
  attempts: AttemptDetails[];
  /** Finished steps, oldest first; the newest 1000. */
  steps: StepDetails[];
  /** Why the job does not run now, in one sentence; `undefined`: it runs or is finished. */
  why: string | undefined;
}

const STATUSES: Partial<Record<JobStatus, Status>> = {
  [JobStatus.SCHEDULED]: 'scheduled',
  [JobStatus.PENDING]: 'pending',
  [JobStatus.RUNNING]: 'running',
  [JobStatus.WAITING]: 'waiting',
  [JobStatus.SUCCEEDED]: 'succeeded',
  [JobStatus.DEAD]: 'dead',
  [JobStatus.CANCELLED]: 'cancelled',
};

const OUTCOMES: Partial<Record<AttemptOutcome, AttemptDetails['outcome']>> = {
  [AttemptOutcome.SUCCEEDED]: 'succeeded',
  [AttemptOutcome.FAILED]: 'failed',
  [AttemptOutcome.TIMED_OUT]: 'timed_out',
  [AttemptOutcome.WORKER_LOST]: 'worker_lost',
  [AttemptOutcome.NODE_LOST]: 'node_lost',
  [AttemptOutcome.RELEASED]: 'released',
  [AttemptOutcome.CANCELLED]: 'cancelled',
};

/** The word for a status; `unknown` for one this version of the SDK has no word for. */
export function toStatus(status: JobStatus): Status {
  return STATUSES[status] ?? 'unknown';
}

/** A job of the contract in the words of this SDK. */
export function toDetails(job: Job): JobDetails {
  const status = toStatus(job.status);
  return {
    id: job.id,
    function: job.function,
    status,
    args: decodeArgs(job.args),
    queue: job.queue,
    priority: job.priority,
    attempt: job.attempt,
    failures: job.failures,
    maxAttempts: job.maxAttempts,
    timeoutMs: toMs(job.timeout),
    idempotencyKey: job.idempotencyKey || undefined,
    tags: job.tags,
    createdAt: job.createdAt,
    runAt: job.runAt,
    startedAt: job.startedAt,
    finishedAt: job.finishedAt,
    deadline: job.deadline,
    result: status === 'succeeded' ? decodeResult(job.result) : undefined,
    error: toAttemptError(job.error),
    attempts: job.attempts.map(toAttempt),
    steps: job.steps.map(toStep),
    why: job.why || undefined,
  };
}

function toAttempt(attempt: Attempt): AttemptDetails {
  const { number, startedAt, endedAt, retryAt, node } = attempt;
  const outcome = OUTCOMES[attempt.outcome] ?? 'unknown';
  return { number, outcome, startedAt, endedAt, error: toAttemptError(attempt.error), retryAt, node };
}

function toStep({ key, attempt, recordedAt, resultBytes }: JobStep): StepDetails {
  return { key, attempt, recordedAt, resultBytes: Number(resultBytes) };
}

function toAttemptError(error: JobError | undefined): AttemptError | undefined {
  return error === undefined ? undefined : { type: error.type, message: error.message, stack: error.stack };
}
