/** Collects what is added during one turn of the event loop and hands it over once, in order. */
export class Coalescer<T> {
  readonly #flush: (items: T[]) => void;
  #items: T[] = [];

  constructor(flush: (items: T[]) => void) {
    this.#flush = flush;
  }

  add(item: T): void {
    if (this.#items.push(item) === 1) setImmediate(() => this.#run());
  }

  #run(): void {
    const items = this.#items;
    this.#items = [];
    this.#flush(items);
  }
}
