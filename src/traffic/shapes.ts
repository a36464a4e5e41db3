import type { RankLayout } from './types.ts';

/**
 * How a group lies on nodes, in positions of its members rather than ranks, so that groups which are shifted
 * copies of one another have equal shapes. Node slots are numbered as members first meet them.
 */
export interface GroupShape {
  readonly size: number;
  readonly nodes: number;
  /** Node slot of each member, length size. */
  readonly slot: Int32Array;
  /** GPU index of each member in its node, length size. */
  readonly index: Int32Array;
  /** Members of node slot s, by GPU index: byNode[start[s]] up to byNode[start[s + 1]]; start has nodes + 1. */
  readonly start: Int32Array;
  readonly byNode: Int32Array;
  /** Members of every node when all have equally many, else 0. */
  readonly perNode: number;
}

/** Shape of one group. O(size log size). */
export function groupShape(members: Int32Array, layout: RankLayout): GroupShape {
  const size = members.length;
  const slot = new Int32Array(size);
  const index = new Int32Array(size);
  const slotOf = new Map<number, number>();
  for (let m = 0; m < size; m++) {
    const node = layout.node[members[m]!]!;
    let s = slotOf.get(node);
    if (s === undefined) {
      s = slotOf.size;
      slotOf.set(node, s);
    }
    slot[m] = s;
    index[m] = layout.index[members[m]!]!;
  }
  const nodes = slotOf.size;
  const order = Array.from(slot, (_, m) => m);
  order.sort((a, b) => slot[a]! - slot[b]! || index[a]! - index[b]!);
  const start = new Int32Array(nodes + 1);
  for (let m = 0; m < size; m++) start[slot[m]! + 1]!++;
  let even = true;
  for (let s = 0; s < nodes; s++) {
    even &&= start[s + 1] === start[1];
    start[s + 1]! += start[s]!;
  }
  return {
    size,
    nodes,
    slot,
    index,
    start,
    byNode: Int32Array.from(order),
    perNode: even ? size / nodes : 0,
  };
}

/** Finds equal shapes among groups without building each: most groups equal the one before. */
export class ShapeTable {
  readonly shapes: GroupShape[] = [];
  readonly #layout: RankLayout;
  readonly #slotOf: Int32Array;
  #last = 0;

  constructor(layout: RankLayout) {
    this.#layout = layout;
    this.#slotOf = new Int32Array(layout.nodes).fill(-1);
  }

  /** Index in `shapes` of the group's shape. O(size) when it is a known one. */
  find(members: Int32Array): number {
    const known = this.shapes.length;
    for (let k = 0; k < known; k++) {
      const candidate = (this.#last + k) % known;
      if (this.#matches(members, this.shapes[candidate]!)) {
        this.#last = candidate;
        return candidate;
      }
    }
    this.shapes.push(groupShape(members, this.#layout));
    this.#last = known;
    return known;
  }

  #matches(members: Int32Array, shape: GroupShape): boolean {
    const { node, index } = this.#layout;
    const slotOf = this.#slotOf;
    let next = 0;
    let same = members.length === shape.size;
    let m = 0;
    for (; same && m < members.length; m++) {
      const n = node[members[m]!]!;
      if (slotOf[n]! < 0) slotOf[n] = next++;
      same = slotOf[n] === shape.slot[m] && index[members[m]!] === shape.index[m];
    }
    for (let i = 0; i < m; i++) slotOf[node[members[i]!]!] = -1;
    return same;
  }
}
