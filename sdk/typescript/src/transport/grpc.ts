import {
  Channel,
  type ClientDuplexStream,
  connectivityState,
  credentials,
  type Metadata,
  type ServiceError,
} from '@grpc/grpc-js';
import { NotConnectedError } from '../errors.js';
import {
  type CancelResponse,
  type EnqueueRequest,
  type EnqueueResult,
  type GetResponse,
  JobServiceClient,
  type RetryResponse,
  type WatchResultsRequest,
  type WatchResultsResponse,
} from '../gen/reseolio/v1/jobs.js';
import {
  type ListStepsRequest,
  type ListStepsResponse,
  WorkerServiceClient,
  type WorkRequest,
  type WorkResponse,
} from '../gen/reseolio/v1/worker.js';
import { type Access, callMetadata, channelCredentials } from './access.js';
import { channelOptions } from './channel-options.js';
import { EnqueueStream } from './enqueue-stream.js';
import { toError } from './error-mapping.js';
import type { Connect, MessageStream, StreamListener, Transport } from './transport.js';

/** Connects over gRPC with this token and encryption. */
export function connectGrpc(access: Access): Connect {
  return (address, deadline) => connect(access, address, deadline);
}

async function connect(access: Access, address: string, deadline: number): Promise<Transport> {
  const channel = new Channel(address, channelCredentials(access, address), channelOptions(address));
  try {
    await becomeReady(channel, address, deadline);
  } catch (error) {
    channel.close();
    throw error;
  }
  return new GrpcTransport(channel, address, callMetadata(access));
}

class GrpcTransport implements Transport {
  readonly address: string;
  readonly lost: Promise<void>;
  readonly #channel: Channel;
  readonly #jobs: JobServiceClient;
  readonly #workers: WorkerServiceClient;
  readonly #enqueues = new EnqueueStream((listener) => open(() => this.#jobs.enqueueStream(this.#headers), listener));
  readonly #headers: Metadata;
  #closed = false;

  constructor(channel: Channel, address: string, headers: Metadata) {
    this.#headers = headers;
    const options = { channelOverride: channel };
    this.address = address;
    this.#channel = channel;
    this.#jobs = new JobServiceClient(address, credentials.createInsecure(), options);
    this.#workers = new WorkerServiceClient(address, credentials.createInsecure(), options);
    this.lost = new Promise((resolve) => {
      channel.watchConnectivityState(connectivityState.READY, Number.POSITIVE_INFINITY, () => resolve());
    });
  }

  enqueue(jobs: EnqueueRequest[], deadline: number): Promise<EnqueueResult[]> {
    return this.#enqueues.enqueue(jobs, deadline);
  }

  get(jobId: string, deadline: number): Promise<GetResponse> {
    return unary((done) => this.#jobs.get({ jobId }, this.#headers, { deadline }, done));
  }

  cancel(jobId: string, deadline: number): Promise<CancelResponse> {
    return unary((done) => this.#jobs.cancel({ jobId }, this.#headers, { deadline }, done));
  }

  retry(jobId: string, deadline: number): Promise<RetryResponse> {
    return unary((done) => this.#jobs.retry({ jobId }, this.#headers, { deadline }, done));
  }

  watchResults(listener: StreamListener<WatchResultsResponse>): MessageStream<WatchResultsRequest> {
    return open(() => this.#jobs.watchResults(this.#headers), listener);
  }

  listSteps(request: ListStepsRequest, deadline: number): Promise<ListStepsResponse> {
    return unary((done) => this.#workers.listSteps(request, this.#headers, { deadline }, done));
  }

  work(listener: StreamListener<WorkResponse>): MessageStream<WorkRequest> {
    return open(() => this.#workers.work(this.#headers), listener);
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#enqueues.close();
    this.#channel.close();
  }
}

/** Turns a callback of grpc-js into a promise with typed errors. */
function unary<T>(call: (done: (error: ServiceError | null, response: T) => void) => unknown): Promise<T> {
  return new Promise((resolve, reject) => {
    try {
      call((error, response) => (error === null ? resolve(response) : reject(toError(error))));
    } catch (error) {
      reject(toError(error));
    }
  });
}

function open<Out, In>(start: () => ClientDuplexStream<Out, In>, listener: StreamListener<In>): MessageStream<Out> {
  let ended = false;
  const finish = (error?: Error): void => {
    if (ended) return;
    ended = true;
    listener.onEnd(error);
  };
  let stream: ClientDuplexStream<Out, In>;
  try {
    stream = start();
  } catch (error) {
    setImmediate(() => finish(toError(error)));
    return { send: () => {}, end: () => {}, cancel: () => {} };
  }
  stream.on('data', (message: In) => listener.onMessage(message));
  stream.on('error', (error) => finish(toError(error)));
  stream.on('end', () => finish());
  return {
    send: (message) => {
      if (!ended && !stream.writableEnded) stream.write(message);
    },
    end: () => stream.end(),
    cancel: () => stream.cancel(),
  };
}

/** Waits until the channel is connected. */
function becomeReady(channel: Channel, address: string, deadline: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const check = (): void => {
      const state = channel.getConnectivityState(true);
      if (state === connectivityState.READY) return resolve();
      if (state === connectivityState.TRANSIENT_FAILURE) {
        return reject(new NotConnectedError(`nothing answers at ${address}`));
      }
      channel.watchConnectivityState(state, deadline, (error) => {
        if (error) reject(new NotConnectedError(`no connection to ${address} in time`));
        else check();
      });
    };
    check();
  });
}
