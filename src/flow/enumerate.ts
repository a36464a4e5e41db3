import type { Fabric } from '../fabric/types.ts';
import { NodeKind } from '../fabric/types.ts';
import { mix32 } from '../numeric/random.ts';
import { attachedTo } from '../routes/columns.ts';
import type { EcmpRoutes, NextHops, TableRoutes } from '../routes/types.ts';
import type { LinkLoad } from './types.ts';
import { ecmpSalts, flowKey, LONGEST_PATH, lotOf, share, walkerOf } from './walk.ts';

/** The operation's name as the hash sees it. */
export const ALL_PAIRS = 'all pairs';

/** Flows that found a path, and how many load each link (length links). */
export interface Enumeration {
  readonly flows: number;
  readonly load: LinkLoad;
}

/**
 * One unit from every workload endpoint to every other of its plane, each flow walked, none multiplied out: the
 * oracle for what symmetry promises, and the measure of the load engine's inner loop.
 *
 * Tables: the path from a leaf does not depend on which of its endpoints sends, so the links are looked up once
 * for each (source leaf, destination), laid out by hop, and every source then runs over them in order.
 * O(leaves * endpoints * hops) look-ups and O(endpoints^2 / planes * hops) additions.
 */
export function enumerateAllPairs(
  fabric: Fabric,
  hops: NextHops,
  routes: TableRoutes | EcmpRoutes,
): Enumeration {
  const byPlane: number[][] = Array.from({ length: fabric.planes }, () => []);
  for (let e = 0; e < fabric.endpoints; e++) {
    if (fabric.kind[e] === NodeKind.endpoint && hops.leafOf[e]! >= 0) byPlane[fabric.plane[e]!]!.push(e);
  }
  // One slot more than there are links: hops that a path does not have are counted there.
  const load = new Float64Array(fabric.links + 1);
  let flows = 0;
  for (const members of byPlane) {
    const endpoints = Int32Array.from(members);
    flows +=
      routes.kind === 'tables'
        ? addTables(fabric, hops, routes, endpoints, load)
        : addEcmp(fabric, hops, routes, endpoints, load);
  }
  return { flows, load: load.subarray(0, fabric.links) };
}

function addTables(
  fabric: Fabric,
  hops: NextHops,
  routes: TableRoutes,
  endpoints: Int32Array,
  load: LinkLoad,
): number {
  const walker = walkerOf(fabric, hops, routes);
  const count = endpoints.length;
  const none = fabric.links;
  const linksOf = Array.from({ length: LONGEST_PATH + 1 }, () => new Int32Array(count));
  const attached = attachedTo(fabric, hops);
  const first = fabric.endpoints;
  let flows = 0;
  for (const leaf of attached.leaves) {
    const begin = attached.start[leaf - first]!;
    const end = attached.start[leaf - first + 1]!;
    const one = attached.endpoint[begin]!;
    if (count === 0 || fabric.plane[one] !== fabric.plane[endpoints[0]!]) continue;
    let longest = 0;
    let reached = 0;
    for (let i = 0; i < count; i++) {
      const dst = endpoints[i]!;
      const length = walker.walk(one, dst, 0);
      linksOf[0]![i] = length < 0 ? none : hops.edge[dst]!;
      for (let k = 0; k < LONGEST_PATH; k++) linksOf[k + 1]![i] = k < length ? walker.path[k]! : none;
      if (length > longest) longest = length;
      if (length >= 0) reached++;
    }
    for (let i = begin; i < end; i++) {
      const src = attached.endpoint[i]!;
      if (fabric.kind[src] !== NodeKind.endpoint) continue;
      for (let k = 1; k + 1 <= longest; k += 2) addTwo(load, linksOf[k]!, linksOf[k + 1]!, count);
      if (longest % 2 === 1) addOne(load, linksOf[longest]!, count);
      addOne(load, linksOf[0]!, count);
      // The pass above sends to itself as well; under its own leaf that is the edge link and nothing more.
      load[hops.edge[src]!]!--;
      load[fabric.linkReverse[hops.edge[src]!]!]! += reached - 1;
      flows += reached - 1;
    }
  }
  return flows;
}

function addOne(load: LinkLoad, a: Int32Array, count: number): void {
  for (let i = 0; i < count; i++) load[a[i]!]!++;
}

function addTwo(load: LinkLoad, a: Int32Array, b: Int32Array, count: number): void {
  for (let i = 0; i < count; i++) {
    load[a[i]!]!++;
    load[b[i]!]!++;
  }
}

/** Every flow draws its own lots: one hash of the header a flow, one mix a choice. O(endpoints^2 / planes * hops). */
function addEcmp(
  fabric: Fabric,
  hops: NextHops,
  routes: EcmpRoutes,
  endpoints: Int32Array,
  load: LinkLoad,
): number {
  const { linkTo, linkReverse, linkDirection, tier } = fabric;
  const { leafOf, edge, pool } = hops;
  const salts = ecmpSalts(routes.seed, hops.tiers);
  const lot = lotOf(ALL_PAIRS, 0);
  const count = endpoints.length;
  const path = new Int32Array(LONGEST_PATH);
  // The list at the source's leaf is looked up once for all its sources.
  const lists = new Int32Array(count);
  let before = -1;
  let flows = 0;
  for (let i = 0; i < count; i++) {
    const src = endpoints[i]!;
    const source = leafOf[src]!;
    if (source !== before) {
      for (let j = 0; j < count; j++) {
        const leaf = leafOf[endpoints[j]!]!;
        lists[j] = leaf === source ? -1 : hops.list(source, leaf);
      }
      before = source;
    }
    const srcMix = mix32(src);
    let sent = 0;
    for (let j = 0; j < count; j++) {
      const dst = endpoints[j]!;
      let list = lists[j]!;
      if (list === 0 || i === j) continue;
      const leaf = leafOf[dst]!;
      const key = flowKey(srcMix, dst, lot);
      let node = source;
      let length = 0;
      while (node !== leaf) {
        const n = pool[list]!;
        if (n === 0) break;
        let link = pool[list + 1]!;
        if (n > 1) {
          const salt = salts[2 * tier[node]! + (linkDirection[link] === 1 ? 0 : 1)]!;
          link = pool[list + 1 + share(key, salt, n)]!;
        }
        path[length++] = link;
        node = linkTo[link]!;
        if (node !== leaf) list = hops.list(node, leaf);
      }
      for (let k = 0; k < length; k++) load[path[k]!]!++;
      load[edge[dst]!]!++;
      sent++;
    }
    load[linkReverse[edge[src]!]!]! += sent;
    flows += sent;
  }
  return flows;
}
