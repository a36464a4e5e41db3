import { oncePer } from '../base/once.ts';
import { assertUnreachable } from '../base/result.ts';
import type { Fabric, Flows } from '../fabric/types.ts';
import { perNetwork } from '../routes/per-network.ts';
import type {
  AdaptiveRoutes,
  EcmpRoutes,
  NextHops,
  PinnedRoutes,
  Routes,
  TableRoutes,
} from '../routes/types.ts';
import { AdaptiveSpread } from './adaptive.ts';
import { EcmpLoads } from './ecmp-loads.ts';
import { orderOf } from './leaving.ts';
import { PinIndex } from './pin-index.ts';
import { LoadSums } from './sums.ts';
import type { FlowLoads, LeavingFlows, LinkLoad, LoadTotals, Unrouted } from './types.ts';
import { walkerOf } from './walk.ts';

export interface LoadOptions {
  /** Only these operations' flows (index into flows.operations). */
  readonly operation?: number;
  /** Added to when given. */
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
  { operation, unrouted }: LoadOptions = {},
): LinkLoad {
  const engine = loadEngine(fabric, hops, flows);
  const sums = new LoadSums(fabric.links);
  engine.addNics(sums, operation);
  engine.addInner(routes, sums, operation);
  if (unrouted !== undefined) {
    unrouted.flows += sums.unrouted.flows;
    unrouted.bytes += sums.unrouted.bytes;
  }
  return sums.step;
}

const engines = perNetwork((fabric, hops) => oncePer((flows: Flows) => new LoadEngine(fabric, hops, flows)));

/** The engine of these flows: one for all who ask, as long as the flows are there. */
export function loadEngine(fabric: Fabric, hops: NextHops, flows: Flows): LoadEngine {
  return engines(fabric, hops)(flows);
}

/** linkLoads of each operation by itself, in the order of flows.operations. */
export function linkLoadsByOperation(
  fabric: Fabric,
  hops: NextHops,
  flows: Flows,
  routes: Routes,
): LinkLoad[] {
  const engine = loadEngine(fabric, hops, flows);
  return flows.operations.map((_, operation) => {
    const sums = new LoadSums(fabric.links);
    engine.addNics(sums, operation);
    engine.addInner(routes, sums, operation);
    return sums.step;
  });
}

/** Adds flows to loads, all or one operation's; keeps what several policies and seeds share. */
export class LoadEngine implements FlowLoads {
  readonly fabric: Fabric;
  readonly hops: NextHops;
  readonly flows: Flows;
  readonly order: Int32Array;
  readonly start: Int32Array;
  readonly leaving: LeavingFlows;
  #ecmp: EcmpLoads | null = null;
  #spread: AdaptiveSpread | null = null;

  constructor(fabric: Fabric, hops: NextHops, flows: Flows) {
    this.fabric = fabric;
    this.hops = hops;
    this.flows = flows;
    const { order, start, leaving } = orderOf(fabric, hops, flows);
    this.order = order;
    this.start = start;
    this.leaving = leaving;
  }

  rangeOf(operation: number): [from: number, to: number] {
    return [this.start[operation]!, this.start[operation + 1]!];
  }

  addNics(sums: LoadTotals, operation?: number): void {
    const { src, dst, bytes, invocations } = this.flows;
    const { leafOf, edge } = this.hops;
    const { linkReverse } = this.fabric;
    const [from, to] = operation === undefined ? [0, this.flows.count] : this.rangeOf(operation);
    for (let i = from; i < to; i++) {
      const f = this.order[i]!;
      const s = src[f]!;
      const d = dst[f]!;
      const a = leafOf[s]!;
      const b = leafOf[d]!;
      if (s === d || a < 0 || b < 0 || (a !== b && this.hops.list(a, b) === 0)) continue;
      const all = bytes[f]!;
      const one = all / invocations[f]!;
      sums.add(linkReverse[edge[s]!]!, all, one);
      sums.add(edge[d]!, all, one);
    }
  }

  addInner(routes: Routes, sums: LoadTotals, operation?: number): void {
    const [first, end] =
      operation === undefined ? [0, this.flows.operations.length] : [operation, operation + 1];
    if (routes.kind === 'pinned') {
      const pinned = this.#addPinned(routes, first, end, sums);
      this.#addPlain(routes.base, first, end, pinned, sums);
    } else this.#addPlain(routes, first, end, null, sums);
  }

  /** Of operations from `first` to before `end`; without the flows that `without` marks. */
  #addPlain(
    routes: TableRoutes | EcmpRoutes | AdaptiveRoutes,
    first: number,
    end: number,
    without: Uint8Array | null,
    sums: LoadTotals,
  ): void {
    const { start } = this.leaving;
    if (start[first] === start[end]) return;
    if (routes.kind === 'ecmp') {
      if (this.#ecmp?.queuePairs !== routes.queuePairs) this.#ecmp = new EcmpLoads(this, routes.queuePairs);
      this.#ecmp.add(routes.seed, first, end, without, sums);
    } else if (routes.kind === 'tables') this.#addTables(routes, first, end, without, sums);
    else if (routes.kind === 'adaptive') this.#addAdaptive(first, end, without, sums);
    else assertUnreachable(routes);
  }

  #addTables(
    routes: TableRoutes,
    first: number,
    end: number,
    without: Uint8Array | null,
    sums: LoadTotals,
  ): void {
    const { src, dst, bytes, invocations } = this.flows;
    const { flow, start } = this.leaving;
    const walker = walkerOf(this.fabric, this.hops, routes);
    for (let i = start[first]!; i < start[end]!; i++) {
      const f = flow[i]!;
      if (src[f] === dst[f] || (without !== null && without[f] === 1)) continue;
      const all = bytes[f]!;
      const one = all / invocations[f]!;
      const length = walker.walk(src[f]!, dst[f]!, 0);
      if (length < 0) {
        sums.unrouted.flows++;
        sums.unrouted.bytes += all;
      }
      for (let k = 0; k < length; k++) sums.add(walker.path[k]!, all, one);
    }
  }

  #addAdaptive(first: number, end: number, without: Uint8Array | null, sums: LoadTotals): void {
    const { src, bytes, invocations } = this.flows;
    const { leafOf } = this.hops;
    const { endpoints, nodes } = this.fabric;
    this.#spread ??= new AdaptiveSpread(this.fabric, this.hops);
    const spread = this.#spread;
    const { sorted, start } = this.#byDestinationLeaf(first, end, without, sums);
    for (let leaf = endpoints; leaf < nodes; leaf++) {
      const from = start[leaf - endpoints]!;
      const to = start[leaf - endpoints + 1]!;
      if (from === to) continue;
      for (let i = from; i < to; i++) {
        const f = sorted[i]!;
        const source = leafOf[src[f]!]!;
        if (source >= 0 && spread.add(source, leaf, bytes[f]!, bytes[f]! / invocations[f]!)) continue;
        sums.unrouted.flows++;
        sums.unrouted.bytes += bytes[f]!;
      }
      spread.send(leaf, sums);
    }
  }

  /** Leaving flows by the leaf of their destination: a counting sort. Those with a dead destination are unrouted. */
  #byDestinationLeaf(
    first: number,
    end: number,
    without: Uint8Array | null,
    sums: LoadTotals,
  ): { sorted: Int32Array; start: Int32Array } {
    const { dst, bytes } = this.flows;
    const { leafOf } = this.hops;
    const { endpoints, nodes } = this.fabric;
    const all = this.leaving.flow.subarray(this.leaving.start[first]!, this.leaving.start[end]!);
    const start = new Int32Array(nodes - endpoints + 1);
    for (let i = 0; i < all.length; i++) {
      const f = all[i]!;
      if (without !== null && without[f] === 1) continue;
      const leaf = leafOf[dst[f]!]!;
      if (leaf >= 0) start[leaf - endpoints + 1]!++;
      else {
        sums.unrouted.flows++;
        sums.unrouted.bytes += bytes[f]!;
      }
    }
    for (let s = 0; s < nodes - endpoints; s++) start[s + 1]! += start[s]!;
    const next = start.slice();
    const sorted = new Int32Array(start[nodes - endpoints]!);
    for (let i = 0; i < all.length; i++) {
      const f = all[i]!;
      if (without !== null && without[f] === 1) continue;
      const leaf = leafOf[dst[f]!]!;
      if (leaf >= 0) sorted[next[leaf - endpoints]!++] = f;
    }
    return { sorted, start };
  }

  /** Adds what is pinned, and marks it (by flow) so that the base leaves it out. */
  #addPinned(routes: PinnedRoutes, first: number, end: number, sums: LoadTotals): Uint8Array {
    const { src, dst, bytes, invocations, count } = this.flows;
    const { flow, start } = this.leaving;
    const pins = new PinIndex(routes, this.fabric.endpoints);
    const pinned = new Uint8Array(count);
    for (let i = start[first]!; i < start[end]!; i++) {
      const f = flow[i]!;
      const pin = pins.find(src[f]!, dst[f]!);
      if (pin < 0) continue;
      pinned[f] = 1;
      for (let k = routes.start[pin]!; k < routes.start[pin + 1]!; k++)
        sums.add(routes.links[k]!, bytes[f]!, bytes[f]! / invocations[f]!);
    }
    return pinned;
  }
}
