/**
 * A queue for each path: its flows by the service at which they end, smallest first, ties by number. All flows of a path
 * get the same rate a weight, so their order never changes while it runs. Pairing heaps (Fredman, Sedgewick, Sleator,
 * Tarjan 1986) in two arrays for all: push O(1), pop O(log n) amortised, no allocation.
 */
export class FlowQueues {
  /** Service at which each flow ends. */
  readonly end: Float64Array;
  readonly #root: Int32Array;
  readonly #child: Int32Array;
  readonly #sibling: Int32Array;

  constructor(queues: number, flows: number) {
    this.end = new Float64Array(flows);
    this.#root = new Int32Array(queues).fill(-1);
    this.#child = new Int32Array(flows);
    this.#sibling = new Int32Array(flows);
  }

  /** The flow that ends first, -1 when the queue is empty. */
  top(queue: number): number {
    return this.#root[queue]!;
  }

  push(queue: number, flow: number, end: number): void {
    this.end[flow] = end;
    this.#child[flow] = -1;
    this.#sibling[flow] = -1;
    const root = this.#root[queue]!;
    this.#root[queue] = root < 0 ? flow : this.#meld(root, flow);
  }

  pop(queue: number): void {
    let next = this.#child[this.#root[queue]!]!;
    // Children are melded in pairs from the first on; the pairs, now in a list last first, one into the other.
    let pairs = -1;
    while (next >= 0) {
      const a = next;
      const b = this.#sibling[a]!;
      if (b < 0) {
        this.#sibling[a] = pairs;
        pairs = a;
        break;
      }
      next = this.#sibling[b]!;
      const pair = this.#meld(a, b);
      this.#sibling[pair] = pairs;
      pairs = pair;
    }
    let root = pairs;
    if (root >= 0) {
      let rest = this.#sibling[root]!;
      while (rest >= 0) {
        const after = this.#sibling[rest]!;
        root = this.#meld(root, rest);
        rest = after;
      }
      this.#sibling[root] = -1;
    }
    this.#root[queue] = root;
  }

  #meld(a: number, b: number): number {
    const x = this.end[a]!;
    const y = this.end[b]!;
    const aFirst = x < y || (x === y && a < b);
    const parent = aFirst ? a : b;
    const child = aFirst ? b : a;
    this.#sibling[child] = this.#child[parent]!;
    this.#child[parent] = child;
    return parent;
  }
}
