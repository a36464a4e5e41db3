import { colourOdd } from './kempe.ts';
import type { SplitGraph, Workspace } from './split-graph.ts';

/**
 * Equitable edge-colouring of a bipartite multigraph by Euler splits. Edges are (source leaf, destination)
 * entries, colours are spines: a colouring in which every vertex sees every colour equally often (to within
 * one) is a routing that loads every link equally (to within one entry).
 *
 * A split pairs the edges at each vertex; the pairs of both sides form paths and even cycles, and colouring
 * those alternately puts one edge of each pair in each half. Pairing neighbours in sorted weight order also
 * halves the weights to within the largest edge, and pairing inside the finer set first (the destination,
 * within its leaf) halves that set too. Halves of halves stay equitable, since floors and ceilings compose, so
 * 2^j colours take j rounds of O(E). An odd number of colours k is properly edge-coloured after cutting every
 * vertex into sub-vertices of degree at most k (Koenig: a bipartite multigraph of degree k has k colours).
 *
 * Sources: D. de Werra, Equitable colorations of graphs, RIRO 5 (1971); H. N. Gabow, Using Euler partitions to
 * edge color bipartite multigraphs, Int. J. Comput. Inf. Sci. 5 (1976), doi:10.1007/BF00998632.
 */

/**
 * A colour in [0, colours) for every edge, such that at each left and each right vertex the numbers of edges of
 * any two colours differ by at most one; for `colours` a power of two also in each inner set. O(E log E) to
 * sort, O(E) for each factor 2 and O(E (k + chain)) for an odd factor k.
 */
export function colourEquitably(graph: SplitGraph, colours: number): Int32Array {
  const colour = new Int32Array(graph.count);
  const byLeft = sortedEdges(graph.count, graph.left, graph.lefts, graph.left, graph.lefts, graph);
  const byRight = sortedEdges(graph.count, graph.inner, graph.inners, graph.right, graph.rights, graph);
  const work: Workspace = {
    graph,
    byLeft,
    byRight,
    partnerLeft: new Int32Array(graph.count),
    partnerRight: new Int32Array(graph.count),
    side: new Int8Array(graph.count),
    scratch: new Int32Array(graph.count),
  };
  splitRange(work, 0, graph.count, colours, 0, colour);
  return colour;
}

/** Edges sorted by (outer, key, weight descending, id): heavy first, then two stable counting sorts. */
function sortedEdges(
  count: number,
  key: Int32Array,
  keys: number,
  outer: Int32Array,
  outers: number,
  graph: SplitGraph,
): Int32Array {
  const { weight } = graph;
  let order = new Int32Array(count);
  for (let e = 0; e < count; e++) order[e] = e;
  let uniform = true;
  for (let e = 1; e < count && uniform; e++) uniform = weight[e] === weight[0];
  if (!uniform) order.sort((a, b) => weight[b]! - weight[a]! || a - b);
  order = countingSort(order, key, keys);
  return key === outer ? order : countingSort(order, outer, outers);
}

function countingSort(order: Int32Array, key: Int32Array, keys: number): Int32Array<ArrayBuffer> {
  const next = new Int32Array(keys + 1);
  for (let i = 0; i < order.length; i++) next[key[order[i]!]! + 1]!++;
  for (let k = 0; k < keys; k++) next[k + 1]! += next[k]!;
  const out = new Int32Array(order.length);
  for (let i = 0; i < order.length; i++) out[next[key[order[i]!]!]!++] = order[i]!;
  return out;
}

/** Colours the edges of [from, to) of the two orders with `colours` colours counted from `first`. */
function splitRange(
  work: Workspace,
  from: number,
  to: number,
  colours: number,
  first: number,
  colour: Int32Array,
): void {
  if (from === to) return;
  if (colours === 1) {
    for (let i = from; i < to; i++) colour[work.byLeft[i]!] = first;
    return;
  }
  if (colours % 2 === 1) {
    colourOdd(work, from, to, colours, first, colour);
    return;
  }
  pairLeft(work, from, to);
  pairRight(work, from, to);
  alternate(work, from, to);
  const middle = partition(work.byLeft, work.side, work.scratch, from, to);
  partition(work.byRight, work.side, work.scratch, from, to);
  splitRange(work, from, middle, colours / 2, first, colour);
  splitRange(work, middle, to, colours / 2, first + colours / 2, colour);
}

function pairLeft(work: Workspace, from: number, to: number): void {
  const { byLeft, partnerLeft } = work;
  const { left } = work.graph;
  for (let i = from; i < to; ) {
    const a = byLeft[i]!;
    const b = i + 1 < to ? byLeft[i + 1]! : -1;
    if (b >= 0 && left[a] === left[b]) {
      partnerLeft[a] = b;
      partnerLeft[b] = a;
      i += 2;
    } else {
      partnerLeft[a] = -1;
      i += 1;
    }
  }
}

/** Pairs inside each inner set; the one edge each may leave over is paired across its right vertex. */
function pairRight(work: Workspace, from: number, to: number): void {
  const { byRight, partnerRight, scratch } = work;
  const { right, inner, weight } = work.graph;
  let left = 0;
  for (let i = from; i < to; ) {
    const vertex = right[byRight[i]!]!;
    left = 0;
    while (i < to && right[byRight[i]!] === vertex) {
      const a = byRight[i]!;
      const b = i + 1 < to ? byRight[i + 1]! : -1;
      if (b >= 0 && inner[a] === inner[b]) {
        partnerRight[a] = b;
        partnerRight[b] = a;
        i += 2;
      } else {
        scratch[left++] = a;
        i += 1;
      }
    }
    const rest = scratch.subarray(0, left);
    if (left > 2 && weight[rest[0]!] !== weight[rest[left - 1]!])
      rest.sort((x, y) => weight[y]! - weight[x]! || x - y);
    for (let r = 0; r < left; r += 2) {
      const a = rest[r]!;
      const b = r + 1 < left ? rest[r + 1]! : -1;
      partnerRight[a] = b;
      if (b >= 0) partnerRight[b] = a;
    }
  }
}

/** Colours the paths and cycles of the two pairings alternately 0 and 1 in `side`. */
function alternate(work: Workspace, from: number, to: number): void {
  const { byLeft, partnerLeft, partnerRight, side } = work;
  for (let i = from; i < to; i++) side[byLeft[i]!] = -1;
  let start = 0;
  // Paths first, from an end; what is then left are cycles, and any edge starts one.
  for (let pass = 0; pass < 2; pass++) {
    for (let i = from; i < to; i++) {
      let e = byLeft[i]!;
      if (side[e]! >= 0) continue;
      const atEnd = partnerLeft[e]! < 0 || partnerRight[e]! < 0;
      if (pass === 0 && !atEnd) continue;
      let viaRight = partnerLeft[e]! < 0;
      let s = start;
      start ^= 1; // so that odd paths do not all favour one side
      while (e >= 0 && side[e]! < 0) {
        side[e] = s;
        s ^= 1;
        e = viaRight ? partnerRight[e]! : partnerLeft[e]!;
        viaRight = !viaRight;
      }
    }
  }
}

/** Stable partition of order[from, to) by side; returns where side 1 begins. */
function partition(
  order: Int32Array,
  side: Int8Array,
  scratch: Int32Array,
  from: number,
  to: number,
): number {
  let zeros = from;
  let ones = 0;
  for (let i = from; i < to; i++) {
    const e = order[i]!;
    if (side[e] === 0) order[zeros++] = e;
    else scratch[ones++] = e;
  }
  for (let i = 0; i < ones; i++) order[zeros + i] = scratch[i]!;
  return zeros;
}
