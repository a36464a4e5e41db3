import { forEachGroup } from '../workload/groups.ts';
import type { Operation } from '../workload/types.ts';
import { type RankLayout, Via } from './types.ts';

/** Transfers before bytes: entry k carries share[k] of the operation's bytesPerRank. */
export interface Skeleton {
  readonly from: Int32Array;
  readonly to: Int32Array;
  readonly share: Float64Array;
  readonly via: Uint8Array;
  readonly stage: Uint16Array;
  readonly rounds: number;
}

/**
 * Point-to-point messages along each group. Where the two GPUs have different indices on different nodes, bytes
 * change over at the GPU of the wanted index on the sender's or the receiver's node, whatever rank that is; where
 * no rank runs on it, they go from NIC to NIC as addressed. O(ranks).
 */
export function sendSkeleton(
  operation: Operation,
  layout: RankLayout,
  stageOf: (rank: number) => number,
): Skeleton {
  const from: number[] = [];
  const to: number[] = [];
  const via: number[] = [];
  const stage: number[] = [];
  let rounds = 0;
  const leg = (a: number, b: number, s: number): void => {
    if (a === b) return;
    from.push(a);
    to.push(b);
    via.push(layout.node[a] === layout.node[b] ? Via.scaleUp : Via.network);
    stage.push(s);
  };
  forEachGroup(operation.groups, (members) => {
    for (let m = 0; m < members.length; m++) {
      const a = members[m]!;
      const peer = peerOf(operation, m, members.length);
      const s = stageOf(a);
      if (peer < 0 || (operation.count[s] ?? 0) === 0) continue;
      const b = members[peer]!;
      const relay = relayOf(operation, layout, a, b);
      leg(a, relay, s);
      leg(relay, b, s);
      rounds = Math.max(rounds, relay === b || relay === a ? 1 : 2);
    }
  });
  return {
    from: Int32Array.from(from),
    to: Int32Array.from(to),
    share: new Float64Array(from.length).fill(1),
    via: Uint8Array.from(via),
    stage: Uint16Array.from(stage),
    rounds,
  };
}

/** Position of the member that position m sends to, or -1. */
function peerOf({ direction, wrap }: Operation, m: number, size: number): number {
  if (direction === 'mirror') return 2 * m === size - 1 ? -1 : size - 1 - m;
  const peer = direction === 'previous' ? m - 1 : m + 1;
  if (peer >= 0 && peer < size) return peer;
  return wrap === true && size > 1 ? (peer + size) % size : -1;
}

/** Where the message from a to b changes over; b itself where it does not. */
function relayOf({ forwarding }: Operation, layout: RankLayout, a: number, b: number): number {
  const { node, index, gpusPerNode, rankAt } = layout;
  if (forwarding === 'none' || node[a] === node[b] || index[a] === index[b]) return b;
  const relay =
    forwarding === 'sender'
      ? rankAt[node[a]! * gpusPerNode + index[b]!]!
      : rankAt[node[b]! * gpusPerNode + index[a]!]!;
  return relay < 0 ? b : relay;
}
