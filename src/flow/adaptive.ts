import type { Fabric } from '../fabric/types.ts';
import type { NextHops } from '../routes/types.ts';
import type { LoadSink } from './types.ts';

/**
 * Adaptive routing as an equal split over the minimal live ports at each switch. What is split depends on the
 * destination's leaf only, so bytes are gathered by source leaf first and pushed through the tree once a
 * destination leaf: switches on their way up by rising tier, then switches on their way down by falling tier, so
 * that each has all its bytes before it splits them. Exact. O(links that carry something) a destination leaf.
 */
export class AdaptiveSpread {
  readonly #fabric: Fabric;
  readonly #hops: NextHops;
  /** Bytes that have reached each switch (node - endpoints), two sums side by side. */
  readonly #step: Float64Array;
  readonly #once: Float64Array;
  /** Switches that hold bytes: bucket t goes up from tier t, bucket 2 * tiers + 1 - t goes down from it. */
  readonly #bucket: Int32Array;
  readonly #size: Int32Array;
  readonly #waiting: Uint8Array;

  constructor(fabric: Fabric, hops: NextHops) {
    this.#fabric = fabric;
    this.#hops = hops;
    const switches = fabric.nodes - fabric.endpoints;
    this.#step = new Float64Array(switches);
    this.#once = new Float64Array(switches);
    this.#bucket = new Int32Array(switches * (2 * hops.tiers + 2));
    this.#size = new Int32Array(2 * hops.tiers + 2);
    this.#waiting = new Uint8Array(switches);
  }

  /** Bytes that switch `node` is to send to `leaf`. False when there is no path; nothing is taken then. */
  add(node: number, leaf: number, step: number, once: number): boolean {
    const s = node - this.#fabric.endpoints;
    if (this.#waiting[s] === 0) {
      const list = this.#hops.list(node, leaf);
      if (list === 0) return false;
      this.#waiting[s] = 1;
      const tier = this.#fabric.tier[node]!;
      const up = this.#fabric.linkDirection[this.#hops.pool[list + 1]!] === 1;
      const b = up ? tier : 2 * this.#hops.tiers + 1 - tier;
      this.#bucket[b * this.#waiting.length + this.#size[b]!++] = node;
    }
    this.#step[s]! += step;
    this.#once[s]! += once;
    return true;
  }

  /** Sends everything that was added to its leaf, and leaves nothing behind. */
  send(leaf: number, to: LoadSink): void {
    const { endpoints, linkTo } = this.#fabric;
    const { pool } = this.#hops;
    for (let b = 0; b < this.#size.length; b++) {
      for (let i = 0; i < this.#size[b]!; i++) {
        const node = this.#bucket[b * this.#waiting.length + i]!;
        const s = node - endpoints;
        const list = this.#hops.list(node, leaf);
        const n = pool[list]!;
        const stepShare = this.#step[s]! / n;
        const onceShare = this.#once[s]! / n;
        for (let c = 1; c <= n; c++) {
          const link = pool[list + c]!;
          to.add(link, stepShare, onceShare);
          if (linkTo[link] !== leaf) this.add(linkTo[link]!, leaf, stepShare, onceShare);
        }
        this.#waiting[s] = 0;
        this.#step[s] = 0;
        this.#once[s] = 0;
      }
      this.#size[b] = 0;
    }
  }
}

/** Share of the bytes from switch `from` to switch `leaf` that cross `link` under an equal split. O(paths), small trees. */
export function adaptiveShare(
  fabric: Fabric,
  hops: NextHops,
  from: number,
  leaf: number,
  link: number,
): number {
  const target = fabric.linkFrom[link]!;
  const arrive = (node: number): number => {
    if (node === target) return 1;
    if (node === leaf) return 0;
    const list = hops.list(node, leaf);
    const n = hops.pool[list]!;
    let sum = 0;
    for (let c = 1; c <= n; c++) {
      const next = hops.pool[list + c]!;
      // A path that has turned down below the target's tier cannot meet it any more.
      if (fabric.linkDirection[next] === -1 && fabric.tier[fabric.linkTo[next]!]! < fabric.tier[target]!)
        continue;
      sum += arrive(fabric.linkTo[next]!) / n;
    }
    return sum;
  };
  if (target === leaf) return 0;
  const list = hops.list(target, leaf);
  const n = hops.pool[list]!;
  for (let c = 1; c <= n; c++) if (hops.pool[list + c] === link) return arrive(from) / n;
  return 0;
}
