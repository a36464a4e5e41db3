import type { Pattern } from './demand.ts';
import type { Plane } from './plane.ts';

/**
 * Destination tables of one plane under work: the link that each switch takes for each destination, what arrives
 * there, and the load of every link, for several traffic patterns at once. Destinations are "slots": only
 * columns that some pattern sends to. A link's value is the largest over the patterns of
 * 1 + priority x (load in seconds / bound - 1): 1 means "at the bound", and an excess weighs by priority.
 */
export interface TableState {
  readonly plane: Plane;
  readonly patterns: number;
  readonly switches: number;
  readonly slots: number;
  /** Column of each slot, ascending; leaf index of each slot. */
  readonly slotColumn: Int32Array;
  readonly slotLeaf: Int32Array;
  /** Local link taken at switch s for slot d: choice[d * switches + s], -1 where not chosen. */
  readonly choice: Int32Array;
  /** Bytes that reach switch s for slot d: arrive[(d * switches + s) * patterns + p]. Exact (see Units). */
  readonly arrive: Float64Array;
  /** Bytes on link e: load[e * patterns + p]. Exact. */
  readonly load: Float64Array;
  /** priority / (bound x rate of link e): inverse[e * patterns + p]. */
  readonly inverse: Float64Array;
  /** 1 - priority, length patterns. */
  readonly offset: Float64Array;
}

/**
 * An empty state: the demand stands at its source leaves, nothing is routed. bounds[p], in seconds, is what a value of 1
 * stands for; a pattern with bound 0 has no demand and no value.
 */
export function createState(
  plane: Plane,
  patterns: readonly Pattern[],
  bounds: ArrayLike<number>,
): TableState {
  const count = patterns.length;
  const switches = plane.switches.length;
  const slotOf = new Int32Array(plane.endpoints.length).fill(-1);
  for (const { units } of patterns) for (let i = 0; i < units.count; i++) slotOf[units.column[i]!] = 0;
  const columns: number[] = [];
  for (let c = 0; c < slotOf.length; c++) if (slotOf[c] === 0) slotOf[c] = columns.push(c) - 1;
  const slots = columns.length;
  const arrive = new Float64Array(slots * switches * count);
  patterns.forEach(({ units }, p) => {
    for (let i = 0; i < units.count; i++) {
      const s = plane.leaves[units.leaf[i]!]!;
      arrive[(slotOf[units.column[i]!]! * switches + s) * count + p]! += units.bytes[i]!;
    }
  });
  const inverse = new Float64Array(plane.links * count);
  for (let e = 0; e < plane.links; e++) {
    for (let p = 0; p < count; p++) {
      if (bounds[p]! > 0) inverse[e * count + p] = patterns[p]!.priority / bounds[p]! / plane.rate[e]!;
    }
  }
  return {
    plane,
    patterns: count,
    switches,
    slots,
    slotColumn: Int32Array.from(columns),
    slotLeaf: Int32Array.from(columns, (c) => plane.leafOf[c]!),
    choice: new Int32Array(slots * switches).fill(-1),
    arrive,
    load: new Float64Array(plane.links * count),
    inverse,
    offset: Float64Array.from(patterns, ({ priority }) => 1 - priority),
  };
}

/** Candidate set of switch s for slot d, -1 when there is no way. */
export function candidateSet(state: TableState, s: number, d: number): number {
  return state.plane.setOf[state.slotLeaf[d]! * state.switches + s]!;
}

export function linkValue(state: TableState, e: number): number {
  const { patterns, load, inverse, offset } = state;
  let worst = 0;
  for (let p = 0; p < patterns; p++) {
    const i = e * patterns + p;
    const v = load[i]! * inverse[i]! + offset[p]!;
    if (v > worst) worst = v;
  }
  return worst;
}

/** The link with the largest value (lowest index among equals), -1 when nothing is loaded. */
export function hottest(state: TableState): number {
  let best = -1;
  let worst = 0;
  for (let e = 0; e < state.plane.links; e++) {
    const v = linkValue(state, e);
    if (v > worst) {
      worst = v;
      best = e;
    }
  }
  return best;
}

/** Largest value of any link, 0 when nothing is loaded. */
export function peak(state: TableState): number {
  const top = hottest(state);
  return top < 0 ? 0 : linkValue(state, top);
}

/** True when nothing arrives at switch s for slot d, so that its entry is free to change. */
export function idle(state: TableState, s: number, d: number): boolean {
  const { patterns, arrive, switches } = state;
  const at = (d * switches + s) * patterns;
  for (let p = 0; p < patterns; p++) if (arrive[at + p]! > 0) return false;
  return true;
}

/**
 * Adds sign x (what arrives at switch r for slot d) to the loads of the path that starts with link e, and to the
 * arrivals beyond it when `arrivals`. The path's entries must be chosen.
 */
export function pour(
  state: TableState,
  r: number,
  d: number,
  e: number,
  sign: number,
  arrivals: boolean,
): void {
  const { plane, patterns, switches, arrive, load, choice } = state;
  const leaf = plane.leaves[state.slotLeaf[d]!]!;
  const row = d * switches;
  const source = (row + r) * patterns;
  let link = e;
  if (patterns === 1) {
    const bytes = sign * arrive[source]!;
    for (;;) {
      load[link]! += bytes;
      const t = plane.to[link]!;
      if (t === leaf) return;
      if (arrivals) arrive[row + t]! += bytes;
      link = choice[row + t]!;
    }
  }
  for (;;) {
    for (let p = 0; p < patterns; p++) load[link * patterns + p]! += sign * arrive[source + p]!;
    const t = plane.to[link]!;
    if (t === leaf) return;
    if (arrivals) {
      const at = (row + t) * patterns;
      for (let p = 0; p < patterns; p++) arrive[at + p]! += sign * arrive[source + p]!;
    }
    link = choice[row + t]!;
  }
}

/**
 * Largest value on the path that starts with link e if what arrives at r for d were added. Stops, with what it has
 * seen, at `limit`. Infinite when the path uses link `avoid`.
 */
export function pathValue(
  state: TableState,
  r: number,
  d: number,
  e: number,
  limit: number,
  avoid: number,
): number {
  const { plane, patterns, switches, arrive, load, inverse, offset, choice } = state;
  const leaf = plane.leaves[state.slotLeaf[d]!]!;
  const row = d * switches;
  const source = (row + r) * patterns;
  let worst = 0;
  let link = e;
  if (patterns === 1) {
    // The loop below, without the loop over patterns: greedy placement spends its time here.
    const bytes = arrive[source]!;
    const least = offset[0]!;
    for (;;) {
      if (link === avoid) return Infinity;
      const v = (load[link]! + bytes) * inverse[link]! + least;
      if (v > worst) worst = v;
      const t = plane.to[link]!;
      if (t === leaf || worst >= limit) return worst;
      link = choice[row + t]!;
    }
  }
  for (;;) {
    if (link === avoid) return Infinity;
    for (let p = 0; p < patterns; p++) {
      const i = link * patterns + p;
      const v = (load[i]! + arrive[source + p]!) * inverse[i]! + offset[p]!;
      if (v > worst) worst = v;
    }
    const t = plane.to[link]!;
    if (t === leaf || worst >= limit) return worst;
    link = choice[row + t]!;
  }
}

/**
 * Chooses the entry of switch t for slot d where there is none, as if what arrives at r came this way: the
 * candidate with the lowest path value, or the first of at most `fair`, and (three layers) the missing entries
 * beyond it. `again` reconsiders
 * idle entries that were chosen before. No load changes, since no byte moves. O(candidates beyond t).
 */
export function settle(
  state: TableState,
  t: number,
  d: number,
  r: number,
  again: boolean,
  fair: number,
): void {
  const { plane, switches, choice } = state;
  const leaf = plane.leaves[state.slotLeaf[d]!]!;
  if (t === leaf) return;
  const at = d * switches + t;
  if (choice[at]! >= 0 && !(again && idle(state, t, d))) return;
  const set = candidateSet(state, t, d);
  const begin = plane.setStart[set]!;
  const size = plane.setStart[set + 1]! - begin;
  // Start at another port for every destination, so that equal candidates are used in turn.
  const turn = d % size;
  let best = -1;
  let lowest = Infinity;
  for (let i = 0; i < size; i++) {
    const e = plane.setLink[begin + (i + turn < size ? i + turn : i + turn - size)]!;
    const next = plane.to[e]!;
    // Asked here as well, since most are settled already and a call for each would be most of the time.
    if (next !== leaf && (again || choice[d * switches + next]! < 0)) settle(state, next, d, r, again, fair);
    const v = size === 1 ? 0 : pathValue(state, r, d, e, lowest, -1);
    if (v < lowest) {
      lowest = v;
      best = e;
      if (v <= fair) break;
    }
  }
  choice[at] = best;
}

/** Moves the entry of switch r for slot d to link f and carries its bytes over. O(path). */
export function moveEntry(state: TableState, r: number, d: number, f: number): void {
  const at = d * state.switches + r;
  const old = state.choice[at]!;
  if (old >= 0) pour(state, r, d, old, -1, true);
  state.choice[at] = f;
  pour(state, r, d, f, 1, true);
}
