import { candidateSet, pathValue, pour, settle, type TableState } from './state.ts';

/**
 * First tables for any tree: destinations by decreasing demand (equals one leaf after the other, so that no
 * leaf's links fill up first), and within one the sources by decreasing demand, each on the path whose largest
 * value after it is least, or on the first that is no fuller than the share of the destinations placed so far
 * (a value of 1 is full). O(units x ports x layers), and for three layers one look at every (switch,
 * destination) entry's ports besides.
 */
export function greedyTables(state: TableState): void {
  const { plane, slots, switches } = state;
  const leaves = plane.leaves.length;
  const weight = new Float64Array(leaves);
  const sources = new Int32Array(leaves);
  const order = slotOrder(state);
  for (let i = 0; i < slots; i++) {
    const d = order[i]!;
    let n = 0;
    let uniform = true;
    // Another first source for every destination: among equal weights the sort keeps this order.
    for (let j = 0; j < leaves; j++) {
      const l = (i + j) % leaves;
      weight[l] = entryWeight(state, d * switches + plane.leaves[l]!);
      if (weight[l] === 0) continue;
      uniform &&= n === 0 || weight[l] === weight[sources[0]!];
      sources[n++] = l;
    }
    const here = sources.subarray(0, n);
    if (!uniform) here.sort((a, b) => weight[b]! - weight[a]!);
    for (let j = 0; j < n; j++) place(state, plane.leaves[here[j]!]!, d, i + j, i / slots);
  }
}

/** What an entry brings to a link, in scaled seconds summed over the patterns: only the order matters. */
export function entryWeight(state: TableState, entry: number): number {
  const { patterns, arrive, inverse } = state;
  let w = 0;
  for (let p = 0; p < patterns; p++) w += arrive[entry * patterns + p]! * inverse[p]!;
  return w;
}

/** Slots by decreasing demand; equals are dealt out over the leaves. */
function slotOrder(state: TableState): Int32Array {
  const { plane, slots, switches, slotLeaf } = state;
  const total = new Float64Array(slots);
  const turn = new Int32Array(slots);
  const seen = new Int32Array(plane.leaves.length);
  for (let d = 0; d < slots; d++) {
    turn[d] = seen[slotLeaf[d]!]!++;
    for (let l = 0; l < plane.leaves.length; l++)
      total[d]! += entryWeight(state, d * switches + plane.leaves[l]!);
  }
  const order = Int32Array.from(total.keys());
  return order.sort((a, b) => total[b]! - total[a]! || turn[a]! - turn[b]! || a - b);
}

/** Gives source switch r its entry for slot d on the least loaded path, or the first of at most `fair`. */
function place(state: TableState, r: number, d: number, turn: number, fair: number): void {
  const { plane, switches, choice } = state;
  const set = candidateSet(state, r, d);
  if (set < 0) return; // no way: the pair stays without an entry
  const begin = plane.setStart[set]!;
  const size = plane.setStart[set + 1]! - begin;
  const shift = turn % size;
  let best = -1;
  let lowest = Infinity;
  for (let i = 0; i < size; i++) {
    const e = plane.setLink[begin + (i + shift < size ? i + shift : i + shift - size)]!;
    settle(state, plane.to[e]!, d, r, false, fair);
    const v = pathValue(state, r, d, e, lowest, -1);
    if (v < lowest) {
      lowest = v;
      best = e;
      if (v <= fair) break;
    }
  }
  choice[d * switches + r] = best;
  pour(state, r, d, best, 1, true);
}
