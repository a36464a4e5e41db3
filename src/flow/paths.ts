import type { Fabric, Flows } from '../fabric/types.ts';
import type { FluidPaths } from '../fluid/types.ts';
import { hash4 } from '../numeric/random.ts';
import type { AdaptiveRoutes, EcmpRoutes, NextHops, Routes, TableRoutes } from '../routes/types.ts';
import { AdaptiveSpread } from './adaptive.ts';
import { PinIndex } from './pin-index.ts';
import { flowKeys, walkerOf } from './walk.ts';

/**
 * Flows as the fluid engine takes them. Under ECMP with several queue pairs a flow is as many parts, each with a path of
 * its own, and ends with the last of them; otherwise it is one part.
 */
export interface FlowPaths {
  /** Links are the fabric's, NIC links included; equal paths are one. */
  readonly paths: FluidPaths;
  readonly parts: number;
  /** Flow of each part, ascending; length parts. */
  readonly flow: Int32Array;
  /** Path of each part: -1 when there is no way. A flow to itself has a path of no links. */
  readonly path: Int32Array;
  /** Of its flow's bytes. */
  readonly share: Float64Array;
}

/** The way of every flow under a routing. O(flows * hops); adaptive: O(leaf pairs * links) more. */
export function flowPaths(fabric: Fabric, hops: NextHops, flows: Flows, routes: Routes): FlowPaths {
  const base = routes.kind === 'pinned' ? routes.base : routes;
  const queuePairs = base.kind === 'ecmp' ? base.queuePairs : 1;
  const inner = innerWays(fabric, hops, flows, base);
  const pins = routes.kind === 'pinned' ? new PinIndex(routes, fabric.endpoints) : null;
  const set = new PathSet();
  const flow = new Int32Array(flows.count * queuePairs);
  const path = new Int32Array(flows.count * queuePairs);
  const share = new Float64Array(flows.count * queuePairs);
  let parts = 0;
  for (let f = 0; f < flows.count; f++) {
    const pin = pins?.find(flows.src[f]!, flows.dst[f]!) ?? -1;
    const ways = pin >= 0 ? 1 : queuePairs;
    for (let q = 0; q < ways; q++) {
      flow[parts] = f;
      share[parts] = 1 / ways;
      path[parts++] = way(f, q, pin);
    }
  }
  return {
    paths: set.result(base.kind === 'adaptive'),
    parts,
    flow: flow.subarray(0, parts),
    path: path.subarray(0, parts),
    share: share.subarray(0, parts),
  };

  function way(f: number, queuePair: number, pin: number): number {
    const src = flows.src[f]!;
    const dst = flows.dst[f]!;
    set.begin();
    if (src === dst) return set.end();
    if (hops.edge[src]! < 0 || hops.edge[dst]! < 0) return -1;
    set.add(fabric.linkReverse[hops.edge[src]!]!, 1);
    if (pin >= 0 && routes.kind === 'pinned') {
      for (let k = routes.start[pin]!; k < routes.start[pin + 1]!; k++) set.add(routes.links[k]!, 1);
    } else if (!inner(f, queuePair, set)) return -1;
    set.add(hops.edge[dst]!, 1);
    return set.end();
  }
}

/** Adds a flow's links between leaves; false when there is no way. */
type InnerWay = (flow: number, queuePair: number, to: PathSet) => boolean;

function innerWays(
  fabric: Fabric,
  hops: NextHops,
  flows: Flows,
  routes: TableRoutes | EcmpRoutes | AdaptiveRoutes,
): InnerWay {
  if (routes.kind === 'adaptive') return adaptiveWays(fabric, hops, flows);
  const walker = walkerOf(fabric, hops, routes);
  const keyOf = flowKeys(flows, routes);
  return (f, q, to) => {
    const length = walker.walk(flows.src[f]!, flows.dst[f]!, keyOf(f, q));
    for (let k = 0; k < length; k++) to.add(walker.path[k]!, 1);
    return length >= 0;
  };
}

/** An equal split over the live minimal ports of each switch: the same for all endpoints of two leaves. */
function adaptiveWays(fabric: Fabric, hops: NextHops, flows: Flows): InnerWay {
  const spread = new AdaptiveSpread(fabric, hops);
  const share = new Float64Array(fabric.links);
  const shares = {
    add: (link: number, part: number): void => {
      share[link]! += part;
    },
  };
  const known = new Map<number, { readonly link: number[]; readonly share: number[] }>();
  const collect = (node: number, leaf: number, way: { link: number[]; share: number[] }): void => {
    const list = hops.list(node, leaf);
    for (let c = 1; c <= hops.pool[list]!; c++) {
      const link = hops.pool[list + c]!;
      if (share[link] === 0) continue;
      way.link.push(link);
      way.share.push(share[link]!);
      share[link] = 0;
      if (fabric.linkTo[link] !== leaf) collect(fabric.linkTo[link]!, leaf, way);
    }
  };
  return (f, _, to) => {
    const from = hops.leafOf[flows.src[f]!]!;
    const leaf = hops.leafOf[flows.dst[f]!]!;
    if (from === leaf) return true;
    const key = from * fabric.nodes + leaf;
    let way = known.get(key);
    if (way === undefined) {
      way = { link: [], share: [] };
      if (spread.add(from, leaf, 1, 0)) {
        spread.send(leaf, shares);
        collect(from, leaf, way);
      }
      known.set(key, way);
    }
    for (let k = 0; k < way.link.length; k++) to.add(way.link[k]!, way.share[k]!);
    return way.link.length > 0;
  };
}

/** Paths, each kept once: CSR that grows, and an open-addressing hash of what is in it. */
class PathSet {
  #count = 0;
  #length = 0;
  #start = new Uint32Array(1024);
  #link = new Uint32Array(8192);
  #share = new Float64Array(8192);
  #table = new Int32Array(2048).fill(-1);
  /** The path that is being added is [#start[#count], #at). */
  #at = 0;

  begin(): void {
    this.#at = this.#length;
  }

  add(link: number, share: number): void {
    if (this.#at === this.#link.length) {
      this.#link = grown(this.#link, new Uint32Array(2 * this.#at));
      this.#share = grown(this.#share, new Float64Array(2 * this.#at));
    }
    this.#link[this.#at] = link;
    this.#share[this.#at++] = share;
  }

  /** Number of the path: of an equal one where there is one already. */
  end(): number {
    const mask = this.#table.length - 1;
    let slot = this.#hash(this.#length, this.#at) & mask;
    for (let p = this.#table[slot]!; p >= 0; p = this.#table[slot]!) {
      if (this.#equal(p)) return p;
      slot = (slot + 1) & mask;
    }
    this.#table[slot] = this.#count++;
    this.#length = this.#at;
    if (this.#count + 1 === this.#start.length)
      this.#start = grown(this.#start, new Uint32Array(2 * this.#count + 2));
    this.#start[this.#count] = this.#length;
    if (2 * this.#count > this.#table.length) this.#rehash();
    return this.#count - 1;
  }

  result(shared: boolean): FluidPaths {
    return {
      count: this.#count,
      start: this.#start.slice(0, this.#count + 1),
      link: this.#link.slice(0, this.#length),
      share: shared ? this.#share.slice(0, this.#length) : null,
    };
  }

  #hash(from: number, to: number): number {
    let h = to - from;
    for (let i = from; i < to; i++) h = hash4(h, this.#link[i]!, 0, 0);
    return h;
  }

  #equal(path: number): boolean {
    const from = this.#start[path]!;
    const length = this.#start[path + 1]! - from;
    if (length !== this.#at - this.#length) return false;
    for (let i = 0; i < length; i++) {
      if (this.#link[from + i] !== this.#link[this.#length + i]) return false;
      if (this.#share[from + i] !== this.#share[this.#length + i]) return false;
    }
    return true;
  }

  #rehash(): void {
    const mask = 2 * this.#table.length - 1;
    this.#table = new Int32Array(mask + 1).fill(-1);
    for (let p = 0; p < this.#count; p++) {
      let slot = this.#hash(this.#start[p]!, this.#start[p + 1]!) & mask;
      while (this.#table[slot]! >= 0) slot = (slot + 1) & mask;
      this.#table[slot] = p;
    }
  }
}

function grown<T extends Uint32Array | Float64Array>(from: T, to: T): T {
  to.set(from);
  return to;
}
