import type { Fabric, Flows } from '../fabric/types.ts';
import { perNetwork } from '../routes/per-network.ts';
import type { NextHops } from '../routes/types.ts';
import type { LeavingFlows, OrderedFlows } from './types.ts';

type Ends = Pick<Flows, 'count' | 'src' | 'dst' | 'operation' | 'operations'>;
type FlowOrder = Pick<OrderedFlows, 'order' | 'start' | 'leaving'>;

const latest = perNetwork((): { ends: Ends | null; order: FlowOrder | null } => ({
  ends: null,
  order: null,
}));

/**
 * The flows by operation, and those that do not stay under one leaf. The last ones of a network are remembered: most
 * what-ifs, of precision or of kernels, change bytes and leave the ends of flows as they are. O(flows).
 */
export function orderOf(fabric: Fabric, hops: NextHops, flows: Flows): FlowOrder {
  const kept = latest(fabric, hops);
  if (kept.order === null || kept.ends === null || !sameEnds(kept.ends, flows)) {
    const { count, src, dst, operation, operations } = flows;
    kept.ends = { count, src, dst, operation, operations };
    kept.order = makeOrder(hops, flows);
  }
  return kept.order;
}

function sameEnds(a: Ends, b: Ends): boolean {
  if (a.count !== b.count || a.operations.length !== b.operations.length) return false;
  for (let f = 0; f < a.count; f++) {
    if (a.src[f] !== b.src[f] || a.dst[f] !== b.dst[f] || a.operation[f] !== b.operation[f]) return false;
  }
  return true;
}

function makeOrder(hops: NextHops, flows: Ends): FlowOrder {
  const { operation, count } = flows;
  const operations = flows.operations.length;
  const start = new Int32Array(operations + 1);
  for (let f = 0; f < count; f++) start[operation[f]! + 1]!++;
  for (let o = 0; o < operations; o++) start[o + 1]! += start[o]!;
  const next = start.slice();
  const order = new Int32Array(count);
  for (let f = 0; f < count; f++) order[next[operation[f]!]!++] = f;
  return { order, start, leaving: leavingFlows(hops, flows, order, start) };
}

function leavingFlows(
  { leafOf }: NextHops,
  { src, dst, count, operations }: Ends,
  order: Int32Array,
  all: Int32Array,
): LeavingFlows {
  const start = new Int32Array(operations.length + 1);
  const flow = new Int32Array(count);
  const source = new Int32Array(count);
  const leaf = new Int32Array(count);
  let n = 0;
  for (let o = 0; o < operations.length; o++) {
    for (let i = all[o]!; i < all[o + 1]!; i++) {
      const from = leafOf[src[order[i]!]!]!;
      const to = leafOf[dst[order[i]!]!]!;
      if (from === to && from >= 0) continue;
      flow[n] = order[i]!;
      source[n] = from;
      leaf[n++] = to;
    }
    start[o + 1] = n;
  }
  return { flow: flow.slice(0, n), start, source: source.slice(0, n), leaf: leaf.slice(0, n) };
}
