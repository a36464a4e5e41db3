import type { Fabric } from '../fabric/types.ts';
import type { NextHops } from '../routes/types.ts';

/**
 * All ways between pairs of leaves, laid out for hashing: a state is a switch where there is more than one link to choose
 * from, an edge one of its links and the forced ones after it. Edge 0 of a pair leads to its first state.
 * Indices of states are of all pairs; edges are numbered within their pair.
 */
export class LeafWays {
  /** By state: how many edges, the first of them, and what salts the hash there (see ecmpSalts). */
  readonly choices: number[] = [];
  readonly firstEdge: number[] = [];
  readonly salt: number[] = [];
  /** By edge, from start[pair] on: the state that it leads to, -1 at the leaf; its links are links[from] to links[to]. */
  readonly next: number[] = [];
  readonly from: number[] = [];
  readonly to: number[] = [];
  readonly links: number[] = [];
  /** First edge of each pair, and one more; length pairs + 1. */
  readonly start: number[] = [0];
  /** Most edges of a pair. */
  most = 0;
  readonly #fabric: Fabric;
  readonly #hops: NextHops;
  /** States of the pair at hand by their switch: ways that part may meet again. */
  readonly #stateAt = new Map<number, number>();

  constructor(fabric: Fabric, hops: NextHops) {
    this.#fabric = fabric;
    this.#hops = hops;
  }

  /** Number of a new pair; there must be a way. O(edges). */
  add(source: number, leaf: number): number {
    this.#stateAt.clear();
    const pair = this.start.length - 1;
    this.#grow(1);
    this.#follow(0, source, leaf);
    this.start.push(this.next.length);
    this.most = Math.max(this.most, this.next.length - this.start[pair]!);
    return pair;
  }

  #grow(edges: number): void {
    for (let e = 0; e < edges; e++) {
      this.next.push(-1);
      this.from.push(0);
      this.to.push(0);
    }
  }

  /** Gives an edge the forced links from `node` on, after those that it has, and the state where they end. */
  #follow(edge: number, node: number, leaf: number, link = -1): void {
    const at = this.start[this.start.length - 1]! + edge;
    const { pool } = this.#hops;
    this.from[at] = this.links.length;
    if (link >= 0) this.links.push(link);
    let list = node === leaf ? 0 : this.#hops.list(node, leaf);
    while (pool[list] === 1) {
      const forced = pool[list + 1]!;
      this.links.push(forced);
      node = this.#fabric.linkTo[forced]!;
      list = node === leaf ? 0 : this.#hops.list(node, leaf);
    }
    this.to[at] = this.links.length;
    if (list !== 0) this.next[at] = this.#state(node, leaf, list);
  }

  #state(node: number, leaf: number, list: number): number {
    const known = this.#stateAt.get(node);
    if (known !== undefined) return known;
    const { pool } = this.#hops;
    const { linkTo, linkDirection, tier } = this.#fabric;
    const state = this.choices.length;
    const first = this.next.length - this.start[this.start.length - 1]!;
    const n = pool[list]!;
    this.#stateAt.set(node, state);
    this.choices.push(n);
    this.firstEdge.push(first);
    this.salt.push(2 * tier[node]! + (linkDirection[pool[list + 1]!] === 1 ? 0 : 1));
    this.#grow(n);
    for (let c = 0; c < n; c++) {
      const link = pool[list + 1 + c]!;
      this.#follow(first + c, linkTo[link]!, leaf, link);
    }
    return state;
  }
}
