import { EventEmitter } from 'node:events';
import { messageOf, NotConnectedError } from '../errors.js';
import { pause, RetryDelay } from '../util/pause.js';
import type { Connect, Transport } from './transport.js';

/** Says where the sidecar is. Asked anew before each attempt to connect, as a restarted sidecar has a new address. */
export interface AddressSource {
  /** Resolves when there is a sidecar to connect to; never gives up. */
  address(): Promise<string>;
}

interface ConnectionEvents {
  connected: [Transport];
  lost: [];
}

/** How long one attempt to connect may take. */
const ATTEMPT_MS = 5000;

/** Keeps one connection to the sidecar: opens it, notices its loss, opens it again, for ever, until it is closed. */
export class Connection extends EventEmitter<ConnectionEvents> {
  readonly #source: AddressSource;
  readonly #connect: Connect;
  readonly #stopping = new AbortController();
  #current: Transport | undefined;
  #lastError = 'not tried yet';

  constructor(source: AddressSource, connect: Connect) {
    super();
    this.setMaxListeners(0);
    this.#source = source;
    this.#connect = connect;
  }

  /** The connection as it stands; `undefined` while there is none. */
  get current(): Transport | undefined {
    return this.#current;
  }

  /** Starts connecting, and keeps at it. */
  open(): void {
    void this.#run();
  }

  /** The open connection; waits for one until `deadline` (`Date.now()` milliseconds), then rejects. */
  ready(deadline: number): Promise<Transport> {
    if (this.#current !== undefined) return Promise.resolve(this.#current);
    if (this.#stopping.signal.aborted) return Promise.reject(stopped());
    return new Promise((resolve, reject) => {
      const settle = (): void => {
        clearTimeout(timer);
        this.off('connected', onConnected);
        this.#stopping.signal.removeEventListener('abort', onStop);
      };
      const onConnected = (transport: Transport): void => {
        settle();
        resolve(transport);
      };
      const onStop = (): void => {
        settle();
        reject(stopped());
      };
      const onTime = (): void => {
        settle();
        reject(new NotConnectedError(`no connection to a sidecar in time; last attempt: ${this.#lastError}`));
      };
      // Timers take at most 2^31 - 1 ms; whoever waits that long waits for ever.
      const timer = setTimeout(onTime, Math.min(Math.max(0, deadline - Date.now()), 2 ** 31 - 1));
      this.on('connected', onConnected);
      this.#stopping.signal.addEventListener('abort', onStop);
    });
  }

  /** Closes the connection for good; whoever waits for it is rejected. Idempotent. */
  close(): void {
    this.#stopping.abort();
    this.#current?.close();
    this.#current = undefined;
  }

  async #run(): Promise<void> {
    const delay = new RetryDelay();
    const stopping = this.#stopping.signal;
    while (!stopping.aborted) {
      try {
        const address = await this.#source.address();
        if (stopping.aborted) return;
        await this.#serve(await this.#connect(address, Date.now() + ATTEMPT_MS), delay);
      } catch (error) {
        this.#lastError = messageOf(error);
      }
      await pause(delay.next(), stopping);
    }
  }

  async #serve(transport: Transport, delay: RetryDelay): Promise<void> {
    if (this.#stopping.signal.aborted) return transport.close();
    delay.reset();
    this.#current = transport;
    this.emit('connected', transport);
    await transport.lost;
    transport.close();
    if (this.#stopping.signal.aborted) return;
    this.#current = undefined;
    this.#lastError = `the connection to ${transport.address} was lost`;
    this.emit('lost');
  }
}

function stopped(): NotConnectedError {
  return new NotConnectedError('the client is stopped');
}
