import type { Fabric } from '../fabric/types.ts';
import { HAIR } from '../numeric/tolerance.ts';
import { moduloTables } from '../routes/modulo.ts';
import { type NextHops, NO_ENTRY, type TableRoutes } from '../routes/types.ts';
import { type CutBounds, cutBounds } from './bounds.ts';
import { easeContention } from './contention.ts';
import { isUniform, type Pattern } from './demand.ts';
import { greedyTables } from './greedy.ts';
import { improveTables } from './improve.ts';
import { nominalTables } from './nominal.ts';
import { type Plane, sameWiring } from './plane.ts';
import { regularShape, regularTables } from './regular.ts';
import { createState, idle, peak, pour, type TableState } from './state.ts';

export interface TableLimits {
  /** Paths that the local search may look at, over all planes that differ. */
  readonly evaluations: number;
  /** Flows that the search against contention may look at (contention.ts), over all planes that differ. */
  readonly contention?: number;
}

export const TABLE_LIMITS = { evaluations: 1000000, contention: 60000000 } as const;

/**
 * How the entries of a plane came about. 'modulo': plain tables meet the bound, or nothing better was found; 'rule':
 * plain modulo that is followed as packets are routed, since dense tables would be too large.
 */
export type TableMethod = 'modulo' | 'nominal' | 'colouring' | 'local search' | 'rule';

export interface PlaneTables {
  readonly method: TableMethod;
  /** True when plain destination-modulo already meets the bound of every pattern. */
  readonly moduloOptimal: boolean;
  /** By pattern: bounds and largest load of a link between switches, seconds. */
  readonly bounds: readonly CutBounds[];
  readonly maxLoad: readonly number[];
}

export interface OptimisedTables {
  readonly routes: TableRoutes;
  readonly modulo: TableRoutes;
  readonly planes: readonly PlaneTables[];
}

/** Relative slack within which a load counts as equal to its bound: rounding, not routing. */
export const MEETS = HAIR;

/**
 * Destination tables for the demand: patterns[p] lists what plane p carries, one set of tables serving all of
 * them, the worst excess over the pattern's whole-destination bound, times its priority, made as small as the work
 * limit allows. Plain modulo is kept where it meets every bound; else regular planes are coloured (split.ts) and
 * any tree is filled greedily and improved by local search, and the best of these, modulo included, stands. Uniform
 * traffic on damaged two-layer planes keeps modulo order as far as it goes, and what is displaced is placed so that
 * shifts and permutations meet least contention.
 * Entries without demand follow destination-modulo. Planes of equal wiring and demand are solved once.
 * Fabrics whose dense tables would exceed routes/columns.ts DENSE_ENTRIES keep modulo.
 */
export function optimiseTables(
  fabric: Fabric,
  hops: NextHops,
  planes: readonly Plane[],
  patterns: readonly (readonly Pattern[])[],
  limits: TableLimits = TABLE_LIMITS,
): OptimisedTables {
  const modulo = moduloTables(fabric, hops);
  const rows = modulo.rows.slice();
  const twins = planes.map((plane, p) => {
    for (let q = 0; q < p; q++)
      if (samePatterns(patterns[p]!, patterns[q]!) && sameWiring(plane, planes[q]!)) return q;
    return p;
  });
  const distinct = twins.filter((q, p) => q === p).length;
  const share = {
    evaluations: Math.floor(limits.evaluations / distinct),
    contention: Math.floor((limits.contention ?? TABLE_LIMITS.contention) / distinct),
  };
  const solved: Solved[] = [];
  for (let p = 0; p < planes.length; p++) {
    const q = twins[p]!;
    solved.push(q < p ? solved[q]! : solvePlane(planes[p]!, patterns[p]!, modulo, share));
    writeRows(fabric, planes[p]!, solved[p]!.state, rows);
  }
  const changed = solved.some((s) => s.state !== null);
  return {
    routes: changed ? { kind: 'tables', label: 'optimised tables', rows, column: modulo.column } : modulo,
    modulo,
    planes: solved.map((s) => s.tables),
  };
}

/** What became of one plane. */
export interface Solved {
  readonly tables: PlaneTables;
  /** Null where modulo stands. */
  readonly state: TableState | null;
}

function samePatterns(a: readonly Pattern[], b: readonly Pattern[]): boolean {
  if (a.length !== b.length) return false;
  return a.every((x, i) => {
    const y = b[i]!;
    if (x.units.count !== y.units.count || x.priority !== y.priority) return false;
    for (let k = 0; k < x.units.count; k++) {
      if (x.units.leaf[k] !== y.units.leaf[k] || x.units.column[k] !== y.units.column[k]) return false;
      if (x.units.bytes[k] !== y.units.bytes[k]) return false;
    }
    return true;
  });
}

/** The tables of one plane: see optimiseTables. */
export function solvePlane(
  plane: Plane,
  patterns: readonly Pattern[],
  modulo: TableRoutes,
  limits: Required<TableLimits>,
): Solved {
  const bounds = patterns.map(({ units }) => cutBounds(plane, units));
  const whole = bounds.map((b) => b.whole);
  const dense = plane.switches.every((node) => modulo.rows[node - plane.fabric.endpoints] !== null);
  if (!dense) return { tables: { method: 'rule', moduloOptimal: false, bounds, maxLoad: [] }, state: null };
  const scratch = createState(plane, patterns, whole);
  followTables(scratch, modulo);
  const plain = { peak: peak(scratch), maxLoad: secondsByPattern(scratch) };
  const met = patterns.every((_, p) => plain.maxLoad[p]! <= bounds[p]!.whole * (1 + MEETS));
  if (met)
    return { tables: { method: 'modulo', moduloOptimal: true, bounds, maxLoad: plain.maxLoad }, state: null };

  let best: TableState | null = null;
  let lowest = plain.peak;
  let method: TableMethod = 'modulo';
  for (const [name, state] of candidates(scratch, patterns, whole, limits)) {
    if (peak(state) < lowest) {
      best = state;
      lowest = peak(state);
      method = name;
    }
    if (lowest <= 1 + MEETS) break;
  }
  const maxLoad = best === null ? plain.maxLoad : secondsByPattern(best);
  return { tables: { method, moduloOptimal: false, bounds, maxLoad }, state: best };
}

/** The state with nothing routed, after followTables: its arrivals are still those of the bare demand. */
function emptied(state: TableState): TableState {
  state.choice.fill(-1);
  state.load.fill(0);
  return state;
}

/** Ways to make tables, the likeliest first: lazily, since the first that meets the bounds ends the search. */
function* candidates(
  scratch: TableState,
  patterns: readonly Pattern[],
  whole: readonly number[],
  { evaluations, contention }: Required<TableLimits>,
): Generator<[TableMethod, TableState]> {
  const { plane } = scratch;
  const shape = regularShape(plane);
  const uniform = patterns.every(({ units }) => isUniform(units.bytes));
  const ways: [TableMethod, (state: TableState) => void][] = [['local search', greedyTables]];
  if (shape !== null) ways.push(['colouring', (state) => regularTables(state, shape)]);
  // Equal weights: keep the order that shifts like where it meets the bound, else the colouring, which is exact
  // with single cables. Unequal ones: the greedy start is the better. On damaged three-layer trees the nominal
  // order piles up on the spines beside a missing cable (measured: 1.5 times the bound after the search).
  if (uniform && plane.fabric.layers === 2) ways.push(['nominal', nominalTables]);
  if (uniform) ways.reverse();
  for (const [i, [method, fill]] of ways.entries()) {
    const state = i === 0 ? emptied(scratch) : createState(plane, patterns, whole);
    fill(state);
    const { moves } = improveTables(state, {
      target: 1 + MEETS,
      evaluations: Math.floor(evaluations / ways.length),
    });
    if (method === 'nominal') easeContention(state, contention);
    yield [moves === 0 ? method : 'local search', state];
  }
}

/** Slots that are carried over at once: tables lie by switch and the state by slot, so one by one every access would miss. */
const TILE = 16;

/** Loads an empty state with what given tables make of its demand; pairs that they do not join stay out. */
function followTables(state: TableState, routes: TableRoutes): void {
  const { plane, slots, switches, choice } = state;
  const { fabric } = plane;
  const linkAt = new Int32Array(fabric.links).fill(-1);
  for (let e = 0; e < plane.links; e++) linkAt[plane.linkId[e]!] = e;
  const rows = Array.from(plane.switches, (node) => routes.rows[node - fabric.endpoints]!);
  const columns = Int32Array.from(state.slotColumn, (c) => routes.column[plane.endpoints[c]!]!);
  for (let from = 0; from < slots; from += TILE) {
    const to = Math.min(slots, from + TILE);
    for (let s = 0; s < switches; s++) {
      const row = rows[s];
      const first = fabric.linkStart[plane.switches[s]!]!;
      const end = fabric.linkStart[plane.switches[s]! + 1]!;
      for (let d = from; d < to; d++) {
        const link = first + (row?.[columns[d]!] ?? NO_ENTRY);
        choice[d * switches + s] = link < end ? linkAt[link]! : -1;
      }
    }
  }
  for (let d = 0; d < slots; d++) {
    for (let l = 0; l < plane.leaves.length; l++) {
      const s = plane.leaves[l]!;
      if (!idle(state, s, d) && leads(state, s, d)) pour(state, s, d, choice[d * switches + s]!, 1, false);
    }
  }
}

/** True when the chosen links lead from switch s to the slot's leaf within as many hops as there are switches. */
function leads(state: TableState, s: number, d: number): boolean {
  const { plane, switches, choice } = state;
  const leaf = plane.leaves[state.slotLeaf[d]!]!;
  let at = s;
  for (let hop = 0; hop < switches && at !== leaf; hop++) {
    const e = choice[d * switches + at]!;
    if (e < 0) return false;
    at = plane.to[e]!;
  }
  return at === leaf;
}

/** Largest load of any link by pattern, seconds. */
function secondsByPattern(state: TableState): number[] {
  const { plane, patterns, load } = state;
  const worst = new Array<number>(patterns).fill(0);
  for (let e = 0; e < plane.links; e++) {
    for (let p = 0; p < patterns; p++)
      worst[p] = Math.max(worst[p]!, load[e * patterns + p]! / plane.rate[e]!);
  }
  return worst;
}

/** Replaces the rows of a plane's switches by copies with the entries that carry demand in `state`. */
function writeRows(
  fabric: Fabric,
  plane: Plane,
  state: TableState | null,
  rows: (Uint16Array | null)[],
): void {
  if (state === null) return;
  const { switches, slots, choice, slotColumn } = state;
  const fresh = Array.from(plane.switches, (node) => rows[node - fabric.endpoints]!.slice());
  for (let from = 0; from < slots; from += TILE) {
    const to = Math.min(slots, from + TILE);
    for (let s = 0; s < switches; s++) {
      const row = fresh[s]!;
      for (let d = from; d < to; d++) {
        const e = choice[d * switches + s]!;
        if (e >= 0 && !idle(state, s, d)) row[slotColumn[d]!] = plane.ordinal[e]!;
      }
    }
  }
  for (let s = 0; s < switches; s++) rows[plane.switches[s]! - fabric.endpoints] = fresh[s]!;
}
