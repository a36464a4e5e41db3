import type { Fabric } from '../fabric/types.ts';
import { attachments } from './next-hops.ts';
import { isInner } from './reach.ts';
import type { NextHops, Ways } from './types.ts';

const NONE = -1;
const Stands = { unknown: 0, yes: 1, no: 2 } as const;

/**
 * The next hops of `damaged`, which is the fabric of `before` with fewer live links, without making them all anew: a
 * minimal way that still stands is still minimal, so that the lists of before are sifted; only towards a leaf that some
 * switch has lost every such way to, ways are looked for from that leaf. O(list) where ways stand, O(links) once for
 * a leaf where not; questions are best asked leaf by leaf.
 */
export function hopsWithFewerLinks(damaged: Fabric, before: NextHops): Ways {
  return new FewerLinks(damaged, before);
}

class FewerLinks implements Ways {
  readonly leafOf: Int32Array;
  readonly edge: Int32Array;
  readonly #fabric: Fabric;
  readonly #before: NextHops;
  /** Leaf that the arrays below are about. */
  #leaf = NONE;
  #searched = false;
  /** By node - endpoints. */
  readonly #stands: Uint8Array;
  /** Links down to the leaf, or ups that come first; NONE where there is no such way. */
  readonly #down: Int32Array;
  readonly #ups: Int32Array;
  readonly #byFallingTier: Int32Array;

  constructor(damaged: Fabric, before: NextHops) {
    const { leafOf, edge } = attachments(damaged);
    this.leafOf = leafOf;
    this.edge = edge;
    this.#fabric = damaged;
    this.#before = before;
    const switches = damaged.nodes - damaged.endpoints;
    this.#stands = new Uint8Array(switches);
    this.#down = new Int32Array(switches);
    this.#ups = new Int32Array(switches);
    this.#byFallingTier = Int32Array.from({ length: switches }, (_, s) => damaged.endpoints + s);
    this.#byFallingTier.sort((a, b) => damaged.tier[b]! - damaged.tier[a]! || a - b);
  }

  candidates(node: number, dst: number, out: Int32Array): number {
    const leaf = this.leafOf[dst]!;
    if (leaf < 0 || this.#fabric.plane[node] !== this.#fabric.plane[leaf]) return 0;
    if (leaf === node) {
      out[0] = this.edge[dst]!;
      return 1;
    }
    if (leaf !== this.#leaf) {
      this.#leaf = leaf;
      this.#searched = false;
      this.#stands.fill(Stands.unknown);
    }
    const { pool } = this.#before;
    const list = this.#before.list(node, leaf);
    let n = 0;
    for (let i = 1; i <= pool[list]!; i++) if (this.#leadsOn(pool[list + i]!)) out[n++] = pool[list + i]!;
    return n > 0 ? n : this.#search(node, out);
  }

  #leadsOn(link: number): boolean {
    if (this.#fabric.linkAlive[link] !== 1) return false;
    const node = this.#fabric.linkTo[link]!;
    if (node === this.#leaf) return true;
    const s = node - this.#fabric.endpoints;
    if (this.#stands[s] === Stands.unknown) {
      const { pool } = this.#before;
      const list = this.#before.list(node, this.#leaf);
      let found = false;
      for (let i = 1; i <= pool[list]! && !found; i++) found = this.#leadsOn(pool[list + i]!);
      this.#stands[s] = found ? Stands.yes : Stands.no;
    }
    return this.#stands[s] === Stands.yes;
  }

  /** Ways that are longer than before, or none. */
  #search(node: number, out: Int32Array): number {
    if (!this.#searched) this.#searchFromLeaf();
    const { linkStart, linkTo, linkDirection, endpoints } = this.#fabric;
    const falls = this.#down[node - endpoints]! >= 0;
    const known = falls ? this.#down : this.#ups;
    const wanted = known[node - endpoints]! - 1;
    if (wanted < 0) return 0;
    let n = 0;
    for (let l = linkStart[node]!; l < linkStart[node + 1]!; l++) {
      if (linkDirection[l] !== (falls ? -1 : 1) || !isInner(this.#fabric, l)) continue;
      if (known[linkTo[l]! - endpoints] === wanted) out[n++] = l;
    }
    return n;
  }

  #searchFromLeaf(): void {
    const { linkStart, linkTo, linkDirection, endpoints, plane } = this.#fabric;
    this.#searched = true;
    this.#down.fill(NONE);
    this.#ups.fill(NONE);
    const queue = [this.#leaf];
    this.#down[this.#leaf - endpoints] = 0;
    for (let head = 0; head < queue.length; head++) {
      const node = queue[head]!;
      for (let l = linkStart[node]!; l < linkStart[node + 1]!; l++) {
        const above = linkTo[l]! - endpoints;
        if (linkDirection[l] !== 1 || !isInner(this.#fabric, l) || this.#down[above]! >= 0) continue;
        this.#down[above] = this.#down[node - endpoints]! + 1;
        queue.push(linkTo[l]!);
      }
    }
    for (const node of this.#byFallingTier) {
      if (plane[node] !== plane[this.#leaf]) continue;
      if (this.#down[node - endpoints]! >= 0) {
        this.#ups[node - endpoints] = 0;
        continue;
      }
      let least = NONE;
      for (let l = linkStart[node]!; l < linkStart[node + 1]!; l++) {
        if (linkDirection[l] !== 1 || !isInner(this.#fabric, l)) continue;
        const ups = this.#ups[linkTo[l]! - endpoints]!;
        if (ups >= 0 && (least < 0 || ups < least)) least = ups;
      }
      if (least >= 0) this.#ups[node - endpoints] = least + 1;
    }
  }
}
