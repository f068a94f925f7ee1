/** Delays between attempts to reach something: 50 ms doubling to 2 s, each varied by ±25 %. */
export class RetryDelay {
  #next = FIRST_MS;

  /** The next delay in milliseconds. */
  next(): number {
    const base = this.#next;
    this.#next = Math.min(base * 2, LAST_MS);
    return base * (0.75 + Math.random() * 0.5);
  }

  /** Starts again at the shortest delay. */
  reset(): void {
    this.#next = FIRST_MS;
  }
}

const FIRST_MS = 50;
const LAST_MS = 2000;

/** Resolves after `ms` milliseconds, or at once when `signal` is aborted; never rejects. */
export function pause(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const done = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal?.addEventListener('abort', done);
  });
}

/** Resolves as `promise` does, or with `undefined` after `ms` milliseconds. */
export function within<T>(promise: Promise<T>, ms: number): Promise<T | undefined> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => resolve(undefined), Math.max(0, ms));
    promise.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
