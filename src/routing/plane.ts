import { type Fabric, NodeKind } from '../fabric/types.ts';
import { perNetwork } from '../routes/per-network.ts';
import type { NextHops } from '../routes/types.ts';

/**
 * One plane of a fabric as the routing engines see it: its switches, the live links between them, and for every
 * switch and destination leaf the set of links that lead there on a shortest up/down path. Everything is by
 * local index: switch s (node `switches[s]`), column c (endpoint `endpoints[c]`), leaf l (switch `leaves[l]`),
 * link e (fabric link `linkId[e]`). Links of a switch stand together, in port order.
 */
export interface Plane {
  readonly fabric: Fabric;
  readonly id: number;
  readonly switches: Int32Array;
  /** Endpoints of the plane in id order; the position is the column of a table. */
  readonly endpoints: Int32Array;
  /** Leaf index of each column, -1 when its cable is dead. */
  readonly leafOf: Int32Array;
  /** Local switch of each leaf index: every switch with an endpoint below it. */
  readonly leaves: Int32Array;

  /** Live directed links between switches. */
  readonly links: number;
  /** Length switches + 1. */
  readonly outStart: Int32Array;
  readonly linkId: Int32Array;
  /** Position of the link among all its switch's links, as a table row counts. */
  readonly ordinal: Int32Array;
  readonly from: Int32Array;
  readonly to: Int32Array;
  readonly up: Uint8Array;
  /** Bytes per second. */
  readonly rate: Float64Array;
  /** Links that enter a switch: inLink[inStart[s] .. inStart[s + 1]). */
  readonly inStart: Int32Array;
  readonly inLink: Int32Array;

  /** Candidate set of switch s for leaf l at l * switches.length + s, -1 when there is no way (or s is the leaf itself). */
  readonly setOf: Int32Array;
  /** CSR of the distinct sets, links in port order. */
  readonly setStart: Int32Array;
  readonly setLink: Int32Array;
}

/** The planes of a fabric, in order. O(switches x leaves + links). Links that are dead or level are left out. */
export const planesOf = perNetwork((fabric, hops): readonly Plane[] =>
  Array.from({ length: fabric.planes }, (_, p) => planeOf(fabric, hops, p)),
);

function planeOf(fabric: Fabric, hops: NextHops, id: number): Plane {
  const endpoints: number[] = [];
  const switches: number[] = [];
  const local = new Int32Array(fabric.nodes).fill(-1);
  for (let n = 0; n < fabric.nodes; n++) {
    if (fabric.plane[n] !== id) continue;
    if (n < fabric.endpoints) endpoints.push(n);
    else {
      local[n] = switches.length;
      switches.push(n);
    }
  }
  const leafIndex = new Int32Array(switches.length).fill(-1);
  const leaves: number[] = [];
  const leafOf = Int32Array.from(endpoints, (e) => {
    const s = hops.leafOf[e]! < 0 ? -1 : local[hops.leafOf[e]!]!;
    if (s < 0) return -1;
    if (leafIndex[s]! < 0) leafIndex[s] = leaves.push(s) - 1;
    return leafIndex[s]!;
  });
  const wires = liveLinks(fabric, switches, local);
  return {
    fabric,
    id,
    switches: Int32Array.from(switches),
    endpoints: Int32Array.from(endpoints),
    leafOf,
    leaves: Int32Array.from(leaves),
    ...wires,
    ...candidateSets(fabric, hops, switches, leaves, wires),
  };
}

type Wires = Pick<
  Plane,
  'links' | 'outStart' | 'linkId' | 'ordinal' | 'from' | 'to' | 'up' | 'rate' | 'inStart' | 'inLink'
>;

function liveLinks(fabric: Fabric, switches: readonly number[], local: Int32Array): Wires {
  const ids: number[] = [];
  const outStart = new Int32Array(switches.length + 1);
  for (let s = 0; s < switches.length; s++) {
    const node = switches[s]!;
    for (let e = fabric.linkStart[node]!; e < fabric.linkStart[node + 1]!; e++) {
      const far = fabric.linkTo[e]!;
      if (fabric.linkAlive[e] !== 1 || fabric.linkDirection[e] === 0) continue;
      if (fabric.kind[far] === NodeKind.switch && local[far]! >= 0) ids.push(e);
    }
    outStart[s + 1] = ids.length;
  }
  const links = ids.length;
  const from = Int32Array.from(ids, (e) => local[fabric.linkFrom[e]!]!);
  const to = Int32Array.from(ids, (e) => local[fabric.linkTo[e]!]!);
  const inStart = new Int32Array(switches.length + 1);
  for (let e = 0; e < links; e++) inStart[to[e]! + 1]!++;
  for (let s = 0; s < switches.length; s++) inStart[s + 1]! += inStart[s]!;
  const next = inStart.slice();
  const inLink = new Int32Array(links);
  for (let e = 0; e < links; e++) inLink[next[to[e]!]!++] = e;
  return {
    links,
    outStart,
    linkId: Int32Array.from(ids),
    ordinal: Int32Array.from(ids, (e) => e - fabric.linkStart[fabric.linkFrom[e]!]!),
    from,
    to,
    up: Uint8Array.from(ids, (e) => (fabric.linkDirection[e]! > 0 ? 1 : 0)),
    rate: Float64Array.from(ids, (e) => fabric.linkRate[e]!),
    inStart,
    inLink,
  };
}

/** The candidate lists of the plane's switches in local links; the lists stay interned. */
function candidateSets(
  fabric: Fabric,
  hops: NextHops,
  switches: readonly number[],
  leaves: readonly number[],
  wires: Wires,
): Pick<Plane, 'setOf' | 'setStart' | 'setLink'> {
  const localLink = new Int32Array(fabric.links).fill(-1);
  for (let e = 0; e < wires.links; e++) localLink[wires.linkId[e]!] = e;
  const setOf = new Int32Array(switches.length * leaves.length).fill(-1);
  const setStart: number[] = [0];
  const setLink: number[] = [];
  const known = new Int32Array(hops.pool.length).fill(-1);
  for (let s = 0; s < switches.length; s++) {
    for (let l = 0; l < leaves.length; l++) {
      if (leaves[l] === s) continue;
      const list = hops.list(switches[s]!, switches[leaves[l]!]!);
      const n = hops.pool[list]!;
      if (n === 0) continue;
      if (known[list]! < 0) {
        for (let i = 0; i < n; i++) setLink.push(localLink[hops.pool[list + 1 + i]!]!);
        known[list] = setStart.push(setLink.length) - 2;
      }
      setOf[l * switches.length + s] = known[list]!;
    }
  }
  return { setOf, setStart: Int32Array.from(setStart), setLink: Int32Array.from(setLink) };
}

/** True when two planes are the same but for their ids: tables made for one then fit the other. O(links + sets). */
export function sameWiring(a: Plane, b: Plane): boolean {
  const lists = [
    'leafOf',
    'leaves',
    'outStart',
    'ordinal',
    'to',
    'up',
    'rate',
    'setOf',
    'setStart',
    'setLink',
  ] as const;
  return lists.every((key) => equal(a[key], b[key]));
}

function equal(a: ArrayLike<number>, b: ArrayLike<number>): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
