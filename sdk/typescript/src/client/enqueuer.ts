import { NotConnectedError, ReseolioError } from '../errors.js';
import type { EnqueueRequest, EnqueueResult } from '../gen/reseolio/v1/jobs.js';
import type { Connection } from '../transport/connection.js';
import { ConnectionLostError } from '../transport/connection-lost.js';
import { fromDetail, toError } from '../transport/error-mapping.js';
import { batches } from '../util/batches.js';
import { Coalescer } from '../util/coalescer.js';
import { pause, RetryDelay } from '../util/pause.js';

const MAX_COUNT = 1000;
const MAX_BYTES = 1024 * 1024;
/** A message may have 16 MiB; the rest is for what goes around the arguments. */
const MAX_ARGS_BYTES = 16 * 1024 * 1024 - 64 * 1024;
/** What a request weighs beside its arguments, roughly. */
const OVERHEAD_BYTES = 256;

interface Pending {
  request: EnqueueRequest;
  deadline: number;
  resolve(jobId: string): void;
  reject(error: Error): void;
}

/**
 * Sends enqueues. Those of one turn of the event loop travel together, each settles for itself. Every one is committed
 * or rejected within the timeout; it is sent a second time only when the first was surely not carried out, or when an
 * idempotency key makes that harmless.
 */
export class Enqueuer {
  readonly #connection: Connection;
  readonly #timeoutMs: number;
  readonly #coalescer = new Coalescer<Pending>((calls) => {
    for (const batch of batches(calls, MAX_COUNT, MAX_BYTES, sizeOf)) void this.#deliver(batch);
  });

  constructor(connection: Connection, timeoutMs: number) {
    this.#connection = connection;
    this.#timeoutMs = timeoutMs;
  }

  /** Resolves with the job's id once the database has committed it. */
  enqueue(request: EnqueueRequest): Promise<string> {
    const size = request.args?.data.length ?? 0;
    if (size > MAX_ARGS_BYTES) return Promise.reject(tooLarge(size));
    return new Promise((resolve, reject) => {
      this.#coalescer.add({ request, deadline: Date.now() + this.#timeoutMs, resolve, reject });
    });
  }

  async #deliver(batch: Pending[]): Promise<void> {
    const delay = new RetryDelay();
    let left = batch;
    while (left.length > 0) {
      const deadline = Math.min(...left.map((call) => call.deadline));
      try {
        const transport = await this.#connection.ready(deadline);
        const requests = left.map((call) => call.request);
        left = settle(left, await transport.enqueue(requests, deadline));
      } catch (error) {
        left = rejectHopeless(left, toError(error), deadline);
      }
      if (left.length > 0) await pause(Math.min(delay.next(), Math.max(0, deadline - Date.now())));
    }
  }
}

/** Settles each call by its own result; returns those to send again. */
function settle(calls: Pending[], results: EnqueueResult[]): Pending[] {
  return calls.filter((call, index) => {
    const result = results[index]?.result;
    if (result?.$case === 'enqueued') call.resolve(result.value.jobId);
    else if (result === undefined) call.reject(new ReseolioError('internal', 'the sidecar left out a result'));
    else return rejectHopeless([call], fromDetail(result.value), call.deadline).length > 0;
    return false;
  });
}

/** Rejects the calls that `error` ends; returns those to send again. */
function rejectHopeless(calls: Pending[], error: ReseolioError, deadline: number): Pending[] {
  const outOfTime = Date.now() >= deadline;
  return calls.filter((call) => {
    if (!outOfTime && mayRepeat(error, call)) return true;
    call.reject(explain(error));
    return false;
  });
}

function mayRepeat(error: ReseolioError, call: Pending): boolean {
  if (error.code === 'shutting_down') return true;
  if (error instanceof ConnectionLostError && !error.maybeSent) return true;
  return error.code === 'outcome_unknown' && call.request.idempotencyKey !== '';
}

function explain(error: ReseolioError): ReseolioError {
  if (!(error instanceof ConnectionLostError)) return error;
  if (!error.maybeSent) return new NotConnectedError(`the job was not sent: ${error.message}`, { cause: error });
  return new ReseolioError(
    'outcome_unknown',
    'the sidecar did not answer before the connection or the time was over, so the job may or may not exist ' +
      `(${error.message}); give calls an idempotencyKey and the SDK repeats them safely`,
    { cause: error },
  );
}

function tooLarge(bytes: number): ReseolioError {
  return new ReseolioError(
    'payload_too_large',
    `the arguments are ${bytes} bytes as JSON, but no message takes more than ${MAX_ARGS_BYTES}; ` +
      'store the data elsewhere and pass a reference',
  );
}

function sizeOf(call: Pending): number {
  return OVERHEAD_BYTES + (call.request.args?.data.length ?? 0);
}
