import { oncePer } from '../base/once.ts';
import type { Routes } from '../routes/types.ts';
import { LoadSums } from './sums.ts';
import type { FlowLoads, LinkLoad, Unrouted } from './types.ts';

/** What routes make of flows. Readers must not write. */
export interface Measured {
  /** Bytes of the step on links between switches. */
  readonly load: LinkLoad;
  readonly unrouted: Readonly<Unrouted>;
  /** By operation: seconds of the busiest link between switches in one invocation, and that link (-1: none). */
  readonly seconds: Float64Array;
  readonly busiest: Int32Array;
}

/** As many as one plan compares. */
const MOST = 8;

const recent = oncePer((_: FlowLoads): { readonly routes: Routes; readonly measured: Measured }[] => []);

/** Loads operation by operation. The last few routes of the same flows are remembered: stages ask for the same ones. */
export function measure(engine: FlowLoads, routes: Routes): Measured {
  const known = recent(engine);
  const found = known.find((k) => sameRoutes(k.routes, routes));
  if (found !== undefined) return found.measured;
  const operations = engine.flows.operations.length;
  const sums = new LoadSums(engine.fabric.links);
  const seconds = new Float64Array(operations);
  const busiest = new Int32Array(operations);
  for (let o = 0; o < operations; o++) {
    sums.forgetOnce();
    engine.addInner(routes, sums, o);
    const worst = sums.busiestOnce(engine.fabric.linkRate);
    seconds[o] = worst.seconds;
    busiest[o] = worst.link;
  }
  const measured = { load: sums.step, unrouted: sums.unrouted, seconds, busiest };
  known.push({ routes, measured });
  if (known.length > MOST) known.shift();
  return measured;
}

/** True when both give every packet the same way. */
export function sameRoutes(a: Routes, b: Routes): boolean {
  if (a.kind === 'ecmp' && b.kind === 'ecmp') return a.seed === b.seed && a.queuePairs === b.queuePairs;
  return a === b || (a.kind === 'adaptive' && b.kind === 'adaptive');
}
