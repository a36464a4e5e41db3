import type { Flows } from '../fabric/types.ts';
import type { NextHops } from '../routes/types.ts';
import type { LeavingFlows } from './types.ts';

/** The flows that do not stay under one leaf, by operation. O(flows). */
export function leavingFlows(hops: NextHops, flows: Flows): LeavingFlows {
  const { leafOf } = hops;
  const { src, dst, operation, count } = flows;
  const leaves = (f: number): boolean => {
    const leaf = leafOf[src[f]!]!;
    return leaf < 0 || leaf !== leafOf[dst[f]!]!;
  };
  const start = new Int32Array(flows.operations.length + 1);
  for (let f = 0; f < count; f++) if (leaves(f)) start[operation[f]! + 1]!++;
  for (let o = 0; o < flows.operations.length; o++) start[o + 1]! += start[o]!;
  const next = start.slice();
  const flow = new Int32Array(start[flows.operations.length]!);
  for (let f = 0; f < count; f++) if (leaves(f)) flow[next[operation[f]!]!++] = f;
  return { flow, start };
}
