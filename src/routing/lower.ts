import type { Context } from '../base/context.ts';
import type { LinkLoad } from '../flow/types.ts';
import type { CutBounds } from './bounds.ts';
import type { Units } from './demand.ts';
import { dualBound, exactBound, exactColumns } from './fractional.ts';
import type { Plane } from './plane.ts';
import { MEETS } from './tables.ts';
import { type TrunkGraph, trunkGraph } from './trunks.ts';
import type { Bounds } from './types.ts';

export interface BoundEffort {
  /** Largest exact programme, columns; larger instances take the dual bound. */
  readonly exactColumns: number;
  /** Trunk visits of all rounds of the dual bound. */
  readonly dualVisits: number;
}

export const BOUND_EFFORT: BoundEffort = { exactColumns: 2500, dualVisits: 4000000 };

/**
 * Bounds of the whole fabric for one pattern: the largest over its planes, of which `cuts` are the cut bounds. These
 * are taken as they are where
 * `achieved` (any routing's largest load, best of an equal split) meets it, which proves it exact; else planes are
 * refined one by one, by the exact programme where it is small enough, otherwise by the certified dual, which
 * `load` (bytes by fabric link, of any routing) gives its first lengths.
 */
export async function lowerBounds(
  planes: readonly Plane[],
  units: readonly Units[],
  cuts: readonly CutBounds[],
  achieved: number,
  load: LinkLoad,
  context: Context,
  effort: BoundEffort = BOUND_EFFORT,
): Promise<Bounds> {
  let fractional = 0;
  let whole = 0;
  for (const cut of cuts) {
    fractional = Math.max(fractional, cut.fractional);
    whole = Math.max(whole, cut.whole);
  }
  if (achieved <= fractional * (1 + MEETS)) {
    return { fractional, fractionalKind: 'cut', wholeDestination: whole };
  }
  const seen = new Set<CutBounds>();
  let exact = true;
  for (let p = 0; p < planes.length; p++) {
    // Equal planes share their bounds, and are refined once.
    if (seen.has(cuts[p]!) || units[p]!.count === 0) continue;
    seen.add(cuts[p]!);
    if (planes[p]!.leaves.length * planes[p]!.links > effort.dualVisits) {
      exact = false; // one round would be too much: the cut stands
      continue;
    }
    const graph = trunkGraph(planes[p]!, units[p]!);
    const refined = await refine(graph, load, context, effort, planes.length);
    exact &&= refined.exact;
    fractional = Math.max(fractional, refined.bound);
  }
  return {
    fractional,
    fractionalKind: exact ? 'linear-program' : 'dual',
    wholeDestination: Math.max(whole, fractional),
  };
}

async function refine(
  graph: TrunkGraph,
  load: LinkLoad,
  context: Context,
  effort: BoundEffort,
  planes: number,
) {
  if (exactColumns(graph) <= effort.exactColumns) {
    const bound = exactBound(graph, await context.solver());
    if (bound !== null) return { bound, exact: true };
  }
  const visits = graph.order.length * (graph.trunks / graph.plane.switches.length + 1);
  const rounds = Math.floor(effort.dualVisits / planes / visits);
  return { bound: rounds > 0 ? dualBound(graph, hintOf(graph, load), rounds) : 0, exact: false };
}

/** Load of each trunk relative to the fullest. */
function hintOf(graph: TrunkGraph, load: LinkLoad): Float64Array {
  const { plane, trunks, from, to, capacity } = graph;
  const trunkAt = new Map<number, number>();
  for (let t = 0; t < trunks; t++) trunkAt.set(from[t]! * plane.switches.length + to[t]!, t);
  const hint = new Float64Array(trunks);
  for (let e = 0; e < plane.links; e++) {
    const t = trunkAt.get(plane.from[e]! * plane.switches.length + plane.to[e]!)!;
    hint[t]! += load[plane.linkId[e]!]! / capacity[t]!;
  }
  let fullest = 0;
  for (let t = 0; t < trunks; t++) fullest = Math.max(fullest, hint[t]!);
  for (let t = 0; t < trunks && fullest > 0; t++) hint[t]! /= fullest;
  return hint;
}
