import type { FluidResult } from '../fluid/types.ts';
import type { Network, Ways } from './network.ts';

/** Planes are even when their parts of every flow end within this of one another. */
const EVEN = 0.01;

/** Whether any flow goes over several planes, so that there is something to balance. */
export function overSeveralPlanes({ schedule, planes }: Network): boolean {
  return planes.flows.count > schedule.flows.count;
}

/**
 * Bytes of every flow between endpoints so that the planes of a NIC end nearer to one another than in the run `result`: each
 * plane's by the rate that it had there. Null when they end together already. O(parts).
 */
export function balanced(network: Network, ways: Ways, result: FluidResult): Float64Array | null {
  const { schedule, planes } = network;
  const { flows, of } = planes;
  const moved = new Float64Array(flows.count);
  const seconds = new Float64Array(flows.count);
  for (let i = 0; i < ways.parts; i++) {
    const f = ways.planeFlow[i]!;
    const m = ways.message[i]!;
    const begin = result.phaseBegin[schedule.phase[m]!]! + schedule.offset[m]!;
    moved[f]! += ways.bytes[i]!;
    seconds[f] = Math.max(seconds[f]!, result.finish[i]! - begin);
  }
  const next = new Float64Array(flows.count);
  let even = true;
  for (let from = 0; from < flows.count; ) {
    let to = from;
    let rates = 0;
    let longest = 0;
    for (; to < flows.count && of[to] === of[from]; to++) {
      rates += rateOf(to);
      longest = Math.max(longest, seconds[to]!);
    }
    const bytes = schedule.flows.bytes[of[from]!]!;
    for (let f = from; f < to; f++) {
      next[f] = rates > 0 ? (bytes * rateOf(f)) / rates : moved[f]!;
      if (moved[f]! > 0 && seconds[f]! < longest * (1 - EVEN)) even = false;
    }
    from = to;
  }
  return even ? null : next;

  function rateOf(f: number): number {
    return seconds[f]! > 0 && seconds[f]! < Number.POSITIVE_INFINITY ? moved[f]! / seconds[f]! : 0;
  }
}

/** The same ways with other bytes on the planes; parts of one plane keep their proportions. */
export function rebalanced(network: Network, ways: Ways, planeBytes: Float64Array): Ways {
  const before = network.planes.flows.bytes;
  const bytes = ways.bytes.map((b, i) => {
    const f = ways.planeFlow[i]!;
    return before[f]! > 0 ? (b * planeBytes[f]!) / before[f]! : 0;
  });
  return { ...ways, bytes };
}
