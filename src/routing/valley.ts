import type { Fabric } from '../fabric/types.ts';
import { ChannelGraph } from '../routes/channels.ts';
import { attachedTo } from '../routes/columns.ts';
import { SwitchWays } from '../routes/switch-ways.ts';
import { type NextHops, NO_ENTRY, type TableRoutes } from '../routes/types.ts';
import { entryOf } from './repair-work.ts';

/** Endpoints below switch `from` have no up/down path to endpoint `dst`. */
export interface ValleyPair {
  readonly from: number;
  readonly dst: number;
}

export interface ValleyRoutes {
  /** Every (switch with endpoints, endpoint) pair of a plane without an up/down path, whatever was made of it. */
  readonly pairs: readonly ValleyPair[];
  /** Those that the tables do not join: no valley leaf does either, or they were to be left out. */
  readonly leftOut: readonly ValleyPair[];
  /** The leaves through which they were led: one a plane, and more only where that one does not reach. */
  readonly leaves: readonly number[];
  /** The tables with entries for the valley pairs; the same object when nothing was added. */
  readonly routes: TableRoutes;
  /** Virtual lanes: 1 without valley pairs, else 2, valley pairs on lane 1 and everything else on lane 0. */
  readonly lanes: number;
  /** By lane: no circle of links that wait for each other. Not looked at where there are no such pairs. */
  readonly deadlockFree: readonly boolean[];
  /** True when even all pairs together on one lane cannot deadlock, so that the second lane may be spared. */
  readonly oneLaneSuffices: boolean;
}

/**
 * Pairs without an up/down path: an aggregation or management node below one spine seen from another spine, or from
 * a leaf without a cable to that spine. They are joined by going down into one common leaf of the plane and up
 * again ('lane'; see SwitchWays), and since such a valley may close a circle of waiting links, their packets take a
 * virtual lane of their own: the subnet manager has to give these pairs a service level that maps to it. Or they are
 * listed and left out ('omit'). Pairs that the tables join already stay as they are. The channel dependency graph is
 * checked lane by lane. Tables must have dense rows, else everything is left out. O(switches x endpoints x hops).
 */
export function valleyRoutes(
  fabric: Fabric,
  hops: NextHops,
  routes: TableRoutes,
  what: 'lane' | 'omit' = 'lane',
): ValleyRoutes {
  const pairs = valleyPairs(fabric, hops);
  if (pairs.length === 0)
    return { pairs, leftOut: [], leaves: [], routes, lanes: 1, deadlockFree: [], oneLaneSuffices: true };
  const isDense = routes.rows.every((row) => row !== null);
  const { tables, leaves } =
    what === 'omit' || !isDense ? { tables: routes, leaves: [] } : fillTables(fabric, hops, routes, pairs);
  const leftOut = pairs.filter(({ from, dst }) => pathOf(fabric, hops, tables, from, dst) === null);
  const lanes = leftOut.length < pairs.length ? 2 : 1;
  const isFree = (n: number) =>
    laneGraphs(fabric, hops, tables, pairs, n).map((graph) => graph.findCycle() === null);
  const together = isFree(1);
  const deadlockFree = lanes === 1 ? together : isFree(lanes);
  return { pairs, leftOut, leaves, routes: tables, lanes, deadlockFree, oneLaneSuffices: together[0]! };
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

/**
 * Gives every switch without an up/down path to the destination of an unjoined pair the way that SwitchWays has: all
 * of them, since an old entry among new ones might lead in a circle. Copies rows.
 */
function fillTables(fabric: Fabric, hops: NextHops, routes: TableRoutes, pairs: readonly ValleyPair[]) {
  const rows = routes.rows.slice();
  const { endpoints, linkStart } = fabric;
  const unjoined = pairs.filter(({ from, dst }) => pathOf(fabric, hops, routes, from, dst) === null);
  const byPlane = new Map<number, SwitchWays>();
  for (const dst of new Set(unjoined.map((pair) => pair.dst))) {
    const p = fabric.plane[dst]!;
    const ways = byPlane.get(p) ?? new SwitchWays(fabric, p, true);
    byPlane.set(p, ways);
    const target = hops.leafOf[dst]!;
    const toward = ways.toward(target, target - endpoints);
    for (let node = endpoints; node < fabric.nodes; node++) {
      if (fabric.plane[node] !== p || node === target || hops.list(node, target) !== 0) continue;
      const s = node - endpoints;
      if (rows[s] === routes.rows[s]) rows[s] = rows[s]!.slice();
      rows[s]![routes.column[dst]!] = toward[s]! < 0 ? NO_ENTRY : toward[s]! - linkStart[node]!;
    }
  }
  const leaves = [...byPlane.values()].flatMap((ways) => [...ways.valleyLeaves]);
  return { tables: { ...routes, rows }, leaves };
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
