import type { Fabric } from '../fabric/types.ts';
import { attachedTo, columnsOf, emptyRows } from './columns.ts';
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
export function moduloTables(fabric: Fabric, hops: NextHops): TableRoutes {
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
  const attached = attachedTo(fabric, hops);
  const first = fabric.endpoints;
  for (let node = first; node < fabric.nodes; node++) {
    const row = rows[node - first]!;
    const base = fabric.linkStart[node]!;
    const plane = fabric.plane[node]!;
    for (let k = attached.planeStart[plane]!; k < attached.planeStart[plane + 1]!; k++) {
      const leaf = attached.leaves[k]!;
      const list = leaf === node ? -1 : hops.list(node, leaf);
      if (list === 0) continue;
      for (let i = attached.start[leaf - first]!; i < attached.start[leaf - first + 1]!; i++) {
        const e = attached.endpoint[i]!;
        const column = columns.column[e]!;
        const link = list < 0 ? hops.edge[e]! : moduloPick(fabric, hops, node, list, column);
        row[column] = link - base;
      }
    }
  }
  return { kind: 'tables', label, rows, column: columns.column };
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
  // Going down, parallel cables are dealt out by the choice that was made one tier below on the way up.
  const tier = fabric.tier[node]! - (fabric.linkDirection[link] === 1 ? 0 : 1);
  const stride = hops.stride[fabric.plane[node]! * (hops.tiers + 1) + tier]!;
  return hops.pool[list + 1 + (Math.floor(column / stride) % n)]!;
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
