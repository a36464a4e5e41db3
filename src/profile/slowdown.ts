import { isSwitch } from '../fabric/builder.ts';
import type { Fabric, Flows } from '../fabric/types.ts';
import { busiest } from '../flow/bottleneck.ts';
import { completion, invocationOf, sameWays } from '../flow/completion.ts';
import { LoadEngine } from '../flow/loads.ts';
import { flowPaths } from '../flow/paths.ts';
import { nicLinks, switchLinks } from '../flow/summary.ts';
import type { FluidPaths } from '../fluid/types.ts';
import { HAIR } from '../numeric/tolerance.ts';
import type { NextHops, Routes } from '../routes/types.ts';

/** At most so many flows are simulated; operations that would go beyond are left out. */
const MOST_FLOWS = 100_000;

/** How much later flows end than they would if only NICs bound them. */
export interface Slowdowns {
  /** 99 of 100 flows are not slowed down more. */
  readonly p99: number;
  /** Flows of operations that were too large to look at. */
  readonly leftOut: number;
  /** Bytes of the step on every link. */
  readonly load: Float64Array;
}

/**
 * Slowdown of every flow of a step by the links between switches: when it ends in its operation's invocation, all flows of
 * which begin together, over when it would on a network in which NICs alone bind. Simulated only where loads do not
 * already show that it is 1. O(flows * hops) and the simulations.
 */
export function slowdowns(fabric: Fabric, hops: NextHops, flows: Flows, routes: Routes): Slowdowns {
  const watch = new Watch(new LoadEngine(fabric, hops, flows));
  const known: { readonly flows: Flows; readonly slow: readonly number[] }[] = [];
  const slow: number[] = [];
  let looked = 0;
  let leftOut = 0;
  let simulated = 0;
  for (let o = 0; o < flows.operations.length; o++) {
    const [from, to] = watch.engine.rangeOf(o);
    looked += to - from;
    if (watch.keepsUp(o, routes)) continue;
    const once = invocationOf(watch.engine, o);
    let found = known.find((k) => sameWays(k.flows, once, routes));
    if (found === undefined) {
      if (simulated + once.count > MOST_FLOWS) {
        looked -= once.count;
        leftOut += once.count;
        continue;
      }
      simulated += once.count;
      found = { flows: once, slow: simulatedSlowdowns(fabric, hops, once, routes) };
      known.push(found);
    }
    for (const s of found.slow) slow.push(s);
  }
  slow.sort((a, b) => a - b);
  // The others, first in order, have 1.
  const at = Math.ceil(0.99 * looked) - 1 - (looked - slow.length);
  return { p99: at < 0 ? 1 : slow[at]!, leftOut, load: watch.load };
}

/** Looks at the loads of one operation after the other, and adds them up. */
class Watch {
  readonly engine: LoadEngine;
  readonly load: Float64Array;
  readonly #once: Float64Array;
  readonly #nics: Uint32Array;
  readonly #inner: Uint32Array;

  constructor(engine: LoadEngine) {
    const { fabric } = engine;
    this.engine = engine;
    this.load = new Float64Array(fabric.links);
    this.#once = new Float64Array(fabric.links);
    this.#nics = nicLinks(fabric);
    this.#inner = switchLinks(fabric);
  }

  /**
   * True when it is certain that links between switches slow no flow of the operation down: none is used; or all flows are
   * equal, each has a NIC that is busy all the time T that the busiest NIC is, and no link between switches is busier.
   * Then every flow has bytes / T from begin to end.
   */
  keepsUp(operation: number, routes: Routes): boolean {
    const { fabric } = this.engine;
    const [from, to] = this.engine.rangeOf(operation);
    this.#once.fill(0);
    const sums = { step: this.load, once: this.#once, unrouted: { flows: 0, bytes: 0 } };
    this.engine.addInner(routes, from, to, sums);
    const inner = busiest(fabric, this.#once, this.#inner).seconds;
    this.engine.addNics(from, to, sums);
    const nic = busiest(fabric, this.#once, this.#nics).seconds;
    return inner === 0 || (inner <= nic * (1 + HAIR) && this.#allAsBusy(from, to, nic));
  }

  #allAsBusy(from: number, to: number, seconds: number): boolean {
    const { flows, order, hops, fabric } = this.engine;
    const first = order[from]!;
    const bytes = flows.bytes[first]! / flows.invocations[first]!;
    const busy = (link: number): boolean =>
      this.#once[link]! / fabric.linkRate[link]! >= seconds * (1 - HAIR);
    for (let i = from; i < to; i++) {
      const f = order[i]!;
      const into = hops.edge[flows.dst[f]!]!;
      const out = hops.edge[flows.src[f]!]!;
      if (into < 0 || out < 0 || flows.src[f] === flows.dst[f]) continue;
      if (flows.bytes[f]! / flows.invocations[f]! !== bytes) return false;
      if (!busy(into) && !busy(fabric.linkReverse[out]!)) return false;
    }
    return true;
  }
}

/** Those above 1. */
function simulatedSlowdowns(fabric: Fabric, hops: NextHops, flows: Flows, routes: Routes): number[] {
  const ways = flowPaths(fabric, hops, flows, routes);
  const real = completion(ways, flows, fabric.linkRate);
  const free = completion({ ...ways, paths: endsOf(fabric, ways.paths) }, flows, fabric.linkRate);
  const slow: number[] = [];
  for (let f = 0; f < flows.count; f++) {
    // What ends a hair later is not slower; flows without a way are somebody else's to report.
    if (real[f]! < Number.POSITIVE_INFINITY && real[f]! > free[f]! * (1 + HAIR))
      slow.push(real[f]! / free[f]!);
  }
  return slow;
}

/** Paths without their links between switches. */
function endsOf(fabric: Fabric, paths: FluidPaths): FluidPaths {
  const isEnd = (l: number): boolean =>
    !isSwitch(fabric, fabric.linkFrom[l]!) || !isSwitch(fabric, fabric.linkTo[l]!);
  const start = new Uint32Array(paths.count + 1);
  const link: number[] = [];
  for (let p = 0; p < paths.count; p++) {
    for (let i = paths.start[p]!; i < paths.start[p + 1]!; i++) {
      if (isEnd(paths.link[i]!)) link.push(paths.link[i]!);
    }
    start[p + 1] = link.length;
  }
  return { count: paths.count, start, link: Uint32Array.from(link), share: null };
}
