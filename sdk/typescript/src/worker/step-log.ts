import type { Payload } from '../gen/reseolio/v1/common.js';
import type { Lease, Step } from '../gen/reseolio/v1/worker.js';
import type { Connection } from '../transport/connection.js';
import { toError } from '../transport/error-mapping.js';
import { pause, RetryDelay } from '../util/pause.js';
import type { Outbox } from './outbox.js';

/** How long one call may take. */
const CALL_MS = 10_000;

/** Failures that pass. */
const PASSING = new Set(['not_connected', 'outcome_unknown', 'shutting_down', 'storage_unavailable', 'overloaded']);

/** Where executions record their steps, and read those that executions before them have recorded. */
export class StepLog {
  readonly #connection: Connection;
  readonly #outbox: Outbox;
  readonly #session: () => string;

  constructor(connection: Connection, outbox: Outbox, session: () => string) {
    this.#connection = connection;
    this.#outbox = outbox;
    this.#session = session;
  }

  /** Reports a finished step. */
  record(step: Step): void {
    this.#outbox.addStep(step);
  }

  /**
   * Resolves with the results of the recorded steps of the lease's job, by key. Goes on asking through failures that pass,
   * as long as `isWanted` says so.
   */
  async read(lease: Lease, isWanted: () => boolean): Promise<Map<string, Payload | undefined>> {
    const recorded = new Map<string, Payload | undefined>();
    const delay = new RetryDelay();
    let after = '';
    do {
      try {
        const page = await this.#page(lease, after);
        for (const { key, result } of page.steps) recorded.set(key, result);
        after = page.nextAfter;
        if (after === '') return recorded;
      } catch (thrown) {
        const error = toError(thrown);
        if (!PASSING.has(error.code)) throw error;
        await pause(delay.next());
      }
    } while (isWanted());
    return recorded;
  }

  async #page(lease: Lease, after: string) {
    const deadline = Date.now() + CALL_MS;
    const transport = await this.#connection.ready(deadline);
    return transport.listSteps({ session: this.#session(), lease, after }, deadline);
  }
}
