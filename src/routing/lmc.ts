import type { Fabric } from '../fabric/types.ts';
import { moduloTables } from '../routes/modulo.ts';
import type { NextHops, TableRoutes } from '../routes/types.ts';
import type { Pattern, Units } from './demand.ts';
import type { Plane } from './plane.ts';
import { idle, type TableState } from './state.ts';
import {
  MEETS,
  type PlaneTables,
  type Solved,
  solvePlane,
  TABLE_LIMITS,
  type TableLimits,
} from './tables.ts';

export interface LmcTables {
  /** Tables of LID + j of every endpoint, j from 0 to 2^lmc - 1; what OpenSM's file holds as LIDs of their own. */
  readonly byOffset: readonly TableRoutes[];
  /** Bounds and loads with the traffic of a pair split evenly over the LIDs: bounds by whole sub-destinations. */
  readonly planes: readonly PlaneTables[];
  /** Plain destination-modulo, which every LID has where no traffic asks for more. */
  readonly modulo: TableRoutes;
}

/**
 * Tables with LMC: a port answers to 2^lmc LIDs, each a destination of its own in every table, and the traffic of a pair
 * is split evenly over them, so that what a link carries comes in smaller pieces. The same search as for single
 * LIDs (tables.ts) on planes with 2^lmc columns for each endpoint. lmc from 0 to 7. Time and memory as
 * optimiseTables with 2^lmc times the endpoints; fabrics too large for dense rows keep destination-modulo.
 */
export function lmcTables(
  fabric: Fabric,
  hops: NextHops,
  planes: readonly Plane[],
  patterns: readonly (readonly Pattern[])[],
  lmc: number,
  limits: TableLimits = TABLE_LIMITS,
): LmcTables {
  if (!Number.isInteger(lmc) || lmc < 0 || lmc > 7) throw new Error(`LMC is 0 to 7, not ${lmc}`);
  const lids = 1 << lmc;
  const modulo = moduloTables(fabric, hops);
  const share = {
    evaluations: Math.floor(limits.evaluations / planes.length),
    contention: 0,
  };
  const byOffset = Array.from({ length: lids }, (_, j) => ({
    ...modulo,
    label: j === 0 ? 'optimised tables' : `optimised tables of LID + ${j}`,
    rows: modulo.rows.slice(),
  }));
  const solved = planes.map((plane, p): Solved => {
    const many = withLids(plane, lids);
    const spread = patterns[p]!.map(({ units, priority }) => ({ units: spreadUnits(units, lids), priority }));
    const result = solvePlane(many, spread, modulo, share);
    if (result.state !== null) chooseBase(result.state, lids);
    writeRows(fabric, plane, result, byOffset);
    return result;
  });
  return { byOffset, planes: solved.map((s) => s.tables), modulo };
}

/** The plane with every endpoint's column repeated `lids` times in a row. */
function withLids(plane: Plane, lids: number): Plane {
  const repeat = (list: Int32Array) =>
    Int32Array.from({ length: list.length * lids }, (_, c) => list[Math.floor(c / lids)]!);
  return { ...plane, endpoints: repeat(plane.endpoints), leafOf: repeat(plane.leafOf) };
}

/** Exact: bytes are multiples of a power of two, and so are their halves. */
function spreadUnits({ count, leaf, column, bytes }: Units, lids: number): Units {
  const at = (i: number) => Math.floor(i / lids);
  const many = count * lids;
  return {
    count: many,
    leaf: Int32Array.from({ length: many }, (_, i) => leaf[at(i)]!),
    column: Int32Array.from({ length: many }, (_, i) => column[at(i)]! * lids + (i % lids)),
    bytes: Float64Array.from({ length: many }, (_, i) => bytes[at(i)]! / lids),
  };
}

const SWEEPS = 12;

/**
 * Most software uses the base LID alone, and the LIDs of a port may change places without a change to what all of them
 * carry together: for each endpoint the one becomes the base whose links the others' bases use least, by the sum of the
 * fourth powers of what bases put on a link; again until none changes. O(sweeps x slots x switches).
 */
function chooseBase(state: TableState, lids: number): void {
  const { slots, switches, patterns, choice, arrive, inverse, plane } = state;
  const base = new Float64Array(plane.links * patterns);
  const put = (d: number, sign: number): number => {
    let cost = 0;
    for (let s = 0; s < switches; s++) {
      const e = choice[d * switches + s]!;
      for (let p = 0; e >= 0 && p < patterns; p++) {
        const units = arrive[(d * switches + s) * patterns + p]! * inverse[e * patterns + p]!;
        if (units === 0) continue;
        const before = base[e * patterns + p]!;
        const after = before + sign * units;
        base[e * patterns + p] = after;
        cost += after * after * after * after - before * before * before * before;
      }
    }
    return cost;
  };
  for (let d = 0; d < slots; d += lids) put(d, 1);
  for (let sweep = 0, moved = true; moved && sweep < SWEEPS; sweep++) {
    moved = false;
    for (let first = 0; first < slots; first += lids) {
      put(first, -1);
      let best = first;
      let least = Infinity;
      for (let d = first; d < first + lids; d++) {
        const cost = put(d, 1);
        put(d, -1);
        if (cost >= least * (1 - MEETS)) continue;
        least = cost;
        best = d;
      }
      if (best !== first) {
        swap(choice, first * switches, best * switches, switches);
        swap(arrive, first * switches * patterns, best * switches * patterns, switches * patterns);
        moved = true;
      }
      put(first, 1);
    }
  }
}

function swap(list: Int32Array | Float64Array, a: number, b: number, length: number): void {
  const held = list.slice(a, a + length);
  list.copyWithin(a, b, b + length);
  list.set(held, b);
}

/** Copies the plane's rows in every offset's tables and writes the entries that carry demand. */
function writeRows(
  fabric: Fabric,
  plane: Plane,
  { state }: Solved,
  byOffset: readonly { readonly rows: (Uint16Array | null)[] }[],
): void {
  if (state === null) return;
  const { switches, slots, choice, slotColumn } = state;
  for (const { rows } of byOffset) {
    for (const node of plane.switches) rows[node - fabric.endpoints] = rows[node - fabric.endpoints]!.slice();
  }
  for (let d = 0; d < slots; d++) {
    const { rows } = byOffset[slotColumn[d]! % byOffset.length]!;
    const column = Math.floor(slotColumn[d]! / byOffset.length);
    for (let s = 0; s < switches; s++) {
      const e = choice[d * switches + s]!;
      if (e >= 0 && !idle(state, s, d))
        rows[plane.switches[s]! - fabric.endpoints]![column] = plane.ordinal[e]!;
    }
  }
}
