import type { Fabric } from '../fabric/types.ts';
import { ChannelGraph } from '../routes/channels.ts';
import { attachedTo } from '../routes/columns.ts';
import type { NextHops, TableRoutes } from '../routes/types.ts';
import { entryOf } from './repair-work.ts';

/** Endpoints below switch `from` have no up/down path to endpoint `dst`. */
export interface ValleyPair {
  readonly from: number;
  readonly dst: number;
}

export interface ValleyRoutes {
  /** Every (switch with endpoints, endpoint) pair of a plane without an up/down path, whatever was made of it. */
  readonly pairs: readonly ValleyPair[];
  /** Those that no valley leaf joins either, or all of them when they were to be left out. */
  readonly leftOut: readonly ValleyPair[];
  /** The leaf through which a plane's valley pairs run, by plane; -1 where there are none. */
  readonly leaf: Int32Array;
  /** The tables with entries for the valley pairs; the same object when nothing was added. */
  readonly routes: TableRoutes;
  /** Virtual lanes: 1 without valley pairs, else 2, valley pairs on lane 1 and everything else on lane 0. */
  readonly lanes: number;
  /** By lane: no circle of links that wait for each other. */
  readonly deadlockFree: readonly boolean[];
  /** True when even all pairs together on one lane cannot deadlock, so that the second lane may be spared. */
  readonly oneLaneSuffices: boolean;
}

/**
 * Pairs without an up/down path: an aggregation or management node below one spine seen from another spine, or from
 * a leaf without a cable to that spine. They are joined by going down into one common leaf of the plane and up
 * again ('lane'), and since such a valley may close a circle of waiting links, their packets take a virtual lane
 * of their own: the subnet manager has to give these pairs a service level that maps to it. Or they are listed and
 * left out ('omit'). The channel dependency graph is checked lane by lane. Tables must have dense rows, else
 * everything is left out. O(switches x endpoints x hops).
 */
export function valleyRoutes(
  fabric: Fabric,
  hops: NextHops,
  routes: TableRoutes,
  what: 'lane' | 'omit' = 'lane',
): ValleyRoutes {
  const pairs = valleyPairs(fabric, hops);
  const leaf = new Int32Array(fabric.planes).fill(-1);
  const isDense = routes.rows.every((row) => row !== null);
  if (pairs.length === 0 || what === 'omit' || !isDense) {
    const deadlockFree = laneGraphs(fabric, hops, routes, pairs, 1).map((g) => g.findCycle() === null);
    return { pairs, leftOut: pairs, leaf, routes, lanes: 1, deadlockFree, oneLaneSuffices: true };
  }
  for (let p = 0; p < fabric.planes; p++) leaf[p] = commonLeaf(fabric, hops, pairs, p);
  const filled = fillTables(fabric, hops, routes, pairs, leaf);
  const leftOut = pairs.filter(({ from, dst }) => pathOf(fabric, hops, filled, from, dst) === null);
  const [apart, together] = [2, 1].map((lanes) =>
    laneGraphs(fabric, hops, filled, pairs, lanes).map((graph) => graph.findCycle() === null),
  );
  return {
    pairs,
    leftOut,
    leaf,
    routes: filled,
    lanes: 2,
    deadlockFree: apart!,
    oneLaneSuffices: together![0]!,
  };
}

/** All pairs without an up/down path, by destination. O(leaves x endpoints). */
export function valleyPairs(fabric: Fabric, hops: NextHops): ValleyPair[] {
  const { leaves, planeStart } = attachedTo(fabric, hops);
  const pairs: ValleyPair[] = [];
  for (let dst = 0; dst < fabric.endpoints; dst++) {
    const leaf = hops.leafOf[dst]!;
    const p = fabric.plane[dst]!;
    for (let k = planeStart[p]!; leaf >= 0 && k < planeStart[p + 1]!; k++) {
      if (leaves[k] !== leaf && hops.list(leaves[k]!, leaf) === 0) pairs.push({ from: leaves[k]!, dst });
    }
  }
  return pairs;
}

/** The leaf of tier 1 that joins most of the plane's valley pairs (lowest id among equals), -1 for no pairs. */
function commonLeaf(fabric: Fabric, hops: NextHops, pairs: readonly ValleyPair[], p: number): number {
  const here = pairs.filter(({ dst }) => fabric.plane[dst] === p);
  const joins = (from: number, to: number) => from === to || hops.list(from, to) !== 0;
  let best = -1;
  let most = 0;
  for (const leaf of attachedTo(fabric, hops).leaves) {
    if (fabric.plane[leaf] !== p || fabric.tier[leaf] !== 1) continue;
    let n = 0;
    for (const { from, dst } of here) if (joins(from, leaf) && joins(leaf, hops.leafOf[dst]!)) n++;
    if (n <= most) continue;
    most = n;
    best = leaf;
  }
  return best;
}

/** Gives every switch without a way to a valley destination the entry that leads to the common leaf. Copies rows. */
function fillTables(
  fabric: Fabric,
  hops: NextHops,
  routes: TableRoutes,
  pairs: readonly ValleyPair[],
  leaf: Int32Array,
): TableRoutes {
  const rows = routes.rows.slice();
  const { endpoints } = fabric;
  for (const dst of new Set(pairs.map((pair) => pair.dst))) {
    const p = fabric.plane[dst]!;
    const column = routes.column[dst]!;
    const target = hops.leafOf[dst]!;
    if (leaf[p]! < 0 || hops.list(leaf[p]!, target) === 0) continue;
    for (let node = endpoints; node < fabric.nodes; node++) {
      if (fabric.plane[node] !== p || node === target || hops.list(node, target) !== 0) continue;
      const list = node === leaf[p] ? 0 : hops.list(node, leaf[p]!);
      const count = hops.pool[list]!;
      if (count === 0) continue;
      const s = node - endpoints;
      if (rows[s] === routes.rows[s]) rows[s] = rows[s]!.slice();
      rows[s]![column] = hops.pool[list + 1 + (dst % count)]! - fabric.linkStart[node]!;
    }
  }
  return { ...routes, rows };
}

/** Links between switches from `from` to the destination's switch, or null when the tables do not lead there. */
function pathOf(
  fabric: Fabric,
  hops: NextHops,
  routes: TableRoutes,
  from: number,
  dst: number,
): number[] | null {
  const path: number[] = [];
  for (let node = from; node !== hops.leafOf[dst]!; ) {
    const link = entryOf(fabric, routes, node, dst);
    if (link < 0 || path.length === LONGEST) return null;
    path.push(link);
    node = fabric.linkTo[link]!;
  }
  return path;
}

/** Two climbs and two descents of three layers, and one to spare. */
const LONGEST = 9;

/** What waits for what, by lane: valley pairs on the last lane, all others on the first. */
function laneGraphs(
  fabric: Fabric,
  hops: NextHops,
  routes: TableRoutes,
  pairs: readonly ValleyPair[],
  lanes: number,
): ChannelGraph[] {
  const graphs = Array.from({ length: lanes }, () => new ChannelGraph(fabric));
  const isValley = new Set(pairs.map(({ from, dst }) => from * fabric.endpoints + dst));
  const { leaves, planeStart } = attachedTo(fabric, hops);
  for (let dst = 0; dst < fabric.endpoints; dst++) {
    const p = fabric.plane[dst]!;
    for (let k = planeStart[p]!; hops.leafOf[dst]! >= 0 && k < planeStart[p + 1]!; k++) {
      const from = leaves[k]!;
      if (from === hops.leafOf[dst]) continue;
      const valley = isValley.has(from * fabric.endpoints + dst);
      const path = pathOf(fabric, hops, routes, from, dst) ?? [];
      for (let i = 0; i + 1 < path.length; i++) graphs[valley ? lanes - 1 : 0]!.add(path[i]!, path[i + 1]!);
    }
  }
  return graphs;
}
