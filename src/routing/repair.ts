import type { Fabric } from '../fabric/types.ts';
import { hopsWithFewerLinks } from '../routes/fewer-links.ts';
import { nextHops } from '../routes/next-hops.ts';
import type { NextHops, TableRoutes } from '../routes/types.ts';
import { verifyRoutes } from '../routes/verify.ts';
import {
  addTree,
  type EntryChange,
  entryOf,
  type RepairPolicy,
  RepairWork,
  type Wiring,
  wiringOf,
} from './repair-work.ts';

/** What a repair did, as changed entries only; `repairedTables` makes whole tables of it. */
export interface TableRepair {
  readonly changes: readonly EntryChange[];
  /** (leaf, destination) pairs of workload endpoints that no up/down path joins any more; a dead cable's end is in none. */
  readonly lostPairs: number;
  readonly deadlockFree: boolean;
  /** Largest load of a link between switches with one unit from every workload endpoint to every other, in seconds. */
  readonly maxLoad: number;
}

/**
 * Repairs tables made for `fabric` after a failure: `damaged` is the same fabric with fewer live links (withoutParts).
 * Only entries whose way is gone change. With the policy 'few' no more of them than must: where a switch further on still
 * reaches the destination by another port, that one entry instead of all that lead to it. With 'even' each leaf
 * chooses anew. Of the ports on shortest up/down paths the one is taken whose fullest link on the way stays
 * emptiest. Paths that stand, however odd, stay.
 * Tables that are a rule follow live ports by themselves: no changes. O(switches x endpoints).
 */
export function repairTables(
  fabric: Fabric,
  hops: NextHops,
  routes: TableRoutes,
  damaged: Fabric,
  policy: RepairPolicy = 'few',
): TableRepair {
  return new Repairer(fabric, hops, routes, policy).repair(damaged, null);
}

/** The tables with the changes written in; rows that do not change are shared. O(changes + their rows). */
export function repairedTables(
  fabric: Fabric,
  routes: TableRoutes,
  changes: readonly EntryChange[],
): TableRoutes {
  const rows = routes.rows.slice();
  for (const { node, dst, after } of changes) {
    const s = node - fabric.endpoints;
    if (rows[s] === routes.rows[s]) rows[s] = rows[s]!.slice();
    rows[s]![routes.column[dst]!] = after - fabric.linkStart[node]!;
  }
  return { ...routes, label: `${routes.label}, repaired`, rows };
}

/** What the repairs of one set of tables share: their loads, and whether their paths all go up and then down. */
export class Repairer {
  readonly #before: Wiring;
  readonly #hops: NextHops;
  readonly #routes: TableRoutes;
  readonly #load: Float64Array;
  readonly #policy: RepairPolicy;
  readonly #ordered: boolean;

  constructor(fabric: Fabric, hops: NextHops, routes: TableRoutes, policy: RepairPolicy) {
    this.#policy = policy;
    this.#hops = hops;
    this.#before = wiringOf(fabric, hops);
    this.#routes = routes;
    this.#load = new Float64Array(fabric.links);
    for (let dst = 0; dst < fabric.endpoints; dst++) addTree(this.#before, routes, dst, this.#load);
    this.#ordered = this.#isOrdered();
  }

  /** `dead` tells what the failure took; without it every destination is looked at. */
  repair(damaged: Fabric, dead: readonly number[] | null): TableRepair {
    const hops = hopsWithFewerLinks(damaged, this.#hops);
    const after = wiringOf(damaged, hops);
    const work = new RepairWork(this.#before, after, this.#routes, this.#policy, this.#load.slice());
    const hit = dead === null ? new Uint8Array(damaged.endpoints).fill(1) : this.#destinationsOf(dead);
    for (let dst = 0; dst < hit.length; dst++) if (hit[dst] === 1) work.repair(dst, dead);
    const { linkAlive, linkRate } = damaged;
    let maxLoad = 0;
    for (let l = 0; l < damaged.links; l++)
      if (linkAlive[l] === 1) maxLoad = Math.max(maxLoad, work.load[l]! / linkRate[l]!);
    // Ways that rise and then fall cannot wait in a circle; others are followed one by one.
    const deadlockFree =
      (this.#ordered && work.ordered) ||
      verifyRoutes(damaged, repairedTables(damaged, this.#routes, work.changes), nextHops(damaged))
        .deadlockFree;
    return { changes: work.changes, lostPairs: work.lostPairs, deadlockFree, maxLoad };
  }

  /** Endpoints for which some switch's entry is one of the links. */
  #destinationsOf(links: readonly number[]): Uint8Array {
    const { fabric } = this.#before;
    const hit = new Uint8Array(fabric.endpoints);
    for (const link of links) {
      const node = fabric.linkFrom[link]!;
      const row = node < fabric.endpoints ? null : this.#routes.rows[node - fabric.endpoints]!;
      if (row === null) continue;
      const entry = link - fabric.linkStart[node]!;
      for (let dst = 0; dst < hit.length; dst++) {
        if (fabric.plane[dst] === fabric.plane[node] && row[this.#routes.column[dst]!] === entry)
          hit[dst] = 1;
      }
    }
    return hit;
  }

  /** No entry leads up at a switch that an entry for the same destination leads down to. O(switches x endpoints). */
  #isOrdered(): boolean {
    const { fabric, hops } = this.#before;
    for (let dst = 0; dst < fabric.endpoints; dst++) {
      for (let node = fabric.endpoints; node < fabric.nodes; node++) {
        if (fabric.plane[node] !== fabric.plane[dst] || hops.leafOf[dst]! < 0) continue;
        const link = entryOf(fabric, this.#routes, node, dst);
        if (link < 0 || fabric.linkDirection[link] === 1) continue;
        const next = fabric.linkTo[link]!;
        const onward = next === hops.leafOf[dst] ? -1 : entryOf(fabric, this.#routes, next, dst);
        if (onward >= 0 && fabric.linkDirection[onward] !== -1) return false;
      }
    }
    return true;
  }
}
