import { type Pattern, PatternBuilder } from './pattern.ts';
import type { GroupShape } from './shapes.ts';

/**
 * All-reduce by two binary trees, each with half of the vector, so that a member which forwards in one is a leaf
 * of the other and all send and receive at full rate (Sanders, Speck and Träff 2009,
 * doi 10.1016/j.parco.2009.09.001; NCCL's tree algorithm). Nodes are the trees' vertices; m members a node carry
 * m pairs of trees with 1 / m of the vector each, and inside a node the sum runs along a chain of NVLink hops to
 * the member that carries the tree, and back. Nodes with unequal members: trees of the members themselves.
 */
export function treeAllReducePattern(shape: GroupShape): Pattern {
  const { size, nodes, perNode, start, byNode } = shape;
  const pattern = new PatternBuilder();
  if (perNode === 0) {
    addTrees(pattern, size, (m) => m, 1);
    return pattern.finish(2 * depth(size));
  }
  for (let node = 0; node < nodes; node++) {
    for (let k = 0; k < perNode; k++) {
      const member = byNode[start[node]! + k]!;
      const next = byNode[start[node]! + ((k + 1) % perNode)]!;
      // Chain k ends at member k: each hop of the circle lies on every chain but the one that starts behind it.
      pattern.add(member, next, (perNode - 1) / perNode);
      pattern.add(next, member, (perNode - 1) / perNode);
    }
  }
  for (let k = 0; k < perNode; k++)
    addTrees(pattern, nodes, (node) => byNode[start[node]! + k]!, 1 / perNode);
  return pattern.finish(treeRounds(nodes, perNode));
}

/** Up and down the trees, and along the chains. */
export function treeRounds(nodes: number, perNode: number): number {
  return 2 * depth(nodes) + 2 * (perNode - 1);
}

const shares = new Map<number, number>();

/** Of the vector, what the busiest vertex of both trees sends: halves up, and down to each child. O(vertices) once. */
export function treeShare(count: number): number {
  const known = shares.get(count);
  if (known !== undefined) return known;
  const halves = new Int32Array(count);
  for (let v = 0; v < count; v++) {
    for (const parent of [firstParent(v, count), secondParent(v, count)]) {
      if (parent < 0) continue;
      halves[v]! += 1;
      halves[parent]! += 1;
    }
  }
  const share = halves.reduce((most, h) => Math.max(most, h), 0) / 2;
  shares.set(count, share);
  return share;
}

/** Up and down both trees over `count` vertices, half of `share` each. */
function addTrees(
  pattern: PatternBuilder,
  count: number,
  member: (vertex: number) => number,
  share: number,
): void {
  for (let v = 0; v < count; v++) {
    for (const parent of [firstParent(v, count), secondParent(v, count)]) {
      if (parent < 0) continue;
      pattern.add(member(v), member(parent), share / 2);
      pattern.add(member(parent), member(v), share / 2);
    }
  }
}

/** Parent of a vertex in the in-order tree rooted at 0, -1 for the root: odd vertices are the leaves. */
export function firstParent(vertex: number, count: number): number {
  if (vertex === 0) return -1;
  const lowest = vertex & -vertex;
  const above = (vertex ^ lowest) | (lowest << 1);
  return above < count ? above : vertex ^ lowest;
}

/** The same tree on the vertices in reverse (an even count) or shifted by one: leaves and forwarders change places. */
export function secondParent(vertex: number, count: number): number {
  const even = count % 2 === 0;
  const image = even ? count - 1 - vertex : (vertex + count - 1) % count;
  const parent = firstParent(image, count);
  if (parent < 0) return -1;
  return even ? count - 1 - parent : (parent + 1) % count;
}

/** Levels below the root of a binary tree of that many vertices. */
function depth(count: number): number {
  return 32 - Math.clz32(count - 1);
}
