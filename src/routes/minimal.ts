import type { Fabric } from '../fabric/types.ts';
import { type Attached, attachedTo, columnsOf, emptyRows } from './columns.ts';
import { isInner, radixOf } from './reach.ts';
import { type NextHops, NO_ENTRY, type TableRoutes } from './types.ts';

/**
 * The two plain engines of a subnet manager, as baselines. Each destination in turn takes, at every switch, the
 * port with the fewest destinations so far (lowest port on a tie) among the ports on a shortest path.
 * Source: the min-hop and up/down sections of OpenSM's manual. Null when the rows would exceed DENSE_ENTRIES.
 */

/** Shortest paths over all live links, up/down or not: on a damaged tree these may deadlock. O(leaves * links). */
export function minHopTables(fabric: Fabric, hops: NextHops): TableRoutes | null {
  const distance = new Int32Array(fabric.nodes);
  const queue = new Int32Array(fabric.nodes);
  let from = -1;
  return balanced(fabric, hops, 'minimum hop', (node, leaf, out) => {
    if (leaf !== from) {
      hopsTo(fabric, leaf, distance, queue);
      from = leaf;
    }
    let n = 0;
    for (let l = fabric.linkStart[node]!; l < fabric.linkStart[node + 1]!; l++) {
      const to = fabric.linkTo[l]!;
      if (isInner(fabric, l) && distance[to]! >= 0 && distance[to] === distance[node]! - 1) out[n++] = l;
    }
    return n;
  });
}

/** Shortest up/down paths: the candidates of `hops`. O(switches * endpoints * ports). */
export function upDownTables(fabric: Fabric, hops: NextHops): TableRoutes | null {
  return balanced(fabric, hops, 'up/down', (node, leaf, out) => {
    const list = hops.list(node, leaf);
    const n = hops.pool[list]!;
    for (let i = 0; i < n; i++) out[i] = hops.pool[list + 1 + i]!;
    return n;
  });
}

type Choices = (node: number, leaf: number, out: Int32Array) => number;

function balanced(fabric: Fabric, hops: NextHops, label: string, choices: Choices): TableRoutes | null {
  const columns = columnsOf(fabric);
  const rows = emptyRows(fabric, columns, NO_ENTRY);
  if (rows === null) return null;
  const attached = attachedTo(fabric, hops);
  const assigned = new Uint32Array(fabric.links);
  const out = new Int32Array(radixOf(fabric));
  for (const leaf of attached.leaves) {
    for (let node = fabric.endpoints; node < fabric.nodes; node++) {
      if (fabric.plane[node] !== fabric.plane[leaf]) continue;
      const n = node === leaf ? 0 : choices(node, leaf, out);
      if (n === 0 && node !== leaf) continue;
      assignRow(
        fabric,
        hops,
        attached,
        node,
        leaf,
        out,
        n,
        assigned,
        rows[node - fabric.endpoints]!,
        columns.column,
      );
    }
  }
  return { kind: 'tables', label, rows, column: columns.column };
}

/** The entries of one switch for the endpoints of one leaf. */
function assignRow(
  fabric: Fabric,
  hops: NextHops,
  attached: Attached,
  node: number,
  leaf: number,
  out: Int32Array,
  n: number,
  assigned: Uint32Array,
  row: Uint16Array,
  column: Uint32Array,
): void {
  const s = leaf - fabric.endpoints;
  for (let i = attached.start[s]!; i < attached.start[s + 1]!; i++) {
    const e = attached.endpoint[i]!;
    let link = node === leaf ? hops.edge[e]! : out[0]!;
    for (let c = 1; c < n; c++) if (assigned[out[c]!]! < assigned[link]!) link = out[c]!;
    assigned[link]!++;
    row[column[e]!] = link - fabric.linkStart[node]!;
  }
}

/** Hops from every switch to `leaf` by breadth-first search; -1 where there is no way. */
function hopsTo(fabric: Fabric, leaf: number, distance: Int32Array, queue: Int32Array): void {
  distance.fill(-1);
  distance[leaf] = 0;
  queue[0] = leaf;
  let tail = 1;
  for (let head = 0; head < tail; head++) {
    const node = queue[head]!;
    for (let l = fabric.linkStart[node]!; l < fabric.linkStart[node + 1]!; l++) {
      const to = fabric.linkTo[l]!;
      if (distance[to]! >= 0 || !isInner(fabric, l)) continue;
      distance[to] = distance[node]! + 1;
      queue[tail++] = to;
    }
  }
}
