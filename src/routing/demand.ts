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

/** Aggregates endpoint flows to units by plane. O(flows + units log units). */
export function unitsOfFlows(planes: readonly Plane[], flows: Flows): PlaneDemand {
  const { endpoints } = planes[0]!.fabric;
  const planeOf = new Int32Array(endpoints).fill(-1);
  const columnOf = new Int32Array(endpoints);
  planes.forEach((plane, p) => {
    for (let c = 0; c < plane.endpoints.length; c++) {
      if (plane.leafOf[c]! < 0) continue;
      planeOf[plane.endpoints[c]!] = p;
      columnOf[plane.endpoints[c]!] = c;
    }
  });
  /** Same plane, and an up/down path: what no routing can carry must not count in any bound either. */
  const joined = (f: number): boolean => {
    const p = planeOf[flows.src[f]!]!;
    if (p < 0 || p !== planeOf[flows.dst[f]!]) return false;
    const { leaves, switches, leafOf, setOf } = planes[p]!;
    const from = leafOf[columnOf[flows.src[f]!]!]!;
    const to = leafOf[columnOf[flows.dst[f]!]!]!;
    return from === to || setOf[to * switches.length + leaves[from]!]! >= 0;
  };
  let unroutable = 0;
  const counts = new Int32Array(planes.length + 1);
  for (let f = 0; f < flows.count; f++) {
    const p = planeOf[flows.src[f]!]!;
    if (flows.src[f] === flows.dst[f] || flows.bytes[f] === 0) continue;
    if (joined(f)) counts[p + 1]!++;
    else unroutable++;
  }
  for (let p = 0; p < planes.length; p++) counts[p + 1]! += counts[p]!;
  const next = counts.slice();
  const order = new Int32Array(counts[planes.length]!);
  for (let f = 0; f < flows.count; f++) {
    const p = planeOf[flows.src[f]!]!;
    if (flows.src[f] === flows.dst[f] || flows.bytes[f] === 0) continue;
    if (joined(f)) order[next[p]!++] = f;
  }
  const units = planes.map((plane, p) =>
    aggregate(plane, flows, order.subarray(counts[p]!, counts[p + 1]!), columnOf),
  );
  return { units, unroutable };
}

function aggregate(plane: Plane, flows: Flows, order: Int32Array, columnOf: Int32Array): Units {
  const leaves = plane.leaves.length;
  const start = new Int32Array(leaves + 1);
  for (let i = 0; i < order.length; i++) start[plane.leafOf[columnOf[flows.src[order[i]!]!]!]! + 1]!++;
  for (let l = 0; l < leaves; l++) start[l + 1]! += start[l]!;
  const next = start.slice();
  const byLeaf = new Int32Array(order.length);
  for (let i = 0; i < order.length; i++)
    byLeaf[next[plane.leafOf[columnOf[flows.src[order[i]!]!]!]!]!++] = order[i]!;

  const sum = new Float64Array(plane.endpoints.length);
  const touched = new Int32Array(plane.endpoints.length);
  const leaf = new Int32Array(order.length);
  const column = new Int32Array(order.length);
  const bytes = new Float64Array(order.length);
  let count = 0;
  for (let l = 0; l < leaves; l++) {
    let n = 0;
    for (let i = start[l]!; i < start[l + 1]!; i++) {
      const f = byLeaf[i]!;
      const c = columnOf[flows.dst[f]!]!;
      if (plane.leafOf[c] === l) continue;
      if (sum[c] === 0) touched[n++] = c;
      sum[c]! += flows.bytes[f]!;
    }
    const columns = touched.subarray(0, n).sort();
    for (let i = 0; i < n; i++) {
      const c = columns[i]!;
      leaf[count] = l;
      column[count] = c;
      bytes[count++] = sum[c]!;
      sum[c] = 0;
    }
  }
  return finish(count, leaf, column, bytes);
}

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
