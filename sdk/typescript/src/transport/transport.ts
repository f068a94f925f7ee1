import type {
  CancelResponse,
  EnqueueRequest,
  EnqueueResult,
  GetResponse,
  RetryResponse,
  WatchResultsRequest,
  WatchResultsResponse,
} from '../gen/reseolio/v1/jobs.js';
import type { ListStepsRequest, ListStepsResponse, WorkRequest, WorkResponse } from '../gen/reseolio/v1/worker.js';

/**
 * One connection to a sidecar, as the rest of the SDK sees it. Deadlines are `Date.now()` milliseconds. A failed call
 * rejects with a `ReseolioError`; one that lost the connection rejects with a `ConnectionLostError`.
 */
export interface Transport {
  /** Host and port, or the path of the socket, that this connection goes to. */
  readonly address: string;
  /** Resolves when the connection is gone, for whatever reason. */
  readonly lost: Promise<void>;
  /** Resolves with a result for each job, in order. */
  enqueue(jobs: EnqueueRequest[], deadline: number): Promise<EnqueueResult[]>;
  get(jobId: string, deadline: number): Promise<GetResponse>;
  cancel(jobId: string, deadline: number): Promise<CancelResponse>;
  retry(jobId: string, deadline: number): Promise<RetryResponse>;
  watchResults(listener: StreamListener<WatchResultsResponse>): MessageStream<WatchResultsRequest>;
  listSteps(request: ListStepsRequest, deadline: number): Promise<ListStepsResponse>;
  work(listener: StreamListener<WorkResponse>): MessageStream<WorkRequest>;
  /** Closes the connection. Idempotent. */
  close(): void;
}

/** The sending side of a bidirectional stream. */
export interface MessageStream<Out> {
  /** Sends a message; nothing happens when the stream has ended. */
  send(message: Out): void;
  /** Half-closes: nothing more will be sent. */
  end(): void;
  /** Ends the stream at once. */
  cancel(): void;
}

/** The receiving side of a bidirectional stream. */
export interface StreamListener<In> {
  onMessage(message: In): void;
  /** Called once. No error: the server ended the stream in order. */
  onEnd(error?: Error): void;
}

/** Opens a connection; rejects when there is none by `deadline`. */
export type Connect = (address: string, deadline: number) => Promise<Transport>;
