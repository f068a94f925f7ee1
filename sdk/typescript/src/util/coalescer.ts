/** Collects what is added during one turn of the event loop and hands it over once, in order. */
export class Coalescer<T> {
  readonly #flush: (items: T[]) => void;
  #items: T[] = [];

  constructor(flush: (items: T[]) => void) {
    this.#flush = flush;
  }

  add(item: T): void {
    if (this.#items.push(item) === 1) setImmediate(() => this.flush());
  }

  /** Hands over now what was collected, if anything was. */
  flush(): void {
    const items = this.#items;
    if (items.length === 0) return;
    this.#items = [];
    this.#flush(items);
  }
}
