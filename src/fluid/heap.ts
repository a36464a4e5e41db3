/**
 * A 4-ary heap of items [0, n) by a key each, smallest first, ties by item number, so that the order is the same
 * everywhere. An item is in it at most once; its key may go up or down. O(log n) an operation, no allocation.
 */
export class ItemHeap {
  readonly key: Float64Array;
  readonly #heap: Int32Array;
  /** Position of each item, -1 when it is not in the heap. */
  readonly #at: Int32Array;
  size = 0;

  constructor(items: number) {
    this.key = new Float64Array(items);
    this.#heap = new Int32Array(items);
    this.#at = new Int32Array(items).fill(-1);
  }

  /** The item with the smallest key; only while size > 0. */
  get top(): number {
    return this.#heap[0]!;
  }

  has(item: number): boolean {
    return this.#at[item]! >= 0;
  }

  /** Puts an item in, or moves it to another key. */
  set(item: number, key: number): void {
    let at = this.#at[item]!;
    this.key[item] = key;
    if (at < 0) at = this.size++;
    if (!this.#rise(item, key, at)) this.#sink(item, key, this.#at[item]!);
  }

  remove(item: number): void {
    const at = this.#at[item]!;
    if (at < 0) return;
    this.#at[item] = -1;
    const last = this.#heap[--this.size]!;
    if (last === item) return;
    const key = this.key[last]!;
    if (!this.#rise(last, key, at)) this.#sink(last, key, this.#at[last]!);
  }

  clear(): void {
    for (let i = 0; i < this.size; i++) this.#at[this.#heap[i]!] = -1;
    this.size = 0;
  }

  /** True when the item moved. */
  #rise(item: number, key: number, from: number): boolean {
    const heap = this.#heap;
    let at = from;
    while (at > 0) {
      const parent = (at - 1) >> 2;
      const other = heap[parent]!;
      const otherKey = this.key[other]!;
      if (otherKey < key || (otherKey === key && other < item)) break;
      heap[at] = other;
      this.#at[other] = at;
      at = parent;
    }
    heap[at] = item;
    this.#at[item] = at;
    return at !== from;
  }

  #sink(item: number, key: number, from: number): void {
    const heap = this.#heap;
    let at = from;
    for (;;) {
      const first = 4 * at + 1;
      if (first >= this.size) break;
      const end = Math.min(first + 4, this.size);
      let child = first;
      let best = heap[first]!;
      let bestKey = this.key[best]!;
      for (let c = first + 1; c < end; c++) {
        const other = heap[c]!;
        const otherKey = this.key[other]!;
        if (otherKey < bestKey || (otherKey === bestKey && other < best)) {
          child = c;
          best = other;
          bestKey = otherKey;
        }
      }
      if (bestKey > key || (bestKey === key && best > item)) break;
      heap[at] = best;
      this.#at[best] = at;
      at = child;
    }
    heap[at] = item;
    this.#at[item] = at;
  }
}
