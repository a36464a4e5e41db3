import type { Demand } from '../traffic/types.ts';

/**
 * An order of the nodes that keeps heavy pairs together when it is cut into consecutive pieces of `sizes` (the
 * leaves). Pairs are taken heaviest first and their clusters joined while they fit the largest piece (Kruskal's
 * order); then clusters, largest first, go to the first piece with room, and what fits nowhere fills the gaps.
 * Sum of sizes = rows of the demand. O(pairs log pairs + clusters x pieces).
 */
export function packedOrder(demand: Demand, sizes: readonly number[]): Int32Array {
  const nodes = demand.rows;
  const clusters = joinHeaviest(demand, Math.max(...sizes));
  const members = new Map<number, number[]>();
  for (let n = 0; n < nodes; n++) {
    const root = clusters.root(n);
    const list = members.get(root);
    if (list) list.push(n);
    else members.set(root, [n]);
  }
  const bySize = [...members.values()].sort((x, y) => y.length - x.length || x[0]! - y[0]!);
  const free = [...sizes];
  const pieces: number[][] = sizes.map(() => []);
  const rest: number[] = [];
  for (const cluster of bySize) {
    const piece = free.findIndex((f) => f >= cluster.length);
    if (piece < 0) rest.push(...cluster);
    else {
      pieces[piece]!.push(...cluster);
      free[piece]! -= cluster.length;
    }
  }
  let taken = 0;
  for (const [i, piece] of pieces.entries()) {
    piece.push(...rest.slice(taken, taken + free[i]!));
    taken += free[i]!;
  }
  return Int32Array.from(pieces.flat());
}

/** Union-find over nodes, clusters of at most `most`. */
function joinHeaviest(demand: Demand, most: number): Clusters {
  const { pairs, a, b, weight } = undirected(demand);
  const order = new Uint32Array(pairs);
  for (let i = 0; i < pairs; i++) order[i] = i;
  order.sort((x, y) => weight[y]! - weight[x]! || x - y);
  const clusters = new Clusters(demand.rows);
  for (let i = 0; i < pairs; i++) clusters.join(a[order[i]!]!, b[order[i]!]!, most);
  return clusters;
}

/** Each pair once, with the bytes of both directions. Columns ascend, so the reverse entry is found by bisection. */
function undirected(demand: Demand) {
  const { start, column, bytes, rows } = demand;
  const a = new Uint32Array(column.length);
  const b = new Uint32Array(column.length);
  const weight = new Float64Array(column.length);
  let pairs = 0;
  for (let i = 0; i < rows; i++) {
    for (let k = start[i]!; k < start[i + 1]!; k++) {
      const j = column[k]!;
      const back = find(column, start[j]!, start[j + 1]!, i);
      if (j === i || (back >= 0 && j < i)) continue;
      a[pairs] = i;
      b[pairs] = j;
      weight[pairs++] = bytes[k]! + (back >= 0 ? bytes[back]! : 0);
    }
  }
  return { pairs, a, b, weight };
}

function find(column: Uint32Array, from: number, to: number, value: number): number {
  let low = from;
  let high = to;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (column[middle]! < value) low = middle + 1;
    else high = middle;
  }
  return low < to && column[low] === value ? low : -1;
}

class Clusters {
  readonly #parent: Int32Array;
  readonly #size: Int32Array;

  constructor(nodes: number) {
    this.#parent = Int32Array.from({ length: nodes }, (_, i) => i);
    this.#size = new Int32Array(nodes).fill(1);
  }

  root(node: number): number {
    let n = node;
    while (this.#parent[n] !== n) {
      this.#parent[n] = this.#parent[this.#parent[n]!]!;
      n = this.#parent[n]!;
    }
    return n;
  }

  join(x: number, y: number, most: number): void {
    const a = this.root(x);
    const b = this.root(y);
    if (a === b || this.#size[a]! + this.#size[b]! > most) return;
    const [big, small] = this.#size[a]! >= this.#size[b]! ? [a, b] : [b, a];
    this.#parent[small] = big;
    this.#size[big]! += this.#size[small]!;
  }
}
