import { type Pattern, PatternBuilder } from './pattern.ts';
import type { GroupShape } from './shapes.ts';

/**
 * Reduce-scatter or all-gather among all pairs in one round: each member sends every other 1 / n of the vector.
 * Quadratic in the group.
 */
export function directPattern({ size }: GroupShape): Pattern {
  const pattern = new PatternBuilder();
  for (let from = 0; from < size; from++) {
    for (let to = 0; to < size; to++) pattern.add(from, to, 1 / size);
  }
  return pattern.finish(size > 1 ? 1 : 0);
}

/**
 * Hierarchical reduce-scatter or all-gather: one level among the m members of each node, all pairs over NVLink
 * with 1 / m of the vector each; one level among the members of equal slot on the nodes, a ring on that share. So
 * the network carries (nodes - 1) / nodes / m of the vector a rank. The levels' order does not change the bytes.
 * Returns null where the nodes have unequal members.
 */
export function hierarchicalPattern(shape: GroupShape): Pattern | null {
  const { nodes, perNode, start, byNode } = shape;
  if (perNode === 0) return null;
  const pattern = new PatternBuilder();
  const around = (nodes - 1) / nodes / perNode;
  for (let node = 0; node < nodes; node++) {
    const next = (node + 1) % nodes;
    for (let k = 0; k < perNode; k++) {
      const member = byNode[start[node]! + k]!;
      for (let j = 0; j < perNode; j++) pattern.add(member, byNode[start[node]! + j]!, 1 / perNode);
      pattern.add(member, byNode[start[next]! + k]!, around);
    }
  }
  return pattern.finish((perNode > 1 ? 1 : 0) + nodes - 1);
}
