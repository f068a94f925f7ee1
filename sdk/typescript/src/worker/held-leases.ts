import type { Lease, Outcome, Step } from '../gen/reseolio/v1/worker.js';
import { PassingMap } from '../util/passing-map.js';
import type { Execution } from './execution.js';
import { leaseKey } from './outcomes.js';

/** The leases a worker holds: of handlers that run, and of outcomes the server has not acknowledged. */
export class HeldLeases {
  readonly #running = new PassingMap<string, Execution>();
  readonly #unacknowledged = new PassingMap<string, Outcome>();
  readonly #changed = new Set<() => void>();

  has(lease: Lease): boolean {
    const key = leaseKey(lease);
    return this.#running.has(key) || this.#unacknowledged.has(key);
  }

  running(): Execution[] {
    return this.#running.values();
  }

  get(lease: Lease): Execution | undefined {
    return this.#running.get(leaseKey(lease));
  }

  /** A handler starts. */
  begin(execution: Execution): void {
    this.#running.set(leaseKey(execution.lease), execution);
  }

  /** A handler is done; its outcome is kept until it is acknowledged. Returns false when the lease was lost before. */
  finish(execution: Execution, outcome: Outcome): boolean {
    const key = leaseKey(execution.lease);
    if (this.#running.get(key) !== execution) return false;
    this.#running.delete(key);
    this.#unacknowledged.set(key, outcome);
    this.#notify();
    return true;
  }

  /** Keeps the outcome of a lease that was never begun. */
  keep(lease: Lease, outcome: Outcome): void {
    this.#unacknowledged.set(leaseKey(lease), outcome);
  }

  /** The server has committed these, or has taken them away. Returns the handlers that were still running. */
  drop(leases: Lease[]): Execution[] {
    const stopped: Execution[] = [];
    for (const lease of leases) {
      const key = leaseKey(lease);
      const execution = this.#running.get(key);
      if (execution !== undefined) stopped.push(execution);
      this.#running.delete(key);
      this.#unacknowledged.delete(key);
    }
    this.#notify();
    return stopped;
  }

  /** Drops everything. Returns the handlers that were still running. */
  dropAll(): Execution[] {
    return this.drop(this.leases());
  }

  leases(): Lease[] {
    const running = this.running().map((execution) => execution.lease);
    const done = this.unacknowledged().flatMap(({ lease }) => (lease === undefined ? [] : [lease]));
    return [...running, ...done];
  }

  unacknowledged(): Outcome[] {
    return this.#unacknowledged.values();
  }

  /** Steps of running handlers that the server has not acknowledged. */
  unacknowledgedSteps(): Step[] {
    return this.running().flatMap((execution) => execution.unacknowledgedSteps());
  }

  /** Whether this outcome still waits for its acknowledgement. */
  isWaiting({ lease }: Outcome): boolean {
    return lease !== undefined && this.#unacknowledged.has(leaseKey(lease));
  }

  /** Resolves when no handler runs. */
  quiet(): Promise<void> {
    return this.#until(() => this.#running.size === 0);
  }

  /** Resolves when no handler runs and every outcome is acknowledged. */
  empty(): Promise<void> {
    return this.#until(() => this.#running.size === 0 && this.#unacknowledged.size === 0);
  }

  #until(condition: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      const check = (): void => {
        if (!condition()) return;
        this.#changed.delete(check);
        resolve();
      };
      this.#changed.add(check);
      check();
    });
  }

  #notify(): void {
    for (const check of this.#changed) check();
  }
}
