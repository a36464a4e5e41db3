import { type Fabric, NodeKind } from '../fabric/types.ts';
import { PinIndex } from '../flow/pin-index.ts';
import { LONGEST_PATH, walkerOf } from '../flow/walk.ts';
import { stream } from '../numeric/random.ts';
import { isInner } from '../routes/reach.ts';
import type { NextHops, PinnedRoutes, TableRoutes } from '../routes/types.ts';
import { transportBound } from './transport-bound.ts';
import type { EffectiveBandwidth } from './types.ts';

/** One flow of one unit from src[i] to dst[i] for every i; endpoints, equal lengths. A flow to itself is none. */
export interface UnitPattern {
  readonly src: Int32Array;
  readonly dst: Int32Array;
}

/** The endpoints of one plane that carry workload and whose cable lives, in id order: who takes part in a pattern. */
export function workloadEndpoints(fabric: Fabric, hops: NextHops, plane = 0): Int32Array {
  const list: number[] = [];
  for (let e = 0; e < fabric.endpoints; e++) {
    if (fabric.kind[e] === NodeKind.endpoint && fabric.plane[e] === plane && hops.leafOf[e]! >= 0)
      list.push(e);
  }
  return Int32Array.from(list);
}

/** Shifts by 1, 1 + step, 1 + 2 step, ... below the number of members: member i sends to member i + shift, cyclically. */
export function shiftPatterns(members: Int32Array, step = 1): UnitPattern[] {
  const patterns: UnitPattern[] = [];
  const n = members.length;
  for (let k = 1; k < n; k += step) {
    patterns.push({ src: members, dst: Int32Array.from(members, (_, i) => members[(i + k) % n]!) });
  }
  return patterns;
}

/** Random permutations, each from a stream of its own; a member that draws itself sends nothing. */
export function permutationPatterns(members: Int32Array, seed: number, count: number): UnitPattern[] {
  return Array.from({ length: count }, (_, i) => {
    const dst = members.slice();
    stream(seed, 'permutation', i).shuffle(dst);
    return { src: members, dst };
  });
}

/**
 * Effective bandwidth: every flow of a pattern at once, each getting the share of its fullest link between switches
 * (1 / number of flows there; 1 under one leaf); the mean over flows, then over patterns. Flows to oneself are
 * left out, flows without a path count 0. The measure of T. Hoefler, T. Schneider, A. Lumsdaine, "Multistage
 * switches are not crossbars", CLUSTER 2008, doi:10.1109/CLUSTR.2008.4663762. O(flows x hops).
 */
export function effectiveBandwidth(
  fabric: Fabric,
  hops: NextHops,
  routes: TableRoutes | (PinnedRoutes & { readonly base: TableRoutes }),
  patterns: readonly UnitPattern[],
): EffectiveBandwidth {
  const walker = walkerOf(fabric, hops, routes.kind === 'tables' ? routes : routes.base);
  const pins = routes.kind === 'tables' ? null : new PinIndex(routes, fabric.endpoints);
  const follow = (src: number, dst: number, out: Int32Array, at: number): number => {
    const pin = pins === null ? -1 : pins.find(src, dst);
    if (pin < 0) {
      const length = walker.walk(src, dst, 0);
      for (let h = 0; h < length; h++) out[at + h] = walker.path[h]!;
      return length;
    }
    const { links, start } = routes as PinnedRoutes;
    const length = start[pin + 1]! - start[pin]!;
    for (let h = 0; h < length; h++) out[at + h] = links[start[pin]! + h]!;
    return length;
  };
  const load = new Int32Array(fabric.links);
  const values = new Float64Array(patterns.length);
  let worstLoad = 0;
  let ceiling = 0;
  patterns.forEach((pattern, p) => {
    const one = evaluate(pattern, follow, load);
    values[p] = one.value;
    worstLoad = Math.max(worstLoad, one.worst);
    ceiling += effectiveCeiling(fabric, hops, pattern);
  });
  const count = Math.max(1, patterns.length);
  return {
    mean: values.reduce((a, b) => a + b, 0) / count,
    ceiling: ceiling / count,
    worstLoad,
    values,
  };
}

type Follow = (src: number, dst: number, out: Int32Array, at: number) => number;

/** `load` comes and goes as zeros. */
function evaluate({ src, dst }: UnitPattern, follow: Follow, load: Int32Array) {
  const paths = new Int32Array(src.length * LONGEST_PATH);
  const lengths = new Int32Array(src.length);
  let flows = 0;
  for (let i = 0; i < src.length; i++) {
    if (src[i] === dst[i]) continue;
    flows++;
    lengths[i] = follow(src[i]!, dst[i]!, paths, i * LONGEST_PATH);
    for (let h = 0; h < lengths[i]!; h++) load[paths[i * LONGEST_PATH + h]!]!++;
  }
  let sum = 0;
  let worst = 0;
  for (let i = 0; i < src.length; i++) {
    if (src[i] === dst[i] || lengths[i]! < 0) continue;
    let most = 1;
    for (let h = 0; h < lengths[i]!; h++) most = Math.max(most, load[paths[i * LONGEST_PATH + h]!]!);
    if (lengths[i]! > 0) worst = Math.max(worst, most);
    sum += 1 / most;
  }
  for (let i = 0; i < paths.length; i++) load[paths[i]!] = 0;
  return { value: flows === 0 ? 1 : sum / flows, worst };
}

/**
 * An upper bound on the effective bandwidth of one pattern under any single-path routing: shares of the flows that
 * cross a link sum up to at most 1, so they make a flow from source leaves (at most their live up-links) over
 * pairs of leaves (at most their flows, and the first hops that lead there) to destination leaves (at most their
 * live down-links), and no such flow is larger than the maximum flow. O(sqrt(leaves) x pairs) and less.
 */
export function effectiveCeiling(fabric: Fabric, hops: NextHops, { src, dst }: UnitPattern): number {
  const { leafOf, pool } = hops;
  const pairs = new Map<number, number>();
  let flows = 0;
  let local = 0;
  for (let i = 0; i < src.length; i++) {
    if (src[i] === dst[i]) continue;
    flows++;
    const a = leafOf[src[i]!]!;
    const b = leafOf[dst[i]!]!;
    if (a < 0 || b < 0) continue;
    if (a === b) local++;
    else pairs.set(a * fabric.nodes + b, (pairs.get(a * fabric.nodes + b) ?? 0) + 1);
  }
  const edges = [...pairs].map(([key, count]) => {
    const from = Math.floor(key / fabric.nodes);
    const to = key % fabric.nodes;
    return { from, to, limit: Math.min(count, pool[hops.list(from, to)]!) };
  });
  const ups = (node: number) => linksUp(fabric, node);
  return flows === 0 ? 1 : (local + transportBound(edges, ups, ups)) / flows;
}

/** Live cables of a switch towards the top: as many carry it upwards as downwards. */
function linksUp(fabric: Fabric, node: number): number {
  let n = 0;
  for (let l = fabric.linkStart[node]!; l < fabric.linkStart[node + 1]!; l++) {
    if (fabric.linkDirection[l] === 1 && isInner(fabric, l)) n++;
  }
  return n;
}
