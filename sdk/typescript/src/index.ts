/** Durable functions on the PostgreSQL you already have. Start at `Reseolio`. */

export type { DurableFunction } from './client/durable.js';
export { JobHandle } from './client/handle.js';
export type { AttemptDetails, AttemptError, JobDetails, Status, StepDetails } from './client/job-details.js';
export type { ReseolioOptions, TlsOptions } from './client-options.js';
export {
  CancelledError,
  JobCancelledError,
  JobFailedError,
  NonRetryableError,
  NotConnectedError,
  ReseolioError,
  ResultTimeoutError,
  RetryAfterError,
  TimeoutError,
} from './errors.js';
export type { JobEvent, ReseolioEvents, SidecarExit, SidecarLog } from './events.js';
export type { BackoffOptions, BackoffType, CallOptions, FunctionOptions, JobOptions } from './options/types.js';
export { Reseolio } from './reseolio.js';
export type { SidecarOptions } from './sidecar/options.js';
export { abortSignal, context, type JobContext } from './worker/context.js';
export { type StepContext, step } from './worker/step.js';
