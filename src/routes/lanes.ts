import type { Fabric } from '../fabric/types.ts';
import { ChannelGraph } from './channels.ts';
import { attachedTo } from './columns.ts';
import { tableLink } from './modulo.ts';
import { type LaneAssignment, type NextHops, NO_ENTRY, type TableRoutes } from './types.ts';

/** Data lanes that InfiniBand switches have, as a rule (InfiniBand Architecture Specification, 7.6.3: up to 15). */
const MOST_LANES = 8;

/**
 * Spreads the paths from every leaf to every LID over virtual lanes so that on none of them links wait in a circle: all start on
 * the first; as long as a lane has a circle, the paths of the dependency in it that fewest use move to the next. The
 * method of J. Domke, T. Hoefler, W. Nagel, "Deadlock-free oblivious routing for arbitrary topologies", IPDPS 2011,
 * DOI 10.1109/IPDPS.2011.65. A heuristic: fewer lanes may do. Memory: every dependency of every path; for tables that
 * are known to have a circle. O(paths x hops + circles x sum of ports^2).
 */
export function assignLanes(
  fabric: Fabric,
  hops: NextHops,
  byOffset: readonly TableRoutes[],
  switchRows: readonly Uint16Array[],
): LaneAssignment {
  const paths = collectPaths(fabric, hops, byOffset, switchRows);
  let open: Int32Array = Int32Array.from({ length: paths.start.length - 1 }, (_, i) => i);
  const byLane: number[] = [];
  while (open.length > 0 && byLane.length < MOST_LANES) {
    const left = breakCircles(fabric, paths, open);
    byLane.push(open.length - left.length);
    open = left;
  }
  return { lanes: open.length === 0 ? byLane.length : null, byLane };
}

/** Dependencies (link, link it waits for) by number; those of path p at dep[start[p] .. start[p + 1]). */
interface Paths {
  readonly first: readonly number[];
  readonly second: readonly number[];
  readonly start: readonly number[];
  readonly dep: readonly number[];
}

function collectPaths(
  fabric: Fabric,
  hops: NextHops,
  byOffset: readonly TableRoutes[],
  switchRows: readonly Uint16Array[],
): Paths {
  const { endpoints, nodes, plane, linkStart, linkTo, linkAlive } = fabric;
  const { leaves, planeStart } = attachedTo(fabric, hops);
  const paths = { first: [] as number[], second: [] as number[], start: [0], dep: [] as number[] };
  const known = new Map<number, number>();
  const depOf = (a: number, b: number): number => {
    const key = a * fabric.links + b;
    let id = known.get(key);
    if (id === undefined) {
      id = paths.first.push(a) - 1;
      paths.second.push(b);
      known.set(key, id);
    }
    return id;
  };
  const follow = (to: number, next: (node: number) => number): void => {
    for (let k = planeStart[plane[to]!]!; k < planeStart[plane[to]! + 1]!; k++) {
      let into = -1;
      let node = leaves[k]!;
      const mark = paths.dep.length;
      for (let hop = 0; node !== to && hop < nodes - endpoints && node >= endpoints; hop++) {
        const link = next(node);
        if (link < 0 || link >= linkStart[node + 1]! || linkAlive[link] !== 1) break;
        if (into >= 0) paths.dep.push(depOf(into, link));
        into = link;
        node = linkTo[link]!;
      }
      // What does not arrive is another fault; what waits for nothing is on any lane.
      if (node !== to) paths.dep.length = mark;
      if (paths.dep.length > mark) paths.start.push(paths.dep.length);
    }
  };
  for (const tables of byOffset) {
    for (let dst = 0; dst < endpoints; dst++)
      if (hops.leafOf[dst]! >= 0) follow(dst, (node) => tableLink(fabric, tables, hops, node, dst));
  }
  for (let to = endpoints; to < nodes; to++) {
    follow(to, (node) => {
      const entry = switchRows[node - endpoints]![to - endpoints]!;
      return entry === NO_ENTRY ? -1 : linkStart[node]! + entry;
    });
  }
  return paths;
}

/** Takes paths off one lane until it has no circle; returns those taken, in order. */
function breakCircles(fabric: Fabric, { first, second, start, dep }: Paths, open: Int32Array): Int32Array {
  const count = new Int32Array(first.length);
  for (const p of open) for (let i = start[p]!; i < start[p + 1]!; i++) count[dep[i]!]!++;
  const { users, userStart } = usersOf(first.length, count, start, dep, open);
  const graph = new ChannelGraph(fabric);
  const idOf = new Map<number, number>();
  for (let d = 0; d < first.length; d++) {
    if (count[d] === 0) continue;
    graph.add(first[d]!, second[d]!);
    idOf.set(first[d]! * fabric.links + second[d]!, d);
  }
  const taken = new Uint8Array(start.length - 1);
  for (let cycle = graph.findCycle(); cycle !== null; cycle = graph.findCycle()) {
    let rarest = -1;
    for (const [i, link] of cycle.entries()) {
      const d = idOf.get(link * fabric.links + cycle[(i + 1) % cycle.length]!)!;
      if (rarest < 0 || count[d]! < count[rarest]!) rarest = d;
    }
    for (let u = userStart[rarest]!; u < userStart[rarest + 1]!; u++) {
      const p = users[u]!;
      if (taken[p] === 1) continue;
      taken[p] = 1;
      for (let i = start[p]!; i < start[p + 1]!; i++)
        if (--count[dep[i]!]! === 0) graph.remove(first[dep[i]!]!, second[dep[i]!]!);
    }
  }
  return open.filter((p) => taken[p] === 1);
}

/** Paths that have each dependency: CSR. */
function usersOf(
  deps: number,
  count: Int32Array,
  start: readonly number[],
  dep: readonly number[],
  open: Int32Array,
): { readonly users: Int32Array; readonly userStart: Int32Array } {
  const userStart = new Int32Array(deps + 1);
  for (let d = 0; d < deps; d++) userStart[d + 1] = userStart[d]! + count[d]!;
  const next = userStart.slice(0, deps);
  const users = new Int32Array(userStart[deps]!);
  for (const p of open) for (let i = start[p]!; i < start[p + 1]!; i++) users[next[dep[i]!]!++] = p;
  return { users, userStart };
}
