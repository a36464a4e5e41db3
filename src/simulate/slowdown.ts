import type { Fabric, Flows } from '../fabric/types.ts';
import { bundled } from '../flow/bundles.ts';
import { areEqual, completion, invocationOf, latestEnd, sameWays } from '../flow/completion.ts';
import { loadEngine } from '../flow/loads.ts';
import { measure } from '../flow/measure.ts';
import { nicLoads } from '../flow/nics.ts';
import { type FlowPaths, flowPaths } from '../flow/paths.ts';
import { HAIR } from '../numeric/tolerance.ts';
import type { NextHops, Routes } from '../routes/types.ts';
import { adaptiveIsIdeal, idealCapacity, idealPaths } from './ideal.ts';

/** At most so many flows are simulated; operations that would go beyond are left out. */
const MOST_FLOWS = 20_000;

/** How much later flows end than under the best routing. */
export interface Slowdowns {
  /** 99 of 100 flows are not slowed down more. */
  readonly p99: number;
  /** Flows of operations that were too large to look at. */
  readonly leftOut: number;
  /** Bytes of the step on every link. */
  readonly load: Float64Array;
}

/**
 * Slowdown of every flow of a step by its routing: when it ends in its operation's invocation, all flows of which begin
 * together, over when it would if switches spread all bytes evenly over their trunks (ideal.ts). Simulated only where
 * loads do not already show that it is 1. O(flows * hops) and the simulations.
 */
export function slowdowns(fabric: Fabric, hops: NextHops, flows: Flows, routes: Routes): Slowdowns {
  const engine = loadEngine(fabric, hops, flows);
  const nics = nicLoads(engine);
  const inner = measure(engine, routes);
  /**
   * True when it is certain that links between switches slow no flow of the operation down: none is used; or all flows are
   * equal, each has a NIC that is busy all the time T that the busiest NIC is, and no link between switches is busier.
   * Then every flow has bytes / T from begin to end.
   */
  const keepsUp = (o: number): boolean =>
    inner.seconds[o] === 0 || (inner.seconds[o]! <= nics.seconds[o]! * (1 + HAIR) && nics.even[o] === 1);
  const capacity = idealCapacity(fabric, hops, 1);
  const known: { readonly flows: Flows; readonly slow: readonly number[] }[] = [];
  const slow: number[] = [];
  let looked = 0;
  let leftOut = 0;
  let simulated = 0;
  for (let o = 0; o < flows.operations.length; o++) {
    const [from, to] = engine.rangeOf(o);
    looked += to - from;
    if (keepsUp(o)) continue;
    const once = invocationOf(engine, o);
    let found = known.find((k) => sameWays(k.flows, once, routes));
    if (found === undefined) {
      if (simulated + once.count > MOST_FLOWS) {
        looked -= once.count;
        leftOut += once.count;
        continue;
      }
      simulated += once.count;
      found = { flows: once, slow: simulatedSlowdowns(fabric, hops, once, routes, capacity) };
      known.push(found);
    }
    for (const s of found.slow) slow.push(s);
  }
  slow.sort((a, b) => a - b);
  // The others, first in order, have 1.
  const at = Math.ceil(0.99 * looked) - 1 - (looked - slow.length);
  return { p99: at < 0 ? 1 : slow[at]!, leftOut, load: nics.load.map((bytes, l) => bytes + inner.load[l]!) };
}

/** Those above 1. `capacity` of the ideal network. */
function simulatedSlowdowns(
  fabric: Fabric,
  hops: NextHops,
  flows: Flows,
  routes: Routes,
  capacity: Float64Array,
): number[] {
  if (routes.kind === 'adaptive' && adaptiveIsIdeal(fabric, hops, flows, capacity)) return [];
  const bundles = routes.kind === 'adaptive' ? bundled(fabric, hops, flows, fabric.linkRate) : null;
  const told = bundles?.flows ?? flows;
  const rates = bundles?.capacity ?? fabric.linkRate;
  const members = bundles?.members ?? null;
  const ways = flowPaths(fabric, hops, told, routes);
  const { paths, path } = idealPaths(fabric, hops, flows);
  const flow = Int32Array.from({ length: flows.count }, (_, f) => f);
  const ideal: FlowPaths = {
    paths,
    path,
    parts: flows.count,
    flow,
    share: new Float64Array(flows.count).fill(1),
  };
  if (areEqual(flows) && endTogether(ideal, flows, capacity) >= latestEnd(ways, told, rates, members))
    return [];
  const ends = completion(ways, told, rates, members);
  const real = bundles === null ? ends : Float64Array.from(bundles.of, (b) => ends[b]!);
  const free = completion(ideal, flows, capacity);
  const slow: number[] = [];
  for (let f = 0; f < flows.count; f++) {
    // What ends a hair later is not slower; flows without a way are somebody else's to report.
    if (real[f]! < Number.POSITIVE_INFINITY && real[f]! > free[f]! * (1 + HAIR))
      slow.push(real[f]! / free[f]!);
  }
  return slow;
}

/** When equal flows all end on the ideal network, a hair added; 0 where they do not surely end together. */
function endTogether({ paths, path }: FlowPaths, { bytes, count }: Flows, capacity: Float64Array): number {
  const seconds = new Float64Array(capacity.length);
  let most = 0;
  for (const l of paths.link) {
    seconds[l]! += bytes[0]! / capacity[l]!;
    most = Math.max(most, seconds[l]!);
  }
  for (let f = 0; f < count; f++) {
    let held = path[f]! < 0;
    for (let i = paths.start[f]!; i < paths.start[f + 1]!; i++)
      held ||= seconds[paths.link[i]!]! >= most * (1 - HAIR);
    if (!held) return 0;
  }
  return most * (1 + HAIR);
}
