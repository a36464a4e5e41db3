import type { Fabric } from '../fabric/types.ts';
import { attachedTo, columnsOf, emptyRows } from './columns.ts';
import { perNetwork } from './per-network.ts';
import { type NextHops, NO_ENTRY, type TableRoutes } from './types.ts';

/**
 * Destination-modulo (D-Mod-K): the i-th destination of a plane takes, of n minimal live ports, number
 * floor(i / stride) mod n, the stride being the number of ways up below that tier. Destinations that share an
 * up-port at one tier are thus dealt out over the ports of the next, and over parallel cables on the way down.
 * On a full tree every link carries the same number of destinations.
 * Source: E. Zahavi, "D-Mod-K routing providing non-blocking traffic for shift permutations on real life
 * fat trees", CCIT report 776, Technion, 2010.
 *
 * Dense rows, O(switches * endpoints of a plane), up to DENSE_ENTRIES; beyond, every row is null and the rule is
 * followed as packets are routed.
 */
export const moduloTables = perNetwork((fabric, hops): TableRoutes => {
  const columns = columnsOf(fabric);
  const rows = emptyRows(fabric, columns, NO_ENTRY);
  const label = 'destination-modulo';
  if (rows === null) {
    return {
      kind: 'tables',
      label,
      rows: new Array(fabric.nodes - fabric.endpoints).fill(null),
      column: columns.column,
    };
  }
  const { leaves, planeStart, start, endpoint } = attachedTo(fabric, hops);
  const { pool } = hops;
  const columnAt = endpoint.map((e) => columns.column[e]!);
  const turns = new Turns(fabric.endpoints);
  const first = fabric.endpoints;
  for (let node = first; node < fabric.nodes; node++) {
    const row = rows[node - first]!;
    const base = fabric.linkStart[node]!;
    const plane = fabric.plane[node]!;
    for (let k = planeStart[plane]!; k < planeStart[plane + 1]!; k++) {
      const leaf = leaves[k]!;
      const begin = start[leaf - first]!;
      const end = start[leaf - first + 1]!;
      if (leaf === node) {
        for (let i = begin; i < end; i++) row[columnAt[i]!] = hops.edge[endpoint[i]!]! - base;
        continue;
      }
      const list = hops.list(node, leaf);
      if (list === 0) continue;
      const n = pool[list]!;
      if (n === 1) {
        for (let i = begin; i < end; i++) row[columnAt[i]!] = pool[list + 1]! - base;
        continue;
      }
      const turn = turns.of(strideAt(fabric, hops, node, pool[list + 1]!), n);
      for (let i = begin; i < end; i++) row[columnAt[i]!] = pool[list + 1 + turn[columnAt[i]!]!]! - base;
    }
  }
  return { kind: 'tables', label, rows, column: columns.column };
});

/** floor(column / stride) mod n of every column: few strides and sizes of lists serve all switches. */
class Turns {
  readonly #columns: number;
  readonly #known = new Map<number, Map<number, Uint16Array>>();

  constructor(columns: number) {
    this.#columns = columns;
  }

  of(stride: number, n: number): Uint16Array {
    let bySize = this.#known.get(stride);
    if (bySize === undefined) {
      bySize = new Map();
      this.#known.set(stride, bySize);
    }
    let turn = bySize.get(n);
    if (turn === undefined) {
      turn = new Uint16Array(this.#columns);
      for (let c = 0; c < turn.length; c++) turn[c] = Math.floor(c / stride) % n;
      bySize.set(n, turn);
    }
    return turn;
  }
}

/** The link of the non-empty list that destination-modulo takes at `node` for the column-th destination of the plane. */
export function moduloPick(
  fabric: Fabric,
  hops: NextHops,
  node: number,
  list: number,
  column: number,
): number {
  const n = hops.pool[list]!;
  const link = hops.pool[list + 1]!;
  if (n === 1) return link;
  const stride = strideAt(fabric, hops, node, link);
  return hops.pool[list + 1 + (Math.floor(column / stride) % n)]!;
}

/** How far apart neighbouring choices among links such as this one are, in columns. */
function strideAt(fabric: Fabric, hops: NextHops, node: number, link: number): number {
  // Going down, parallel cables are dealt out by the choice that was made one tier below on the way up.
  const tier = fabric.tier[node]! - (fabric.linkDirection[link] === 1 ? 0 : 1);
  return hops.stride[fabric.plane[node]! * (hops.tiers + 1) + tier]!;
}

/**
 * The link a table takes at switch `node` towards endpoint `dst`, or -1 when there is no entry. A switch without
 * a row follows destination-modulo. Not checked: that the link is alive, or leads anywhere (see verifyRoutes).
 */
export function tableLink(
  fabric: Fabric,
  routes: TableRoutes,
  hops: NextHops,
  node: number,
  dst: number,
): number {
  const row = routes.rows[node - fabric.endpoints]!;
  const column = routes.column[dst]!;
  if (row !== null) {
    if (fabric.plane[node] !== fabric.plane[dst]) return -1;
    const entry = row[column]!;
    return entry === NO_ENTRY ? -1 : fabric.linkStart[node]! + entry;
  }
  const leaf = hops.leafOf[dst]!;
  if (leaf < 0) return -1;
  if (leaf === node) return hops.edge[dst]!;
  const list = hops.list(node, leaf);
  return list === 0 ? -1 : moduloPick(fabric, hops, node, list, column);
}
