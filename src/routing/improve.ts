import {
  candidateSet,
  hottest,
  idle,
  linkValue,
  moveEntry,
  pathValue,
  peak,
  pour,
  settle,
  type TableState,
} from './state.ts';

export interface ImproveLimits {
  /** Stop when no link's value is above this (1: every pattern at its bound). */
  readonly target: number;
  /** Paths looked at, all told: the work limit, so that the same input gives the same tables everywhere. */
  readonly evaluations: number;
}

export interface ImproveResult {
  /** Largest value left. */
  readonly value: number;
  readonly moves: number;
  readonly evaluations: number;
}

/** How long a chain of moves may be, and how many ways are tried at each of its steps; wider when stuck. */
const ROUNDS = [
  { depth: 0, breadth: 4 },
  { depth: 1, breadth: 12 },
  { depth: 2, breadth: 12 },
  { depth: 3, breadth: 24 },
] as const;

/**
 * Local search on any tree. The hottest link sheds an entry that uses it, or an upstream entry that feeds it,
 * to the path where the largest value is least; when every path would get as hot, it tries the best few anyway
 * and relieves the links they overload in the same way (an ejection chain: a swap is the chain of length two, on a
 * regular plane these are Kempe chains of the colouring). A change stays only if no link it touched is as hot as
 * the relieved link was: the sorted list of values falls with every step, so the search ends. Deterministic.
 */
export function improveTables(state: TableState, limits: ImproveLimits): ImproveResult {
  const search: Search = {
    state,
    target: limits.target,
    undo: [],
    options: [],
    left: limits.evaluations,
    moves: 0,
  };
  const hot = new Int32Array(state.plane.links);
  for (const { depth, breadth } of ROUNDS) {
    search.options = Array.from({ length: depth + 1 }, () => createOptions(breadth));
    while (search.left > 0 && sweep(search, hot, depth)) {
      // Goes on while the hottest link itself gives way.
    }
  }
  return { value: peak(state), moves: search.moves, evaluations: limits.evaluations - search.left };
}

interface Search {
  readonly state: TableState;
  readonly target: number;
  /** Applied moves of the open chain, STRIDE numbers each: switch, slot, and the links of the path before. */
  readonly undo: number[];
  /** By depth. */
  options: Options[];
  left: number;
  moves: number;
}

/** The best ways found to take something off a link, lowest score first. */
interface Options {
  readonly at: Int32Array;
  readonly slot: Int32Array;
  readonly link: Int32Array;
  readonly score: Float64Array;
  count: number;
  /** One brings both the hot link and its own path down to the target: no need to look further. */
  perfect: boolean;
}

/** Added to the score of a way that overloads another link: it comes after every way that does not. */
const OVERLOAD = 1024;
/** A little above 1: of two ways to equally loaded links the heavier entry, which leaves more for a lighter one back. */
const PREFER_HEAVY = 1.01;

function createOptions(breadth: number): Options {
  return {
    at: new Int32Array(breadth),
    slot: new Int32Array(breadth),
    link: new Int32Array(breadth),
    score: new Float64Array(breadth),
    count: 0,
    perfect: false,
  };
}

/** Relieves every link above the target as far as it goes, hottest first; false when the hottest did not give way. */
function sweep(search: Search, hot: Int32Array, depth: number): boolean {
  const { state, target } = search;
  const top = hottest(state);
  if (top < 0 || linkValue(state, top) <= target) return false;
  let n = 0;
  for (let e = 0; e < state.plane.links; e++) if (linkValue(state, e) > target) hot[n++] = e;
  hot.subarray(0, n).sort((a, b) => linkValue(state, b) - linkValue(state, a) || a - b);
  let gaveWay = false;
  for (let i = 0; i < n && search.left > 0; i++) {
    for (let v = linkValue(state, hot[i]!); v > target; v = linkValue(state, hot[i]!)) {
      if (!relieve(search, hot[i]!, v, depth)) break;
      search.moves += search.undo.length / STRIDE;
      search.undo.length = 0;
      gaveWay ||= i === 0;
    }
  }
  return gaveWay;
}

/** Lowers the value of link `hot` below `limit` without raising another to it. True when done, else nothing changed. */
function relieve(search: Search, hot: number, limit: number, depth: number): boolean {
  const mark = search.undo.length;
  const options = search.options[depth]!;
  while (linkValue(search.state, hot) >= limit) {
    options.count = 0;
    options.perfect = false;
    collect(search, hot, limit, depth > 0, options);
    if (!takeOne(search, options, hot, limit, depth)) {
      rollback(search, mark);
      return false;
    }
  }
  return true;
}

function takeOne(search: Search, options: Options, hot: number, limit: number, depth: number): boolean {
  const { state } = search;
  for (let i = 0; i < options.count && search.left > 0; i++) {
    const before = linkValue(state, hot);
    const mark = search.undo.length;
    apply(search, options.at[i]!, options.slot[i]!, options.link[i]!);
    const clean = options.score[i]! < OVERLOAD;
    if (
      linkValue(state, hot) < before &&
      (clean || relievePath(search, options.at[i]!, options.slot[i]!, limit, depth))
    ) {
      return true;
    }
    rollback(search, mark);
  }
  return false;
}

/** Relieves every link that the moved entry's new path overloads. */
function relievePath(search: Search, r: number, d: number, limit: number, depth: number): boolean {
  if (depth === 0) return false;
  const { plane, switches, slotLeaf, choice } = search.state;
  const leaf = plane.leaves[slotLeaf[d]!]!;
  const path: number[] = [];
  for (let s = r; s !== leaf; s = plane.to[choice[d * switches + s]!]!) path.push(choice[d * switches + s]!);
  for (const e of path) if (!relieve(search, e, limit, depth - 1)) return false;
  return path.every((e) => linkValue(search.state, e) < limit);
}

const PATH = 4; // links between switches on an up/down path of at most three layers
const STRIDE = PATH + 2;

function apply(search: Search, r: number, d: number, f: number): void {
  const { undo, state } = search;
  const { plane, switches, choice } = state;
  const leaf = plane.leaves[state.slotLeaf[d]!]!;
  undo.push(r, d);
  let s = r;
  for (let i = 0; i < PATH; i++) {
    const e = s === leaf ? -1 : choice[d * switches + s]!;
    undo.push(e);
    if (e >= 0) s = plane.to[e]!;
  }
  moveEntry(state, r, d, f);
}

/** Undoes moves, last first. Entries that went idle may have been settled anew: they get their old links back. */
function rollback(search: Search, mark: number): void {
  const { undo, state } = search;
  const { plane, switches, choice } = state;
  while (undo.length > mark) {
    const at = undo.length - STRIDE;
    const r = undo[at]!;
    const d = undo[at + 1]!;
    for (let i = 3; i < STRIDE && undo[at + i]! >= 0; i++) {
      const e = undo[at + i]!;
      if (idle(state, plane.from[e]!, d)) choice[d * switches + plane.from[e]!] = e;
    }
    moveEntry(state, r, d, undo[at + 2]!);
    undo.length = at;
  }
}

/** Looks at every entry that puts bytes on link `hot`: the switch before it, and the switches that feed that one. */
function collect(search: Search, hot: number, limit: number, over: boolean, options: Options): void {
  const { plane, slots, switches, choice } = search.state;
  const s = plane.from[hot]!;
  for (let d = 0; d < slots && search.left > 0 && !options.perfect; d++) {
    if (choice[d * switches + s] !== hot || idle(search.state, s, d)) continue;
    look(search, s, d, hot, limit, over, options);
    feeders(search, s, d, hot, limit, over, options);
  }
}

function feeders(
  search: Search,
  s: number,
  d: number,
  hot: number,
  limit: number,
  over: boolean,
  options: Options,
): void {
  const { plane, switches, choice } = search.state;
  for (let i = plane.inStart[s]!; i < plane.inStart[s + 1]! && !options.perfect; i++) {
    const q = plane.inLink[i]!;
    const r = plane.from[q]!;
    if (choice[d * switches + r] !== q || idle(search.state, r, d)) continue;
    look(search, r, d, hot, limit, over, options);
    feeders(search, r, d, hot, limit, over, options);
  }
}

/** Scores every other candidate of the entry (r, d); those that reach the limit only if `over`. */
function look(
  search: Search,
  r: number,
  d: number,
  hot: number,
  limit: number,
  over: boolean,
  options: Options,
): void {
  const { state } = search;
  const { plane, switches, choice } = state;
  const set = candidateSet(state, r, d);
  const begin = plane.setStart[set]!;
  const end = plane.setStart[set + 1]!;
  if (end - begin < 2) return;
  const old = choice[d * switches + r]!;
  const before = linkValue(state, hot);
  pour(state, r, d, old, -1, false);
  const shed = before - linkValue(state, hot);
  for (let i = begin; i < end; i++) {
    const f = plane.setLink[i]!;
    if (f === old) continue;
    settle(state, plane.to[f]!, d, r, true, 0);
    const v = pathValue(state, r, d, f, over ? Infinity : limit, hot);
    search.left--;
    if (v === Infinity || (v >= limit && !over)) continue;
    if (v <= search.target && before - shed <= search.target) {
      options.perfect = true;
      insert(options, r, d, f, -1);
      break;
    }
    insert(options, r, d, f, v < limit ? v : OVERLOAD + v - PREFER_HEAVY * shed);
  }
  pour(state, r, d, old, 1, false);
}

function insert(options: Options, r: number, d: number, f: number, score: number): void {
  const { at, slot, link, score: scores } = options;
  let i = options.count;
  if (i < scores.length) options.count++;
  else if (score >= scores[--i]!) return;
  while (i > 0 && scores[i - 1]! > score) {
    at[i] = at[i - 1]!;
    slot[i] = slot[i - 1]!;
    link[i] = link[i - 1]!;
    scores[i] = scores[i - 1]!;
    i--;
  }
  at[i] = r;
  slot[i] = d;
  link[i] = f;
  scores[i] = score;
}
