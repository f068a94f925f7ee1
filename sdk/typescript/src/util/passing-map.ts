/** So many entries are added before the map is made anew, or as many as it holds. */
const LIFE = 256;

/**
 * A map whose entries stay for a moment only.
 *
 * V8 gives a `Map` a new table when the old one is full, deleted entries included, and the old one refers to the new one.
 * So as soon as one table has been promoted to the old generation, everything that ever was in the map survives the
 * collections of young objects, until the next full collection. A map that is made anew cuts that chain.
 */
export class PassingMap<K, V> {
  #map = new Map<K, V>();
  #added = 0;

  get size(): number {
    return this.#map.size;
  }

  has(key: K): boolean {
    return this.#map.has(key);
  }

  get(key: K): V | undefined {
    return this.#map.get(key);
  }

  set(key: K, value: V): void {
    if (++this.#added > Math.max(LIFE, this.#map.size)) {
      this.#map = new Map(this.#map);
      this.#added = 1;
    }
    this.#map.set(key, value);
  }

  delete(key: K): boolean {
    return this.#map.delete(key);
  }

  /** The keys as they stand, in the order in which they were added. */
  keys(): K[] {
    return [...this.#map.keys()];
  }

  /** The values as they stand, in the same order. */
  values(): V[] {
    return [...this.#map.values()];
  }
}
