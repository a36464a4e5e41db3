import type { Fabric } from '../fabric/types.ts';
import type { NextHops } from './types.ts';

/** Dense table rows are made up to this many entries in all (two bytes each); beyond, tables are rules. */
export const DENSE_ENTRIES = 48 * 1024 * 1024;

/** The position of each endpoint within its plane: the destination index of destination-modulo, the column of a row. */
export interface Columns {
  /** Length endpoints. */
  readonly column: Uint32Array;
  /** Endpoints of each plane, length planes. */
  readonly size: Uint32Array;
}

export function columnsOf(fabric: Fabric): Columns {
  const column = new Uint32Array(fabric.endpoints);
  const size = new Uint32Array(fabric.planes);
  for (let e = 0; e < fabric.endpoints; e++) column[e] = size[fabric.plane[e]!]!++;
  return { column, size };
}

/** Endpoints by the switch they hang on, in node order: CSR over switches (node - endpoints). */
export interface Attached {
  /** Length switches + 1. */
  readonly start: Uint32Array;
  readonly endpoint: Uint32Array;
  /** Node ids of the switches that have endpoints, by plane and then node id. */
  readonly leaves: Int32Array;
  /** Leaves of plane p are leaves[planeStart[p]] to leaves[planeStart[p + 1]]. */
  readonly planeStart: Uint32Array;
}

export function attachedTo(fabric: Fabric, hops: NextHops): Attached {
  const first = fabric.endpoints;
  const switches = fabric.nodes - first;
  const start = new Uint32Array(switches + 1);
  for (let e = 0; e < first; e++) if (hops.leafOf[e]! >= 0) start[hops.leafOf[e]! - first + 1]!++;
  const leaves: number[] = [];
  for (let s = 0; s < switches; s++) {
    if (start[s + 1]! > 0) leaves.push(first + s);
    start[s + 1]! += start[s]!;
  }
  leaves.sort((a, b) => fabric.plane[a]! - fabric.plane[b]! || a - b);
  const planeStart = new Uint32Array(fabric.planes + 1);
  for (const leaf of leaves) planeStart[fabric.plane[leaf]! + 1]!++;
  for (let p = 0; p < fabric.planes; p++) planeStart[p + 1]! += planeStart[p]!;
  const next = start.slice(0, switches);
  const endpoint = new Uint32Array(start[switches]!);
  for (let e = 0; e < first; e++) if (hops.leafOf[e]! >= 0) endpoint[next[hops.leafOf[e]! - first]!++] = e;
  return { start, endpoint, leaves: Int32Array.from(leaves), planeStart };
}

/** Rows for every switch, each as long as its plane has endpoints and filled with NO_ENTRY; null when too large. */
export function emptyRows(fabric: Fabric, columns: Columns, fill: number): Uint16Array[] | null {
  let entries = 0;
  for (let n = fabric.endpoints; n < fabric.nodes; n++) entries += columns.size[fabric.plane[n]!]!;
  if (entries > DENSE_ENTRIES) return null;
  const rows: Uint16Array[] = [];
  for (let n = fabric.endpoints; n < fabric.nodes; n++) {
    rows.push(new Uint16Array(columns.size[fabric.plane[n]!]!).fill(fill));
  }
  return rows;
}
