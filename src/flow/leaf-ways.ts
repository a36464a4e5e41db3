import type { Fabric } from '../fabric/types.ts';
import type { NextHops } from '../routes/types.ts';

/**
 * All ways between pairs of leaves, laid out for hashing. A state is a switch where there is more than one link to choose
 * from; an edge is one of its links, and the forced ones after it. The first edge of a pair leads to its first state.
 */
export interface LeafWays {
  /**
   * By state, four words: how many edges, the first of them, what salts the hash there (see ecmpSalts), and by how much to
   * shift 32 bits so that they choose among the edges: 0 where these are not a power of two.
   */
  readonly states: Int32Array;
  /** By edge: where in `states` it leads, -1 at the leaf; its links are links[from] to links[from of the next edge]. */
  readonly next: Int32Array;
  readonly from: Int32Array;
  readonly links: Int32Array;
  /** First edge of each pair; length pairs + 1. */
  readonly start: Int32Array;
}

export class LeafWaysBuilder {
  readonly #fabric: Fabric;
  readonly #hops: NextHops;
  readonly #states: number[] = [];
  readonly #next: number[] = [];
  readonly #from: number[] = [];
  readonly #links: number[] = [];
  readonly #start: number[] = [0];
  /** States of the pair at hand by their switch (ways that part may meet again), and those whose edges are to be made. */
  readonly #stateAt = new Map<number, number>();
  readonly #waiting: { readonly state: number; readonly list: number }[] = [];

  constructor(fabric: Fabric, hops: NextHops) {
    this.#fabric = fabric;
    this.#hops = hops;
  }

  get edges(): number {
    return this.#next.length;
  }

  /** Number of a new pair of leaves; there must be a way. O(edges). */
  add(source: number, leaf: number): number {
    const { linkTo } = this.#fabric;
    const { pool } = this.#hops;
    this.#stateAt.clear();
    this.#addEdge(-1, source, leaf);
    for (let w = this.#waiting.pop(); w !== undefined; w = this.#waiting.pop()) {
      this.#states[w.state + 1] = this.#next.length;
      for (let c = 1; c <= pool[w.list]!; c++) {
        const link = pool[w.list + c]!;
        this.#addEdge(link, linkTo[link]!, leaf);
      }
    }
    return this.#start.push(this.#next.length) - 2;
  }

  /** The edge of a link (-1: none) to `node`, with the forced links from there on. */
  #addEdge(link: number, node: number, leaf: number): void {
    const { pool } = this.#hops;
    this.#from.push(this.#links.length);
    if (link >= 0) this.#links.push(link);
    let at = node;
    let list = at === leaf ? 0 : this.#hops.list(at, leaf);
    while (pool[list] === 1) {
      const forced = pool[list + 1]!;
      this.#links.push(forced);
      at = this.#fabric.linkTo[forced]!;
      list = at === leaf ? 0 : this.#hops.list(at, leaf);
    }
    this.#next.push(list === 0 ? -1 : this.#stateOf(at, list));
  }

  #stateOf(node: number, list: number): number {
    const known = this.#stateAt.get(node);
    if (known !== undefined) return known;
    const { linkDirection, tier } = this.#fabric;
    const { pool } = this.#hops;
    const state = this.#states.length;
    const salt = 2 * tier[node]! + (linkDirection[pool[list + 1]!] === 1 ? 0 : 1);
    const n = pool[list]!;
    const isPower = (n & (n - 1)) === 0;
    this.#states.push(n, -1, salt, isPower ? 1 + Math.clz32(n) : 0);
    this.#stateAt.set(node, state);
    this.#waiting.push({ state, list });
    return state;
  }

  build(): LeafWays {
    this.#from.push(this.#links.length);
    return {
      states: Int32Array.from(this.#states),
      next: Int32Array.from(this.#next),
      from: Int32Array.from(this.#from),
      links: Int32Array.from(this.#links),
      start: Int32Array.from(this.#start),
    };
  }
}
