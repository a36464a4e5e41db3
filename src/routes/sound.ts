import type { Fabric } from '../fabric/types.ts';
import type { Attached } from './columns.ts';
import type { NextHops, TableRoutes } from './types.ts';

/** Destinations looked at together: a row's entries for them lie in a line or two of the cache. */
const TILE = 32;

/** Where a link leads: kind + 4 * (endpoint, or position of the switch in its plane's order); NOWHERE has no kind. */
const NOWHERE = -1;
const TO_ENDPOINT = 0;
const DOWN = 1;
const UP = 2;

/** What is known of a switch for a destination. */
const LOST = 0;
const DESCENDS = 1;
const CLIMBS = 2;

/**
 * True only when dense tables join every switch that has endpoints to every endpoint of its plane, over live links
 * that first climb and then descend tier by tier: no route then has a fault, and no circle of channels can close. False
 * where anything else is met, faulty or not: verify.ts then follows the routes one by one to say what it is.
 * Each entry is read once: by rising tier those that lead down (good where they end at the destination, or at a
 * switch that descends to it), then by falling tier those that lead up. O(switches * endpoints of a plane).
 */
export function soundTables(
  fabric: Fabric,
  routes: TableRoutes,
  hops: NextHops,
  attached: Attached,
): boolean {
  if (routes.rows.some((row) => row === null)) return false;
  const position = new Int32Array(fabric.nodes);
  for (let p = 0; p < fabric.planes; p++) {
    const switches = byTier(fabric, p);
    for (let i = 0; i < switches.length; i++) position[switches[i]!] = i;
    const leaves = attached.leaves.subarray(attached.planeStart[p]!, attached.planeStart[p + 1]!);
    const work: PlaneWork = {
      rows: Array.from(switches, (s) => routes.rows[s - fabric.endpoints]!),
      leads: destinations(fabric, switches, position),
      sources: leaves.map((leaf) => position[leaf]!),
      known: new Uint8Array(switches.length * TILE),
      next: new Int32Array(switches.length * TILE),
    };
    const wanted = endpointsOf(fabric, hops, p);
    const columns = wanted.map((e) => routes.column[e]!);
    for (let from = 0; from < wanted.length; from += TILE) {
      const to = from + TILE;
      if (!soundTile(work, wanted.subarray(from, to), columns.subarray(from, to))) return false;
    }
  }
  return true;
}

interface PlaneWork {
  /** By switch in the order of the plane: its entries, and where its links lead. */
  readonly rows: readonly Uint16Array[];
  readonly leads: readonly Int32Array[];
  /** Switches with endpoints. */
  readonly sources: Int32Array;
  /** By switch and destination of the tile: what is known, and where the entry climbs to, or -1. */
  readonly known: Uint8Array;
  readonly next: Int32Array;
}

/** Switches of a plane by rising tier. */
function byTier(fabric: Fabric, plane: number): Int32Array {
  const switches: number[] = [];
  for (let n = fabric.endpoints; n < fabric.nodes; n++) if (fabric.plane[n] === plane) switches.push(n);
  return Int32Array.from(switches).sort((a, b) => fabric.tier[a]! - fabric.tier[b]! || a - b);
}

/** Endpoints of a plane whose cable lives. */
function endpointsOf(fabric: Fabric, hops: NextHops, plane: number): Int32Array {
  const list: number[] = [];
  for (let e = 0; e < fabric.endpoints; e++)
    if (fabric.plane[e] === plane && hops.leafOf[e]! >= 0) list.push(e);
  return Int32Array.from(list);
}

/** Where each link of the switches leads, in their order; links that leave the plane or its tiers lead nowhere. */
function destinations(fabric: Fabric, switches: Int32Array, position: Int32Array): Int32Array[] {
  const { linkStart, linkTo, linkAlive, linkDirection, endpoints, tier, plane } = fabric;
  return Array.from(switches, (node) => {
    const out = new Int32Array(linkStart[node + 1]! - linkStart[node]!).fill(NOWHERE);
    for (let i = 0; i < out.length; i++) {
      const link = linkStart[node]! + i;
      const to = linkTo[link]!;
      if (linkAlive[link] !== 1) continue;
      const climb = to < endpoints || plane[to] !== plane[node] ? 0 : tier[to]! - tier[node]!;
      if (to < endpoints) out[i] = 4 * to + TO_ENDPOINT;
      else if (climb > 0 && linkDirection[link] === 1) out[i] = 4 * position[to]! + UP;
      else if (climb < 0 && linkDirection[link] === -1) out[i] = 4 * position[to]! + DOWN;
    }
    return out;
  });
}

function soundTile(work: PlaneWork, wanted: Int32Array, columns: Int32Array): boolean {
  const { rows, leads, sources, known, next } = work;
  const n = wanted.length;
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i]!;
    const ways = leads[i]!;
    for (let k = 0; k < n; k++) {
      const entry = row[columns[k]!]!;
      const lead = entry < ways.length ? ways[entry]! : NOWHERE;
      let is = LOST;
      let up = -1;
      if (lead === 4 * wanted[k]! + TO_ENDPOINT) is = DESCENDS;
      else if ((lead & 3) === DOWN) is = known[(lead >> 2) * TILE + k] === DESCENDS ? DESCENDS : LOST;
      else if ((lead & 3) === UP) up = (lead >> 2) * TILE + k;
      known[i * TILE + k] = is;
      next[i * TILE + k] = up;
    }
  }
  for (let i = (rows.length - 1) * TILE; i >= 0; i -= TILE) {
    for (let k = i; k < i + n; k++) if (next[k]! >= 0) known[k] = known[next[k]!] === LOST ? LOST : CLIMBS;
  }
  for (let i = 0; i < sources.length; i++) {
    const at = sources[i]! * TILE;
    for (let k = at; k < at + n; k++) if (known[k] === LOST) return false;
  }
  return true;
}
