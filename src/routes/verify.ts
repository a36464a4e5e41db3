import { oncePer } from '../base/once.ts';
import { type Fabric, NodeKind } from '../fabric/types.ts';
import { addCandidateDependencies, ChannelGraph } from './channels.ts';
import { type Attached, attachedTo, columnsOf } from './columns.ts';
import { tableLink } from './modulo.ts';
import { perNetwork } from './per-network.ts';
import { soundTables } from './sound.ts';
import {
  type FaultKind,
  type NextHops,
  NO_ENTRY,
  type PinnedRoutes,
  type RouteFault,
  type Routes,
  type TableRoutes,
  type Verification,
} from './types.ts';

export type { Verification };

const EXAMPLES = 10;

/** What is known of each switch (node - endpoints) for the destination at hand. */
interface Verdict {
  /** Of a switch that reaches the destination `of` is `good`, of one that does not good + 1; less is out of date. */
  good: number;
  readonly of: Float64Array;
  readonly fault: (FaultKind | null)[];
  readonly trail: Int32Array;
}

/**
 * Follows every route rather than trusting how it was made: reachability of each (leaf, destination), loops,
 * dead ends, entries on dead links; deadlock freedom by the channel dependency graph (tables exactly; ECMP and
 * adaptive routing over all their candidates). Tables: O(switches * endpoints of a plane); those that are seen to be sound
 * at once (sound.ts) are not walked. ECMP, adaptive and tables that are a rule: O(switches * leaves * ports), since every
 * endpoint of a leaf shares its candidates.
 */
export function verifyRoutes(fabric: Fabric, routes: Routes, hops: NextHops): Verification {
  if (routes.kind === 'ecmp' || routes.kind === 'adaptive' || isRule(routes))
    return candidatesVerified(fabric, hops);
  return verifier(fabric, hops)(routes);
}

/** Remembers by routes: destination-modulo is the same tables for every job on a network. */
const verifier = perNetwork((fabric, hops) =>
  oncePer((routes: TableRoutes | PinnedRoutes) => followed(fabric, routes, hops)),
);

function followed(fabric: Fabric, routes: TableRoutes | PinnedRoutes, hops: NextHops): Verification {
  const check = new Check(fabric, hops);
  const base = routes.kind === 'pinned' ? routes.base : routes;
  const dense = base.kind === 'tables' && base.rows.some((r) => r !== null);
  const sound = dense && routes.kind === 'tables' && check.isSound(routes);
  if (sound) check.countSound(routes);
  else if (dense) check.followTables(base as TableRoutes);
  else check.followCandidates();
  if (routes.kind === 'pinned') check.followPins(routes);
  return check.result(dense && !sound);
}

function isRule(routes: TableRoutes | PinnedRoutes): boolean {
  return routes.kind === 'tables' && routes.rows.every((row) => row === null);
}

/** ECMP, adaptive routing and tables that are a rule use the same candidates. */
const candidatesVerified = perNetwork((fabric, hops): Verification => {
  const check = new Check(fabric, hops);
  check.followCandidates();
  return check.result(false);
});

class Check {
  readonly #fabric: Fabric;
  readonly #hops: NextHops;
  readonly #attached: Attached;
  /** By switch: its workload endpoints. */
  readonly #workload: Uint32Array;
  readonly #entries: Uint32Array;
  readonly #policy: Uint32Array;
  readonly #examples: RouteFault[] = [];
  #graph: ChannelGraph | null = null;
  /** False as soon as a dependency does not go from up towards down: then the graph decides. */
  #ordered = true;
  #pairs = 0;
  #unreachable = 0;
  #aggregator = 0;
  #unreachableAggregator = 0;

  constructor(fabric: Fabric, hops: NextHops) {
    this.#fabric = fabric;
    this.#hops = hops;
    this.#attached = attachedTo(fabric, hops);
    const switches = fabric.nodes - fabric.endpoints;
    this.#workload = new Uint32Array(switches);
    for (let e = 0; e < fabric.endpoints; e++) {
      const leaf = hops.leafOf[e]!;
      if (leaf >= 0 && fabric.kind[e] === NodeKind.endpoint) this.#workload[leaf - fabric.endpoints]!++;
    }
    this.#entries = new Uint32Array(switches);
    this.#policy = new Uint32Array(switches);
  }

  result(exact: boolean): Verification {
    // Ordered dependencies climb up-links by tier and then descend: no cycle can close.
    const needsGraph = exact || !this.#ordered;
    if (needsGraph && !exact)
      addCandidateDependencies(this.#channels(), this.#fabric, this.#hops, this.#attached);
    const cycle = needsGraph ? this.#channels().findCycle() : null;
    return {
      reachable: this.#unreachable === 0,
      pairs: this.#pairs,
      unreachablePairs: this.#unreachable,
      aggregatorPairs: this.#aggregator,
      unreachableAggregatorPairs: this.#unreachableAggregator,
      deadEndpoints: this.#hops.leafOf.reduce((n, leaf) => n + (leaf < 0 ? 1 : 0), 0),
      examples: this.#examples,
      deadlockFree: cycle === null,
      ...(cycle === null ? {} : { cycle }),
      entriesMax: this.#entries.reduce((a, b) => Math.max(a, b), 0),
      policyEntriesMax: this.#policy.reduce((a, b) => Math.max(a, b), 0),
    };
  }

  isSound(routes: TableRoutes): boolean {
    return soundTables(this.#fabric, routes, this.#hops, this.#attached);
  }

  /** All pairs of tables that have no fault. */
  countSound(routes: TableRoutes): void {
    const { endpoints, nodes, plane } = this.#fabric;
    const { leaves, planeStart } = this.#attached;
    for (let leaf = endpoints; leaf < nodes; leaf++) {
      for (let k = planeStart[plane[leaf]!]!; k < planeStart[plane[leaf]! + 1]!; k++)
        this.#countLeaf(leaves[k]!, leaf, null);
    }
    this.#countEntries(routes);
  }

  /** Walks the tree that the entries for each destination make; a switch judged before is not walked again. */
  followTables(routes: TableRoutes): void {
    const { endpoints, nodes, plane } = this.#fabric;
    const { leaves, planeStart } = this.#attached;
    const verdict: Verdict = {
      good: 0,
      of: new Float64Array(nodes - endpoints),
      fault: new Array<FaultKind | null>(nodes - endpoints).fill(null),
      trail: new Int32Array(nodes - endpoints),
    };
    for (let dst = 0; dst < endpoints; dst++) {
      if (this.#hops.leafOf[dst]! < 0) continue;
      verdict.good = 2 * (dst + 1);
      const p = plane[dst]!;
      for (let k = planeStart[p]!; k < planeStart[p + 1]!; k++) {
        const source = leaves[k]!;
        const stop = this.#walk(routes, source, dst, verdict);
        const fault =
          verdict.of[source - endpoints] === verdict.good ? null : verdict.fault[source - endpoints]!;
        this.#count(source, dst, 1, fault, stop);
      }
    }
    this.#countEntries(routes);
  }

  /** From `source` to the first switch already judged for this destination, a fault, or the end; returns where. */
  #walk(routes: TableRoutes, source: number, dst: number, verdict: Verdict): number {
    const { endpoints, linkTo } = this.#fabric;
    const { good, of, trail } = verdict;
    const graph = this.#channels();
    let node = source;
    let into = -1;
    let length = 0;
    let fault: FaultKind | null = null;
    while (node !== dst) {
      const link = tableLink(this.#fabric, routes, this.#hops, node, dst);
      const wrong = this.#faultOf(node, link, dst);
      if (wrong === null && into >= 0) graph.add(into, link);
      if (of[node - endpoints]! >= good) {
        // Met before: a switch still marked bad is on this very trail (a loop), or failed an earlier walk.
        if (of[node - endpoints] !== good) fault = verdict.fault[node - endpoints] ?? 'loop';
        break;
      }
      of[node - endpoints] = good + 1;
      verdict.fault[node - endpoints] = null;
      trail[length++] = node;
      fault = wrong;
      if (fault !== null) break;
      into = link;
      node = linkTo[link]!;
    }
    for (let i = 0; i < length; i++) {
      if (fault === null) of[trail[i]! - endpoints] = good;
      verdict.fault[trail[i]! - endpoints] = fault;
    }
    return node;
  }

  #faultOf(node: number, link: number, dst: number): FaultKind | null {
    const { linkStart, linkAlive, linkTo, endpoints } = this.#fabric;
    if (link < 0) return 'no entry';
    if (link >= linkStart[node + 1]!) return 'no such port';
    if (linkAlive[link] !== 1) return 'dead link';
    if (linkTo[link]! < endpoints && linkTo[link] !== dst) return 'wrong endpoint';
    return null;
  }

  /** Every candidate at every switch must lead on, and once a path goes down it must stay down. */
  followCandidates(): void {
    const { endpoints, nodes, plane } = this.#fabric;
    const { start, leaves, planeStart } = this.#attached;
    const complete = this.#completeSwitches();
    const climbs = new Uint8Array(this.#hops.pool.length);
    for (let node = endpoints; node < nodes; node++) {
      const p = plane[node]!;
      const isSource = start[node - endpoints + 1]! > start[node - endpoints]!;
      for (let k = planeStart[p]!; k < planeStart[p + 1]!; k++) {
        const leaf = leaves[k]!;
        const list = node === leaf ? -1 : this.#hops.list(node, leaf);
        if (list !== 0)
          this.#entries[node - endpoints]! += start[leaf - endpoints + 1]! - start[leaf - endpoints]!;
        const leadsOn =
          list < 0 ||
          (list > 0 && (this.#climbs(list, complete, climbs) || this.#leadsOn(list, leaf, complete)));
        if (isSource) this.#countLeaf(node, leaf, leadsOn ? null : 'no up/down path');
      }
    }
  }

  /** By switch: 1 when it has candidates for every leaf of its plane, so that none need be asked for one by one. */
  #completeSwitches(): Uint8Array {
    const { endpoints, nodes, plane } = this.#fabric;
    const { leaves, planeStart } = this.#attached;
    const complete = new Uint8Array(nodes - endpoints).fill(1);
    for (let node = endpoints; node < nodes; node++) {
      for (let k = planeStart[plane[node]!]!; k < planeStart[plane[node]! + 1]!; k++) {
        if (leaves[k] === node || this.#hops.list(node, leaves[k]!) !== 0) continue;
        complete[node - endpoints] = 0;
        break;
      }
    }
    return complete;
  }

  /** True when every link of the list leads up to a complete switch, whatever the leaf. `known`: 1 no, 2 yes. */
  #climbs(list: number, complete: Uint8Array, known: Uint8Array): boolean {
    if (known[list] === 0) {
      const { endpoints, linkTo, linkDirection } = this.#fabric;
      const { pool } = this.#hops;
      let all = true;
      for (let i = 1; i <= pool[list]!; i++) {
        const link = pool[list + i]!;
        all &&= linkDirection[link] === 1 && complete[linkTo[link]! - endpoints] === 1;
      }
      known[list] = all ? 2 : 1;
    }
    return known[list] === 2;
  }

  #leadsOn(list: number, leaf: number, complete: Uint8Array): boolean {
    const { endpoints, linkTo, linkDirection } = this.#fabric;
    const { pool } = this.#hops;
    for (let i = 1; i <= pool[list]!; i++) {
      const link = pool[list + i]!;
      const next = linkTo[link]!;
      if (next === leaf || (linkDirection[link] === 1 && complete[next - endpoints] === 1)) continue;
      const onward = this.#hops.list(next, leaf);
      if (onward === 0) return false;
      if (linkDirection[link]! < 0 && linkDirection[pool[onward + 1]!]! >= 0) this.#ordered = false;
    }
    return true;
  }

  /** Pins join their ends over live links; their dependencies count like any other. */
  followPins(routes: PinnedRoutes): void {
    const { endpoints, linkTo, linkFrom, linkAlive, linkDirection } = this.#fabric;
    const { leafOf, edge } = this.#hops;
    const inOrder = (a: number, b: number) =>
      linkDirection[a]! > 0 || (linkDirection[a]! < 0 && linkDirection[b]! < 0);
    for (let p = 0; p < routes.src.length; p++) {
      const src = routes.src[p]!;
      const dst = routes.dst[p]!;
      let node = leafOf[src]!;
      let into = -1;
      let whole = node >= 0 && edge[dst]! >= 0;
      for (let i = routes.start[p]!; i < routes.start[p + 1]! && whole; i++) {
        const link = routes.links[i]!;
        whole = linkFrom[link] === node && linkAlive[link] === 1 && linkTo[link]! >= endpoints;
        if (!whole) break;
        this.#policy[node - endpoints]!++;
        if (into >= 0) {
          if (!inOrder(into, link)) this.#ordered = false;
          this.#channels().add(into, link);
        }
        into = link;
        node = linkTo[link]!;
      }
      if (whole && node === leafOf[dst]) continue;
      this.#unreachable++;
      this.#example('broken pin', src, dst, node);
    }
  }

  #channels(): ChannelGraph {
    this.#graph ??= new ChannelGraph(this.#fabric);
    return this.#graph;
  }

  #countEntries(routes: TableRoutes): void {
    const { size } = columnsOf(this.#fabric);
    for (let s = 0; s < routes.rows.length; s++) {
      const row = routes.rows[s]!;
      let entries = 0;
      if (row === null) entries = size[this.#fabric.plane[this.#fabric.endpoints + s]!]!;
      else for (let c = 0; c < row.length; c++) if (row[c] !== NO_ENTRY) entries++;
      this.#entries[s] = entries;
    }
  }

  #countLeaf(source: number, leaf: number, fault: FaultKind | null): void {
    const { start, endpoint } = this.#attached;
    const s = leaf - this.#fabric.endpoints;
    if (fault === null && this.#workload[s]! > 0 && this.#workload[source - this.#fabric.endpoints]! > 0) {
      const workload = this.#workload[s]!;
      this.#pairs += workload;
      this.#aggregator += start[s + 1]! - start[s]! - workload;
      return;
    }
    for (let i = start[s]!; i < start[s + 1]!; i++) this.#count(source, endpoint[i]!, 1, fault, source);
  }

  #count(source: number, dst: number, n: number, fault: FaultKind | null, at: number): void {
    const workload =
      this.#workload[source - this.#fabric.endpoints]! > 0 && this.#fabric.kind[dst] === NodeKind.endpoint;
    if (workload) this.#pairs += n;
    else this.#aggregator += n;
    if (fault === null) return;
    if (workload) this.#unreachable += n;
    else this.#unreachableAggregator += n;
    this.#example(fault, source, dst, at);
  }

  #example(kind: FaultKind, from: number, to: number, at: number): void {
    if (this.#examples.length >= EXAMPLES) return;
    const { names } = this.#fabric;
    this.#examples.push({ kind, from: names[from]!, to: names[to]!, at: names[at] ?? '' });
  }
}
