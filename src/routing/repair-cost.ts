import { buildFabric, type CableInput } from '../fabric/builder.ts';
import type { Fabric, Repair, WiringChange } from '../fabric/types.ts';
import { LoadEngine } from '../flow/loads.ts';
import { summarise } from '../flow/summary.ts';
import { LoadSums } from '../flow/sums.ts';
import { HAIR } from '../numeric/tolerance.ts';
import { nextHops } from '../routes/next-hops.ts';
import { cutBounds } from './bounds.ts';
import { unitsOfFlows } from './demand.ts';
import { planesOf } from './plane.ts';
import type { PricedRepair, TrafficDemand } from './types.ts';

/** Beyond this many differences the wiring is another one, and a price for each says nothing. */
export const MOST_PRICED = 512;

interface Measure {
  /** By demand, seconds: what no routing beats (a cut), and the busiest link when every switch splits evenly. */
  readonly cut: readonly number[];
  readonly even: readonly number[];
  /** Endpoints without a way to a switch. */
  readonly cutOff: number;
  /** Flows that no up/down path carries. */
  readonly unroutable: number;
}

/**
 * What each difference costs by itself: the expected fabric with this one thing wrong against the expected fabric, for
 * the demand that it hurts most (priority x loss). Dearest first: endpoints cut off and flows without a way, then the
 * loss that even the best routes have, then the loss under an even split, then the order given. An endpoint's slow
 * cable counts by its own time. Only the first MOST_PRICED are priced. O(repairs * (flows + links)).
 */
export function priceRepairs(
  expected: Fabric,
  repairs: readonly Repair[],
  demands: readonly TrafficDemand[],
): PricedRepair[] {
  const base = measure(expected, demands);
  const priced = repairs.map((repair, i): PricedRepair => {
    if (i >= MOST_PRICED) return { ...repair, cutOff: 0, unroutable: 0, best: null, even: null };
    const now = isNoChange(repair.change) ? base : measure(changed(expected, repair.change), demands);
    const loss = (a: readonly number[], b: readonly number[]): number =>
      Math.max(0, ...demands.map((d, k) => (b[k]! > 0 ? d.priority * (a[k]! / b[k]! - 1) : 0)));
    const slowNic = nicLoss(expected, repair.change, demands, base);
    return {
      ...repair,
      cutOff: Math.max(0, now.cutOff - base.cutOff),
      unroutable: Math.max(0, now.unroutable - base.unroutable),
      best: Math.max(slowNic, loss(now.cut, base.cut)),
      even: Math.max(slowNic, loss(now.even, base.even)),
    };
  });
  const order = priced.map((_, i) => i);
  const key = (p: PricedRepair): number[] => [p.cutOff, p.unroutable, p.best ?? -1, p.even ?? -1];
  order.sort((i, j) => {
    const a = key(priced[i]!);
    const b = key(priced[j]!);
    for (let k = 0; k < a.length; k++) if (Math.abs(a[k]! - b[k]!) > HAIR * (1 + b[k]!)) return b[k]! - a[k]!;
    return i - j;
  });
  return order.map((i) => priced[i]!);
}

function isNoChange({ removed, slowed, added }: WiringChange): boolean {
  return removed.length + slowed.length + added.length === 0;
}

function measure(fabric: Fabric, demands: readonly TrafficDemand[]): Measure {
  const hops = nextHops(fabric);
  const planes = planesOf(fabric, hops);
  let unroutable = 0;
  const cut: number[] = [];
  const even: number[] = [];
  for (const { flows } of demands) {
    const found = unitsOfFlows(planes, flows);
    unroutable += found.unroutable;
    cut.push(Math.max(0, ...planes.map((plane, p) => cutBounds(plane, found.units[p]!).fractional)));
    const sums = new LoadSums(fabric.links);
    new LoadEngine(fabric, hops, flows).addInner({ kind: 'adaptive' }, sums);
    even.push(summarise(fabric, sums.step).maxLoad);
  }
  const cutOff = hops.leafOf.reduce((n, leaf) => n + (leaf < 0 ? 1 : 0), 0);
  return { cut, even, cutOff, unroutable };
}

/** A slow cable of an endpoint: its own seconds over the busiest switch link's, less one; 0 when it is less. */
function nicLoss(
  fabric: Fabric,
  { slowed }: WiringChange,
  demands: readonly TrafficDemand[],
  base: Measure,
): number {
  let worst = 0;
  for (const { link, rate } of slowed) {
    const e = Math.min(fabric.linkFrom[link]!, fabric.linkTo[link]!);
    if (e >= fabric.endpoints) continue;
    for (const [d, { flows, priority }] of demands.entries()) {
      let out = 0;
      let into = 0;
      for (let f = 0; f < flows.count; f++) {
        if (flows.src[f] === e) out += flows.bytes[f]!;
        if (flows.dst[f] === e) into += flows.bytes[f]!;
      }
      const seconds = Math.max(out, into) / rate;
      if (base.cut[d]! > 0) worst = Math.max(worst, priority * (seconds / base.cut[d]! - 1));
    }
  }
  return worst;
}

/** The fabric with a change made; nodes keep their numbers, links do not. */
function changed(fabric: Fabric, { removed, slowed, added }: WiringChange): Fabric {
  const gone = new Set(removed.flatMap((l) => [l, fabric.linkReverse[l]!]));
  const rate = new Map(slowed.flatMap((s) => [s.link, fabric.linkReverse[s.link]!].map((l) => [l, s.rate])));
  const cables: CableInput[] = [...added];
  for (let l = 0; l < fabric.links; l++) {
    const back = fabric.linkReverse[l]!;
    if (back < l || gone.has(l)) continue;
    cables.push({
      a: fabric.linkFrom[l]!,
      aPort: fabric.linkPort[l]!,
      b: fabric.linkTo[l]!,
      bPort: fabric.linkPort[back]!,
      rate: rate.get(l) ?? fabric.linkRate[l]!,
      alive: fabric.linkAlive[l] === 1,
    });
  }
  const nodes = fabric.names.map((name, n) => ({
    name,
    kind: fabric.kind[n]!,
    tier: fabric.tier[n]!,
    plane: fabric.plane[n]!,
  }));
  const { name, transport, planes, layers, hosts } = fabric;
  const identity = { name, transport, planes, layers };
  return buildFabric({
    ...identity,
    nodes,
    cables,
    hostNames: hosts.names,
    hostOf: hosts.of,
    nicOf: hosts.nic,
  });
}
