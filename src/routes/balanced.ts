import type { Fabric } from '../fabric/types.ts';
import { attachedTo, columnsOf, emptyRows } from './columns.ts';
import { type NextHops, NO_ENTRY, type TableRoutes } from './types.ts';

/**
 * Balanced shortest paths, as a baseline: destinations in turn, each with a tree of shortest up/down paths of least
 * weight, where a link weighs the (source, destination) pairs that earlier trees sent over it.
 * Source: T. Hoefler, T. Schneider, A. Lumsdaine, "Optimized Routing for Large-Scale InfiniBand Networks", HOTI
 * 2009, here over up/down paths only, so that no virtual lanes are needed. Pairs, not switches, are counted.
 * Null when the rows would exceed DENSE_ENTRIES. O(endpoints * links).
 */
export function balancedTables(fabric: Fabric, hops: NextHops): TableRoutes | null {
  const columns = columnsOf(fabric);
  const rows = emptyRows(fabric, columns, NO_ENTRY);
  if (rows === null) return null;
  const { endpoints, linkStart } = fabric;
  const attached = attachedTo(fabric, hops);
  const tree = new Tree(fabric, hops, (s) => attached.start[s + 1]! - attached.start[s]!);
  for (const leaf of attached.leaves) {
    const order = switchesTowards(fabric, hops, leaf);
    for (let i = attached.start[leaf - endpoints]!; i < attached.start[leaf - endpoints + 1]!; i++) {
      const e = attached.endpoint[i]!;
      const column = columns.column[e]!;
      rows[leaf - endpoints]![column] = hops.edge[e]! - linkStart[leaf]!;
      tree.grow(leaf, order);
      for (const node of order) rows[node - endpoints]![column] = tree.link[node]! - linkStart[node]!;
    }
  }
  return { kind: 'tables', label: 'balanced shortest path', rows, column: columns.column };
}

/** Switches with a way to the leaf, each after every switch that its candidates lead to. */
function switchesTowards(fabric: Fabric, hops: NextHops, leaf: number): number[] {
  const depth = new Int32Array(fabric.nodes).fill(-1);
  depth[leaf] = 0;
  const order: number[] = [];
  const visit = (node: number): number => {
    if (depth[node]! >= 0) return depth[node]!;
    const list = hops.list(node, leaf);
    const { pool } = hops;
    let deepest = 0;
    for (let c = 1; c <= pool[list]!; c++)
      deepest = Math.max(deepest, visit(fabric.linkTo[pool[list + c]!]!));
    depth[node] = deepest + 1;
    order.push(node);
    return depth[node]!;
  };
  for (let node = fabric.endpoints; node < fabric.nodes; node++) {
    if (node !== leaf && fabric.plane[node] === fabric.plane[leaf] && hops.list(node, leaf) !== 0)
      visit(node);
  }
  return order;
}

/** One destination's tree after another, on weights that all of them add to. */
class Tree {
  /** Chosen link by node, for the nodes of the last order. */
  readonly link: Int32Array;
  readonly #fabric: Fabric;
  readonly #hops: NextHops;
  readonly #sources: (s: number) => number;
  readonly #weight: Float64Array;
  /** Weight of the way from each node to the destination's leaf. */
  readonly #cost: Float64Array;
  readonly #pairs: Float64Array;

  constructor(fabric: Fabric, hops: NextHops, sources: (s: number) => number) {
    this.link = new Int32Array(fabric.nodes);
    this.#fabric = fabric;
    this.#hops = hops;
    this.#sources = sources;
    this.#weight = new Float64Array(fabric.links);
    this.#cost = new Float64Array(fabric.nodes);
    this.#pairs = new Float64Array(fabric.nodes);
  }

  grow(leaf: number, order: readonly number[]): void {
    const { linkTo, linkRate, endpoints } = this.#fabric;
    const { pool } = this.#hops;
    this.#cost[leaf] = 0;
    for (const node of order) {
      const list = this.#hops.list(node, leaf);
      let best = -1;
      let least = Number.POSITIVE_INFINITY;
      for (let c = 1; c <= pool[list]!; c++) {
        const l = pool[list + c]!;
        const cost = this.#cost[linkTo[l]!]! + this.#weight[l]! / linkRate[l]!;
        if (cost >= least) continue;
        least = cost;
        best = l;
      }
      this.link[node] = best;
      this.#cost[node] = least;
      this.#pairs[node] = this.#sources(node - endpoints);
    }
    // From the rim inwards: a switch passes on its own pairs and those that came through it.
    for (let i = order.length - 1; i >= 0; i--) {
      const l = this.link[order[i]!]!;
      this.#weight[l]! += this.#pairs[order[i]!]!;
      if (linkTo[l] !== leaf) this.#pairs[linkTo[l]!]! += this.#pairs[order[i]!]!;
    }
  }
}
