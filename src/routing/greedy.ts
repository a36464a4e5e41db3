import { candidateSet, pathValue, pour, settle, type TableState } from './state.ts';

/**
 * First tables for any tree: entries (source leaf, destination) by falling weight, each on the path whose largest
 * value after it is least, or on the first that is no fuller than the share of the weight placed so far (a value
 * of 1 is full). Equal weights are dealt out destination by destination, one leaf after the other, each with
 * another first source, so that no leaf's links fill up first. Graham's LPT rule on paths.
 * O(units (log units + ports x layers)), and for three layers one look at every (switch, destination) entry's
 * ports besides.
 */
export function greedyTables(state: TableState): void {
  const { plane } = state;
  const { slot, leaf, weight } = entriesInTurn(state);
  let total = 0;
  for (let i = 0; i < weight.length; i++) total += weight[i]!;
  const order = byFallingWeight(weight);
  const ahead = order === null ? AHEAD_EQUAL : AHEAD;
  let placed = 0;
  for (let k = 0; k < weight.length; k++) {
    const i = order === null ? k : order[k]!;
    placeEntry(
      state,
      plane.leaves[leaf[i]!]!,
      slot[i]!,
      slot[i]! + leaf[i]!,
      Math.min(1, placed / total + ahead),
    );
    placed += weight[i]!;
  }
}

/** How far ahead of the share placed so far a link may be: a third fewer looks, and no fuller in the end. */
const AHEAD = 0.03;
/** The same where all entries weigh the same, and any left over fits the last gap: two thirds fewer looks. */
const AHEAD_EQUAL = 0.3;

/** What an entry brings to a link, in scaled seconds summed over the patterns: only the order matters. */
export function entryWeight(state: TableState, entry: number): number {
  const { patterns, arrive, inverse } = state;
  let w = 0;
  for (let p = 0; p < patterns; p++) w += arrive[entry * patterns + p]! * inverse[p]!;
  return w;
}

interface Entries {
  readonly slot: Int32Array;
  readonly leaf: Int32Array;
  readonly weight: Float64Array;
}

/** Entries with demand: slots by falling demand, equals dealt out over the leaves; sources rotated from slot to slot. */
function entriesInTurn(state: TableState): Entries {
  const { plane, slots, switches, slotLeaf } = state;
  const leaves = plane.leaves.length;
  const total = new Float64Array(slots);
  const turn = new Int32Array(slots);
  const seen = new Int32Array(leaves);
  let count = 0;
  for (let d = 0; d < slots; d++) {
    turn[d] = seen[slotLeaf[d]!]!++;
    for (let l = 0; l < leaves; l++) {
      const w = entryWeight(state, d * switches + plane.leaves[l]!);
      total[d]! += w;
      if (w > 0) count++;
    }
  }
  const order = Int32Array.from(total.keys());
  order.sort((a, b) => total[b]! - total[a]! || turn[a]! - turn[b]! || a - b);
  const entries = {
    slot: new Int32Array(count),
    leaf: new Int32Array(count),
    weight: new Float64Array(count),
  };
  let n = 0;
  for (let i = 0; i < slots; i++) {
    for (let j = 0; j < leaves; j++) {
      const l = (i + j) % leaves;
      const w = entryWeight(state, order[i]! * switches + plane.leaves[l]!);
      if (w === 0) continue;
      entries.slot[n] = order[i]!;
      entries.leaf[n] = l;
      entries.weight[n++] = w;
    }
  }
  return entries;
}

/** Null when all weights are equal: the entries' own order then is the order. */
function byFallingWeight(weight: Float64Array): Int32Array | null {
  let uniform = true;
  for (let i = 1; i < weight.length && uniform; i++) uniform = weight[i] === weight[0];
  return uniform ? null : Int32Array.from(weight.keys()).sort((a, b) => weight[b]! - weight[a]! || a - b);
}

/** Gives source switch r its entry for slot d on the least loaded path, or the first of at most `fair`. */
export function placeEntry(state: TableState, r: number, d: number, turn: number, fair: number): void {
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
    if (choice[d * switches + plane.to[e]!]! < 0) settle(state, plane.to[e]!, d, r, false, fair);
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
