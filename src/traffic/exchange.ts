import type { Forwarding } from '../workload/types.ts';
import { PairSums, type Pattern } from './pattern.ts';
import type { GroupShape } from './shapes.ts';
import type { ExpertShares } from './types.ts';

/**
 * All-to-all among n members, 1 / n of the send buffer for each: direct, or with the change of GPU index made
 * at one end. O(n^2).
 */
export function allToAllPattern(shape: GroupShape, forwarding: Forwarding): Pattern {
  const sums = new PairSums(shape.size);
  const relays = forwarding === 'none' ? null : relayTable(shape);
  const part = 1 / shape.size;
  for (let from = 0; from < shape.size; from++) {
    for (let to = 0; to < shape.size; to++) {
      if (shape.slot[from] === shape.slot[to] || relays === null) {
        sums.add(from, to, part);
      } else if (forwarding === 'sender') {
        const relay = relays(to, shape.slot[from]!);
        sums.add(from, relay, part);
        sums.add(relay, to, part);
      } else {
        const relay = relays(from, shape.slot[to]!);
        sums.add(from, relay, part);
        sums.add(relay, to, part);
      }
    }
  }
  return sums.finish(forwarding === 'none' ? 1 : 2);
}

/**
 * Expert dispatch, in copies of a token: share 1 is one copy of each of a rank's tokens.
 *
 * With forwarding at the receiver (DeepEP, DeepSeek-V3 section 3.2.2) one copy a node crosses the network, to
 * the GPU of the sender's index there, which passes it on by NVLink to the ranks whose experts want it; ranks of
 * the own node get theirs directly. At the sender, or with none, the network carries a copy for every rank. The
 * combine is the transpose. O(n^2).
 */
export function dispatchPattern(shape: GroupShape, forwarding: Forwarding, shares: ExpertShares): Pattern {
  const { size, nodes, slot, start, byNode } = shape;
  const sums = new PairSums(size);
  const relays = relayTable(shape);
  for (let from = 0; from < size; from++) {
    for (let node = 0; node < nodes; node++) {
      const own = node === slot[from];
      const relay = own ? from : relays(from, node);
      if (!own && forwarding === 'receiver') sums.add(from, relay, shares.node[node]!);
      for (let i = start[node]!; i < start[node + 1]!; i++) {
        const to = byNode[i]!;
        const copies = shares.rank[to]!;
        if (own || forwarding === 'none') {
          sums.add(from, to, copies);
        } else if (forwarding === 'receiver') {
          sums.add(relay, to, copies);
        } else {
          const near = relays(to, slot[from]!);
          sums.add(from, near, copies);
          sums.add(near, to, copies);
        }
      }
    }
  }
  return sums.finish(forwarding === 'none' ? 1 : 2);
}

/**
 * The member of a node where bytes change over: the one with the GPU index of `like`, else, where the group has
 * no GPU of that index there, the one whose turn it is.
 */
function relayTable(shape: GroupShape): (like: number, node: number) => number {
  const { size, nodes, index, start, byNode } = shape;
  let indices = 0;
  for (let m = 0; m < size; m++) indices = Math.max(indices, index[m]! + 1);
  const table = new Int32Array(nodes * indices);
  for (let node = 0; node < nodes; node++) {
    const first = start[node]!;
    const members = start[node + 1]! - first;
    for (let i = 0; i < indices; i++) table[node * indices + i] = byNode[first + (i % members)]!;
    for (let k = first; k < first + members; k++) table[node * indices + index[byNode[k]!]!] = byNode[k]!;
  }
  return (like, node) => table[node * indices + index[like]!]!;
}
