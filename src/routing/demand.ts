import type { Flows } from '../fabric/types.ts';
import type { Plane } from './plane.ts';

/**
 * What tables are made for: what each leaf sends to each endpoint of its plane. Sources below the same leaf
 * share its entry, so they add up; sources below the destination's own leaf use no link between switches.
 * Sorted by (leaf, column), each pair once, bytes positive and a multiple of one power of two, so that sums
 * of any subset are exact whatever the order.
 */
export interface Units {
  readonly count: number;
  /** Leaf index in the plane. */
  readonly leaf: Int32Array;
  /** Column in the plane. */
  readonly column: Int32Array;
  readonly bytes: Float64Array;
}

/** One traffic pattern among several that one set of tables serves; its excess over its bound counts `priority` times. */
export interface Pattern {
  readonly units: Units;
  readonly priority: number;
}

/** Units of each plane, and how many flows no up/down path joins: other planes, dead cables, cut-off leaves. */
export interface PlaneDemand {
  readonly units: Units[];
  readonly unroutable: number;
}

/** Aggregates endpoint flows to units by plane. O(flows + leaves x columns at most). */
export function unitsOfFlows(planes: readonly Plane[], flows: Flows): PlaneDemand {
  const { order, start, unroutable } = byLeaf(planes, flows);
  const columnOf = new Int32Array(planes[0]!.fabric.endpoints);
  for (const { endpoints } of planes) for (let c = 0; c < endpoints.length; c++) columnOf[endpoints[c]!] = c;
  let leaves = 0;
  const units = planes.map((plane) => {
    const first = leaves;
    leaves += plane.leaves.length;
    return aggregate(plane, flows, order, start.subarray(first, leaves + 1), columnOf);
  });
  return { units, unroutable };
}

/** Flows with a way by the leaf they start from, leaf by leaf of plane by plane, else in their own order: CSR. */
function byLeaf(planes: readonly Plane[], flows: Flows) {
  const { src, dst, bytes, count } = flows;
  const { endpoints } = planes[0]!.fabric;
  // Of each endpoint: its plane, -1 where its cable is dead; its leaf there; and that leaf among all planes'.
  const planeOf = new Int32Array(endpoints).fill(-1);
  const leafOf = new Int32Array(endpoints);
  const number = new Int32Array(endpoints);
  let leaves = 0;
  planes.forEach((plane, p) => {
    for (let c = 0; c < plane.endpoints.length; c++) {
      if (plane.leafOf[c]! < 0) continue;
      planeOf[plane.endpoints[c]!] = p;
      leafOf[plane.endpoints[c]!] = plane.leafOf[c]!;
      number[plane.endpoints[c]!] = leaves + plane.leafOf[c]!;
    }
    leaves += plane.leaves.length;
  });
  let unroutable = 0;
  const start = new Int32Array(leaves + 1);
  const from = new Int32Array(count).fill(-1);
  for (let f = 0; f < count; f++) {
    const s = src[f]!;
    const d = dst[f]!;
    if (s === d || bytes[f] === 0) continue;
    const p = planeOf[s]!;
    // Same plane, and an up/down path: what no routing can carry must not count in any bound either.
    if (p < 0 || p !== planeOf[d] || !joined(planes[p]!, leafOf[s]!, leafOf[d]!)) {
      unroutable++;
      continue;
    }
    from[f] = number[s]!;
    start[number[s]! + 1]!++;
  }
  for (let l = 0; l < leaves; l++) start[l + 1]! += start[l]!;
  const next = start.slice();
  const order = new Int32Array(start[leaves]!);
  for (let f = 0; f < count; f++) if (from[f]! >= 0) order[next[from[f]!]!++] = f;
  return { order, start, unroutable };
}

function joined({ leaves, switches, setOf }: Plane, from: number, to: number): boolean {
  return from === to || setOf[to * switches.length + leaves[from]!]! >= 0;
}

/** Leaf l sends order[start[l] .. start[l + 1]). */
function aggregate(
  plane: Plane,
  { dst, bytes: sizes }: Flows,
  order: Int32Array,
  start: Int32Array,
  columnOf: Int32Array,
): Units {
  const leaves = plane.leaves.length;
  const columns = plane.endpoints.length;
  const most = start[leaves]! - start[0]!;
  const sum = new Float64Array(columns);
  const touched = new Int32Array(columns);
  const leaf = new Int32Array(most);
  const column = new Int32Array(most);
  const bytes = new Float64Array(most);
  let count = 0;
  for (let l = 0; l < leaves; l++) {
    let n = 0;
    for (let i = start[l]!; i < start[l + 1]!; i++) {
      const f = order[i]!;
      const c = columnOf[dst[f]!]!;
      if (plane.leafOf[c] === l) continue;
      if (sum[c] === 0) touched[n++] = c;
      sum[c]! += sizes[f]!;
    }
    ascending(touched, n, sum);
    for (let i = 0; i < n; i++) {
      const c = touched[i]!;
      leaf[count] = l;
      column[count] = c;
      bytes[count++] = sum[c]!;
      sum[c] = 0;
    }
  }
  return finish(count, leaf, column, bytes);
}

/** Sorts the n columns that have a sum: where they are many, by looking through all. */
function ascending(columns: Int32Array, n: number, sum: Float64Array): void {
  if (n * FEW < sum.length) {
    columns.subarray(0, n).sort();
    return;
  }
  let k = 0;
  for (let c = 0; k < n; c++) if (sum[c] !== 0) columns[k++] = c;
}

/** Looking at so many sums costs what sorting one column does. */
const FEW = 16;

/**
 * One unit between every two endpoints of the same group (a rail, or everything): group[c] of each column, -1
 * for endpoints that take no part. The unit demand of the fabric commands, without listing the pairs.
 */
export function groupUnits(plane: Plane, group: Int32Array): Units {
  const leaves = plane.leaves.length;
  let groups = 0;
  for (let c = 0; c < group.length; c++) groups = Math.max(groups, group[c]! + 1);
  const senders = new Int32Array(leaves * groups);
  const receivers: number[] = [];
  for (let c = 0; c < group.length; c++) {
    if (group[c]! < 0 || plane.leafOf[c]! < 0) continue;
    senders[plane.leafOf[c]! * groups + group[c]!]!++;
    receivers.push(c);
  }
  const room = leaves * receivers.length;
  const leaf = new Int32Array(room);
  const column = new Int32Array(room);
  const bytes = new Float64Array(room);
  let count = 0;
  for (let l = 0; l < leaves; l++) {
    for (let i = 0; i < receivers.length; i++) {
      const c = receivers[i]!;
      const n = senders[l * groups + group[c]!]!;
      if (n === 0 || plane.leafOf[c] === l) continue;
      leaf[count] = l;
      column[count] = c;
      bytes[count++] = n;
    }
  }
  return { count, leaf: leaf.slice(0, count), column: column.slice(0, count), bytes: bytes.slice(0, count) };
}

/** Rounds to a multiple of one power of two that keeps every partial sum below 2^52 multiples, hence exact. */
function finish(count: number, leaf: Int32Array, column: Int32Array, bytes: Float64Array): Units {
  let total = 0;
  for (let i = 0; i < count; i++) total += bytes[i]!;
  let quantum = 1;
  while (total / quantum > EXACT) quantum *= 2;
  while (quantum > MIN_QUANTUM && total / (quantum / 2) <= EXACT) quantum /= 2;
  for (let i = 0; i < count; i++) bytes[i] = Math.max(1, Math.round(bytes[i]! / quantum)) * quantum;
  return { count, leaf: leaf.slice(0, count), column: column.slice(0, count), bytes: bytes.slice(0, count) };
}

const EXACT = 2251799813685248; // 2^51: a factor 2 to spare below the 2^53 where doubles stop being exact
const MIN_QUANTUM = 1 / 1048576;

/** True when all are equal. */
export function isUniform(bytes: Float64Array): boolean {
  for (let i = 1; i < bytes.length; i++) if (bytes[i] !== bytes[0]) return false;
  return true;
}
