import { type Pattern, PatternBuilder } from './pattern.ts';
import type { GroupShape } from './shapes.ts';

/**
 * Ring reduce-scatter or all-gather (an all-reduce is both, one after the other): each of n members sends
 * (n - 1) / n of the vector to the next (Thakur, Rabenseifner and Gropp 2005, doi 10.1177/1094342005051521).
 *
 * A group that spans nodes with m members on each runs m rings at once, as NCCL's channels do, each with 1 / m
 * of the vector: ring k enters every node at its k-th member, passes the others by NVLink and goes on from NIC k
 * to the k-th member of the next node. So every rank sends 1 / m of its bytes over its own NIC to the same slot
 * and the rest over NVLink to its neighbour. The last hop inside a node, from the GPU where a ring leaves to the
 * NIC where it entered, is counted with the NIC's own GPU. Nodes with unequal members: one ring in member order.
 */
export function ringPattern(shape: GroupShape): Pattern {
  const { size, nodes, perNode, start, byNode } = shape;
  const pattern = new PatternBuilder();
  const volume = (size - 1) / size;
  if (nodes === 1 || perNode === 0) {
    for (let m = 0; m < size; m++) pattern.add(m, (m + 1) % size, volume);
    return pattern.finish(size - 1);
  }
  for (let node = 0; node < nodes; node++) {
    const next = (node + 1) % nodes;
    for (let k = 0; k < perNode; k++) {
      const member = byNode[start[node]! + k]!;
      pattern.add(member, byNode[start[node]! + ((k + 1) % perNode)]!, (volume * (perNode - 1)) / perNode);
      pattern.add(member, byNode[start[next]! + k]!, volume / perNode);
    }
  }
  return pattern.finish(size - 1);
}
