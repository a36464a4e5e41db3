import { assertUnreachable } from '../base/result.ts';
import type { Fabric, Flows } from '../fabric/types.ts';
import type {
  AdaptiveRoutes,
  EcmpRoutes,
  NextHops,
  PinnedRoutes,
  Routes,
  TableRoutes,
} from '../routes/types.ts';
import { AdaptiveSpread } from './adaptive.ts';
import type { LinkLoad } from './types.ts';
import { flowKeys, type Walker, walkerOf } from './walk.ts';

/** What found no path, and hence loads nothing: between planes, to a dead cable, or to where no route leads. */
export interface Unrouted {
  flows: number;
  bytes: number;
}

export interface LoadOptions {
  /** Only these operations' flows (index into flows.operations). */
  readonly operation?: number;
  /** Filled in when given. */
  readonly unrouted?: Unrouted;
}

/**
 * Bytes that the flows put on each directed link, NIC links included. Length links. Tables, ECMP and pins:
 * O(flows * hops); adaptive: O(flows + destination leaves * links).
 */
export function linkLoads(
  fabric: Fabric,
  hops: NextHops,
  flows: Flows,
  routes: Routes,
  options: LoadOptions = {},
): LinkLoad {
  const engine = new LoadEngine(fabric, hops, flows);
  const [from, to] = options.operation === undefined ? [0, flows.count] : engine.rangeOf(options.operation);
  const load = new Float64Array(fabric.links);
  const sums = {
    step: load,
    once: new Float64Array(fabric.links),
    unrouted: options.unrouted ?? { flows: 0, bytes: 0 },
  };
  engine.addNics(from, to, sums);
  engine.addInner(routes, from, to, sums);
  return load;
}

/** linkLoads of each operation by itself, in the order of flows.operations. */
export function linkLoadsByOperation(
  fabric: Fabric,
  hops: NextHops,
  flows: Flows,
  routes: Routes,
): LinkLoad[] {
  const engine = new LoadEngine(fabric, hops, flows);
  const once = new Float64Array(fabric.links);
  return flows.operations.map((_, operation) => {
    const sums = { step: new Float64Array(fabric.links), once, unrouted: { flows: 0, bytes: 0 } };
    const [from, to] = engine.rangeOf(operation);
    engine.addNics(from, to, sums);
    engine.addInner(routes, from, to, sums);
    return sums.step;
  });
}

/** Loads that grow: bytes of the whole step, and of one invocation. Length links each. */
export interface LoadSums {
  readonly step: LinkLoad;
  readonly once: LinkLoad;
  readonly unrouted: Unrouted;
}

/** Adds flows to loads, operation by operation; keeps what several policies and seeds share (order, hash keys). */
export class LoadEngine {
  readonly fabric: Fabric;
  readonly hops: NextHops;
  readonly flows: Flows;
  /** Flow ids by operation; operation o has order[start[o]] to order[start[o + 1]]. */
  readonly order: Int32Array;
  readonly start: Int32Array;
  #keys: Uint32Array | null = null;
  #queuePairs = 0;
  #spread: AdaptiveSpread | null = null;

  constructor(fabric: Fabric, hops: NextHops, flows: Flows) {
    this.fabric = fabric;
    this.hops = hops;
    this.flows = flows;
    const operations = flows.operations.length;
    this.start = new Int32Array(operations + 1);
    for (let f = 0; f < flows.count; f++) this.start[flows.operation[f]! + 1]!++;
    for (let o = 0; o < operations; o++) this.start[o + 1]! += this.start[o]!;
    const next = this.start.slice();
    this.order = new Int32Array(flows.count);
    for (let f = 0; f < flows.count; f++) this.order[next[flows.operation[f]!]!++] = f;
  }

  /** Positions in `order` of an operation's flows. */
  rangeOf(operation: number): [from: number, to: number] {
    return [this.start[operation]!, this.start[operation + 1]!];
  }

  /** Hash keys of every flow and queue pair, made once. */
  keys(queuePairs: number): Uint32Array {
    if (this.#keys === null || this.#queuePairs !== queuePairs) {
      this.#keys = flowKeys(this.flows, queuePairs);
      this.#queuePairs = queuePairs;
    }
    return this.#keys;
  }

  /** The two ends of every flow that has a path: the same under every policy. */
  addNics(from: number, to: number, sums: LoadSums): void {
    const { src, dst, bytes, invocations } = this.flows;
    const { leafOf, edge } = this.hops;
    const { linkReverse } = this.fabric;
    const { step, once } = sums;
    for (let i = from; i < to; i++) {
      const f = this.order[i]!;
      const s = src[f]!;
      const d = dst[f]!;
      const a = leafOf[s]!;
      const b = leafOf[d]!;
      if (s === d || a < 0 || b < 0 || (a !== b && this.hops.list(a, b) === 0)) continue;
      const all = bytes[f]!;
      const one = all / invocations[f]!;
      const out = linkReverse[edge[s]!]!;
      const into = edge[d]!;
      step[out]! += all;
      once[out]! += one;
      step[into]! += all;
      once[into]! += one;
    }
  }

  /** Links between switches. */
  addInner(routes: Routes, from: number, to: number, sums: LoadSums): void {
    if (routes.kind === 'pinned') this.#addPinned(routes, from, to, sums);
    else this.#addPlain(routes, this.order, from, to, sums);
  }

  #addPlain(
    routes: TableRoutes | EcmpRoutes | AdaptiveRoutes,
    order: Int32Array,
    from: number,
    to: number,
    sums: LoadSums,
  ): void {
    if (routes.kind === 'adaptive') this.#addAdaptive(order, from, to, sums);
    else if (routes.kind === 'ecmp') {
      const keys = this.keys(routes.queuePairs);
      this.#addWalked(
        walkerOf(this.fabric, this.hops, routes),
        keys,
        routes.queuePairs,
        order,
        from,
        to,
        sums,
      );
    } else if (routes.kind === 'tables') {
      this.#addWalked(walkerOf(this.fabric, this.hops, routes), null, 1, order, from, to, sums);
    } else assertUnreachable(routes);
  }

  #addWalked(
    walker: Walker,
    keys: Uint32Array | null,
    queuePairs: number,
    order: Int32Array,
    from: number,
    to: number,
    sums: LoadSums,
  ): void {
    const { src, dst, bytes, invocations } = this.flows;
    const { step, once, unrouted } = sums;
    const path = walker.path;
    for (let i = from; i < to; i++) {
      const f = order[i]!;
      const s = src[f]!;
      const d = dst[f]!;
      if (s === d) continue;
      const all = bytes[f]! / queuePairs;
      const one = all / invocations[f]!;
      for (let q = 0; q < queuePairs; q++) {
        const length = walker.walk(s, d, keys === null ? 0 : keys[f * queuePairs + q]!);
        if (length < 0) {
          unrouted.flows += 1 / queuePairs;
          unrouted.bytes += all;
        }
        for (let k = 0; k < length; k++) {
          const link = path[k]!;
          step[link]! += all;
          once[link]! += one;
        }
        if (length === 0) break;
      }
    }
  }

  #addAdaptive(order: Int32Array, from: number, to: number, sums: LoadSums): void {
    const { src, dst, bytes, invocations } = this.flows;
    const { leafOf } = this.hops;
    const first = this.fabric.endpoints;
    this.#spread ??= new AdaptiveSpread(this.fabric, this.hops);
    const spread = this.#spread;
    const { sorted, start } = byDestinationLeaf(
      order,
      from,
      to,
      dst,
      leafOf,
      first,
      this.fabric.nodes,
      sums,
      bytes,
    );
    for (let leaf = first; leaf < this.fabric.nodes; leaf++) {
      const begin = start[leaf - first]!;
      const end = start[leaf - first + 1]!;
      if (begin === end) continue;
      for (let i = begin; i < end; i++) {
        const f = sorted[i]!;
        const source = leafOf[src[f]!]!;
        if (source === leaf) continue;
        if (source >= 0 && spread.add(source, leaf, bytes[f]!, bytes[f]! / invocations[f]!)) continue;
        sums.unrouted.flows++;
        sums.unrouted.bytes += bytes[f]!;
      }
      spread.send(leaf, sums.step, sums.once);
    }
  }

  #addPinned(routes: PinnedRoutes, from: number, to: number, sums: LoadSums): void {
    const { src, dst, bytes, invocations } = this.flows;
    const { step, once } = sums;
    const pins = new PinIndex(routes, this.fabric.endpoints);
    const rest = new Int32Array(to - from);
    let n = 0;
    for (let i = from; i < to; i++) {
      const f = this.order[i]!;
      const pin = pins.find(src[f]!, dst[f]!);
      if (pin < 0) {
        rest[n++] = f;
        continue;
      }
      for (let k = routes.start[pin]!; k < routes.start[pin + 1]!; k++) {
        step[routes.links[k]!]! += bytes[f]!;
        once[routes.links[k]!]! += bytes[f]! / invocations[f]!;
      }
    }
    this.#addPlain(routes.base, rest, 0, n, sums);
  }
}

/** Flow ids of a range by the leaf of their destination: a counting sort. Those with a dead destination are unrouted. */
function byDestinationLeaf(
  order: Int32Array,
  from: number,
  to: number,
  dst: Int32Array,
  leafOf: Int32Array,
  first: number,
  nodes: number,
  sums: LoadSums,
  bytes: Float64Array,
): { sorted: Int32Array; start: Int32Array } {
  const start = new Int32Array(nodes - first + 1);
  for (let i = from; i < to; i++) {
    const leaf = leafOf[dst[order[i]!]!]!;
    if (leaf >= 0) start[leaf - first + 1]!++;
    else {
      sums.unrouted.flows++;
      sums.unrouted.bytes += bytes[order[i]!]!;
    }
  }
  for (let s = 0; s < nodes - first; s++) start[s + 1]! += start[s]!;
  const next = start.slice();
  const sorted = new Int32Array(start[nodes - first]!);
  for (let i = from; i < to; i++) {
    const leaf = leafOf[dst[order[i]!]!]!;
    if (leaf >= 0) sorted[next[leaf - first]!++] = order[i]!;
  }
  return { sorted, start };
}

/** Finds the pin of a pair: most sources have none, so the first look answers. */
export class PinIndex {
  readonly #dst: Int32Array;
  readonly #head: Int32Array;
  readonly #next: Int32Array;

  constructor(routes: PinnedRoutes, endpoints: number) {
    this.#dst = routes.dst;
    this.#head = new Int32Array(endpoints).fill(-1);
    this.#next = new Int32Array(routes.src.length);
    for (let p = 0; p < routes.src.length; p++) {
      this.#next[p] = this.#head[routes.src[p]!]!;
      this.#head[routes.src[p]!] = p;
    }
  }

  /** Pin number, or -1. */
  find(src: number, dst: number): number {
    let p = this.#head[src]!;
    while (p >= 0 && this.#dst[p] !== dst) p = this.#next[p]!;
    return p;
  }
}
