import type { Outcome, Step, WorkRequest } from '../gen/reseolio/v1/worker.js';
import { batches } from '../util/batches.js';
import { Coalescer } from '../util/coalescer.js';
import type { HeldLeases } from './held-leases.js';
import { sizeOf } from './outcomes.js';

const MAX_COUNT = 1000;
const MAX_BYTES = 1024 * 1024;

/** Reports steps and outcomes. Those of one turn of the event loop travel together, steps before outcomes. */
export class Outbox {
  readonly #held: HeldLeases;
  readonly #send: (message: WorkRequest['message']) => void;
  readonly #steps = new Coalescer<Step>((steps) => this.#sendSteps(steps));
  readonly #outcomes = new Coalescer<Outcome>((outcomes) => {
    this.#steps.flush();
    this.#sendOutcomes(outcomes);
  });

  /** `send` drops what is sent without a session: it stays held, and is sent again with the next one. */
  constructor(held: HeldLeases, send: (message: WorkRequest['message']) => void) {
    this.#held = held;
    this.#send = send;
  }

  addStep(step: Step): void {
    this.#steps.add(step);
  }

  addOutcome(outcome: Outcome): void {
    this.#outcomes.add(outcome);
  }

  /** Sends everything that is not acknowledged. */
  resend(): void {
    this.#sendSteps(this.#held.unacknowledgedSteps());
    this.#sendOutcomes(this.#held.unacknowledged());
  }

  #sendSteps(steps: Step[]): void {
    const waiting = steps.filter(({ lease }) => lease !== undefined && this.#held.has(lease));
    for (const batch of batches(waiting, MAX_COUNT, MAX_BYTES, sizeOfStep)) {
      this.#send({ $case: 'steps', value: { steps: batch } });
    }
  }

  #sendOutcomes(outcomes: Outcome[]): void {
    const waiting = outcomes.filter((outcome) => this.#held.isWaiting(outcome));
    for (const batch of batches(waiting, MAX_COUNT, MAX_BYTES, sizeOf)) {
      this.#send({ $case: 'outcomes', value: { outcomes: batch } });
    }
  }
}

/** Size of a step in bytes, roughly. */
function sizeOfStep({ key, result }: Step): number {
  return 64 + 3 * key.length + (result?.data.length ?? 0);
}
