import type { Fabric } from '../fabric/types.ts';
import type { Attached } from './columns.ts';
import type { NextHops } from './types.ts';

/**
 * The channel dependency graph: its vertices are the directed links, and link a points to link b when some packet
 * may hold a while it waits for b. Routing is free of deadlock when the graph has no cycle.
 * Source: W. Dally, C. Seitz, "Deadlock-free message routing in multiprocessor interconnection networks",
 * IEEE Trans. Computers C-36(5), 1987, DOI 10.1109/TC.1987.1676939.
 * One bit for each (link in, link out) of a switch: 512 bytes for 64 ports.
 */
export class ChannelGraph {
  readonly #fabric: Fabric;
  /** First word of each node's bits, length nodes + 1; a row is one link in. */
  readonly #base: Float64Array;
  readonly #bits: Uint32Array;

  constructor(fabric: Fabric) {
    this.#fabric = fabric;
    this.#base = new Float64Array(fabric.nodes + 1);
    for (let n = 0; n < fabric.nodes; n++) {
      const ports = n < fabric.endpoints ? 0 : fabric.linkStart[n + 1]! - fabric.linkStart[n]!;
      this.#base[n + 1] = this.#base[n]! + ports * ((ports + 31) >>> 5);
    }
    this.#bits = new Uint32Array(this.#base[fabric.nodes]!);
  }

  /** Link `b` leaves the switch that link `a` enters, and may be waited for by a packet that holds `a`. */
  add(a: number, b: number): void {
    const { linkStart, linkTo, linkReverse } = this.#fabric;
    const node = linkTo[a]!;
    const start = linkStart[node]!;
    const out = b - start;
    this.#bits[this.#row(node, linkReverse[a]! - start) + (out >>> 5)]! |= 1 << (out & 31);
  }

  /** Takes back `add`. */
  remove(a: number, b: number): void {
    const { linkStart, linkTo, linkReverse } = this.#fabric;
    const node = linkTo[a]!;
    const out = b - linkStart[node]!;
    this.#bits[this.#row(node, linkReverse[a]! - linkStart[node]!) + (out >>> 5)]! &= ~(1 << (out & 31));
  }

  /** Links of one cycle, each waiting for the next and the last for the first; null when there is none. O(sum ports^2). */
  findCycle(): number[] | null {
    const { links, endpoints, linkStart, linkTo, linkReverse } = this.#fabric;
    const waiting = new Uint32Array(links);
    for (let a = 0; a < links; a++) this.#countSuccessors(a, waiting);
    const queue = new Uint32Array(links);
    let tail = 0;
    for (let a = 0; a < links; a++) if (waiting[a] === 0) queue[tail++] = a;
    for (let head = 0; head < tail; head++) {
      const a = queue[head]!;
      const node = linkTo[a]!;
      if (node < endpoints) continue;
      const row = this.#row(node, linkReverse[a]! - linkStart[node]!);
      for (let b = linkStart[node]!; b < linkStart[node + 1]!; b++) {
        if (this.#has(row, b - linkStart[node]!) && --waiting[b]! === 0) queue[tail++] = b;
      }
    }
    return tail === links ? null : this.#trace(waiting);
  }

  #row(node: number, port: number): number {
    const ports = this.#fabric.linkStart[node + 1]! - this.#fabric.linkStart[node]!;
    return this.#base[node]! + port * ((ports + 31) >>> 5);
  }

  #has(row: number, port: number): boolean {
    return ((this.#bits[row + (port >>> 5)]! >>> (port & 31)) & 1) === 1;
  }

  #countSuccessors(a: number, count: Uint32Array): void {
    const { endpoints, linkStart, linkTo, linkReverse } = this.#fabric;
    const node = linkTo[a]!;
    if (node < endpoints) return;
    const row = this.#row(node, linkReverse[a]! - linkStart[node]!);
    for (let b = linkStart[node]!; b < linkStart[node + 1]!; b++) {
      if (this.#has(row, b - linkStart[node]!)) count[b]!++;
    }
  }

  /** Every link still waiting has a predecessor still waiting: going back from one must come round. */
  #trace(waiting: Uint32Array): number[] {
    const { linkStart, linkFrom, linkReverse } = this.#fabric;
    const seenAt = new Map<number, number>();
    const trail: number[] = [];
    let b = waiting.findIndex((w) => w > 0);
    while (!seenAt.has(b)) {
      seenAt.set(b, trail.length);
      trail.push(b);
      const node = linkFrom[b]!;
      const start = linkStart[node]!;
      for (let back = start; back < linkStart[node + 1]!; back++) {
        const a = linkReverse[back]!;
        if (waiting[a]! > 0 && this.#has(this.#row(node, back - start), b - start)) {
          b = a;
          break;
        }
      }
    }
    return trail.slice(seenAt.get(b)).reverse();
  }
}

/** Every pair of candidates that ECMP or adaptive routing may take in turn. O(switches * leaves * ports^2). */
export function addCandidateDependencies(
  graph: ChannelGraph,
  fabric: Fabric,
  hops: NextHops,
  attached: Attached,
): void {
  const { endpoints, nodes, linkTo, plane } = fabric;
  const { pool } = hops;
  const { leaves, planeStart } = attached;
  for (let node = endpoints; node < nodes; node++) {
    for (let k = planeStart[plane[node]!]!; k < planeStart[plane[node]! + 1]!; k++) {
      const leaf = leaves[k]!;
      if (leaf === node) continue;
      const list = hops.list(node, leaf);
      for (let i = 1; i <= pool[list]!; i++) {
        const link = pool[list + i]!;
        if (linkTo[link] === leaf) continue;
        const onward = hops.list(linkTo[link]!, leaf);
        for (let o = 1; o <= pool[onward]!; o++) graph.add(link, pool[onward + o]!);
      }
    }
  }
}
