import type { Flows } from '../fabric/types.ts';
import type { NextHops } from '../routes/types.ts';
import type { LeavingFlows, OrderedFlows } from './types.ts';

/** The flows that do not stay under one leaf, by operation. O(flows). */
export function leavingFlows(
  { leafOf }: NextHops,
  { src, dst, count, operations }: Flows,
  { order, start: all }: Pick<OrderedFlows, 'order' | 'start'>,
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
