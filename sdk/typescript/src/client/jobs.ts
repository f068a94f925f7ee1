import { noJob } from '../errors.js';
import type { EnqueueRequest, JobResult } from '../gen/reseolio/v1/jobs.js';
import type { Connection } from '../transport/connection.js';
import { ConnectionLostError } from '../transport/connection-lost.js';
import { toError } from '../transport/error-mapping.js';
import type { Transport } from '../transport/transport.js';
import { pause, RetryDelay } from '../util/pause.js';
import { Enqueuer } from './enqueuer.js';
import { type JobDetails, type Status, toDetails, toStatus } from './job-details.js';
import { ResultWatcher } from './result-watcher.js';

/** Everything a handle or a function asks of the sidecar about jobs. */
export interface Jobs {
  enqueue(request: EnqueueRequest): Promise<string>;
  result(jobId: string, timeoutMs?: number): Promise<JobResult>;
  details(jobId: string): Promise<JobDetails>;
  status(jobId: string): Promise<Status>;
  cancel(jobId: string): Promise<boolean>;
  retry(jobId: string): Promise<boolean>;
}

/** Jobs over one connection. */
export class ConnectedJobs implements Jobs {
  readonly #connection: Connection;
  readonly #timeoutMs: number;
  readonly #enqueuer: Enqueuer;
  readonly #watcher: ResultWatcher;

  constructor(connection: Connection, timeoutMs: number) {
    this.#connection = connection;
    this.#timeoutMs = timeoutMs;
    this.#enqueuer = new Enqueuer(connection, timeoutMs);
    this.#watcher = new ResultWatcher(connection);
  }

  enqueue(request: EnqueueRequest): Promise<string> {
    return this.#enqueuer.enqueue(request);
  }

  result(jobId: string, timeoutMs?: number): Promise<JobResult> {
    return this.#watcher.wait(jobId, timeoutMs);
  }

  async details(jobId: string): Promise<JobDetails> {
    return toDetails(await this.#get(jobId));
  }

  async status(jobId: string): Promise<Status> {
    return toStatus((await this.#get(jobId)).status);
  }

  async cancel(jobId: string): Promise<boolean> {
    return (await this.#call((transport, deadline) => transport.cancel(jobId, deadline), true)).accepted;
  }

  async retry(jobId: string): Promise<boolean> {
    return (await this.#call((transport, deadline) => transport.retry(jobId, deadline), false)).accepted;
  }

  /** Rejects every wait for a result. */
  close(): void {
    this.#watcher.close();
  }

  async #get(jobId: string) {
    const { job } = await this.#call((transport, deadline) => transport.get(jobId, deadline), true);
    if (job === undefined) throw noJob(jobId);
    return job;
  }

  /** One call within the timeout; made again after a lost connection when it was not sent, or is `repeatable`. */
  async #call<T>(call: (transport: Transport, deadline: number) => Promise<T>, repeatable: boolean): Promise<T> {
    const deadline = Date.now() + this.#timeoutMs;
    const delay = new RetryDelay();
    for (;;) {
      try {
        return await call(await this.#connection.ready(deadline), deadline);
      } catch (thrown) {
        const error = toError(thrown);
        const lost = error instanceof ConnectionLostError && (repeatable || !error.maybeSent);
        if (!(lost || error.code === 'shutting_down') || Date.now() >= deadline) throw error;
      }
      await pause(delay.next());
    }
  }
}
