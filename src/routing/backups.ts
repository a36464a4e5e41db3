import type { Fabric } from '../fabric/types.ts';
import { nextHops } from '../routes/next-hops.ts';
import { isInner } from '../routes/reach.ts';
import type { NextHops, TableRoutes } from '../routes/types.ts';
import { Repairer, repairedTables, type TableRepair } from './repair.ts';
import type { RepairPolicy } from './repair-work.ts';
import type { BackupSummary, TableChoices } from './types.ts';
import { valleyRoutes } from './valley.ts';

/** One failure that tables are kept ready for. */
export interface Backup {
  readonly kind: 'link' | 'switch';
  /** As `withoutParts` takes it: 'link:leaf3:17', 'spine:spine2'. */
  readonly part: string;
  readonly plane: number;
  /** The fabric after the failure. */
  readonly damaged: Fabric;
  /** By LID offset, as the tables were given. */
  readonly repairs: readonly TableRepair[];
}

/** A part that may fail, and its links of one direction. */
interface Failure {
  readonly kind: 'link' | 'switch';
  readonly part: string;
  readonly plane: number;
  readonly links: readonly number[];
}

/** Every cable between switches that lives, then every spine and core. O(links). */
export function singleFailures(fabric: Fabric): Failure[] {
  const { linkFrom, linkReverse, linkPort, linkStart, linkAlive, names, tier, plane } = fabric;
  const failures: Failure[] = [];
  for (let l = 0; l < fabric.links; l++) {
    if (l > linkReverse[l]! || !isInner(fabric, l)) continue;
    const from = linkFrom[l]!;
    failures.push({
      kind: 'link',
      part: `link:${names[from]}:${linkPort[l]}`,
      plane: plane[from]!,
      links: [l],
    });
  }
  for (let node = fabric.endpoints; node < fabric.nodes; node++) {
    if (tier[node]! < 2) continue;
    const links: number[] = [];
    for (let l = linkStart[node]!; l < linkStart[node + 1]!; l++) if (linkAlive[l] === 1) links.push(l);
    const what = tier[node] === 2 ? 'spine' : 'core';
    failures.push({ kind: 'switch', part: `${what}:${names[node]}`, plane: plane[node]!, links });
  }
  return failures;
}

/**
 * Tables for every failure of one cable between switches and of one spine or core, made one after the other as they
 * are asked for. A failure costs O(links + destinations that lose a way x (switches behind it x ports)).
 */
export function* backupTables(
  fabric: Fabric,
  hops: NextHops,
  byOffset: readonly TableRoutes[],
  policy: RepairPolicy = 'even',
): Generator<Backup> {
  const repairers = byOffset.map((routes) => new Repairer(fabric, hops, routes, policy));
  for (const { kind, part, plane, links } of singleFailures(fabric)) {
    const dead = [...links, ...links.map((l) => fabric.linkReverse[l]!)];
    const linkAlive = fabric.linkAlive.slice();
    for (const l of dead) linkAlive[l] = 0;
    const damaged = { ...fabric, linkAlive };
    yield { kind, part, plane, damaged, repairs: repairers.map((r) => r.repair(damaged, dead)) };
  }
}

/** Whole tables after a failure, valleys led anew where the failure took theirs. */
export function tablesOfBackup(
  { damaged, repairs }: Backup,
  byOffset: readonly TableRoutes[],
  valleys: TableChoices['valleys'],
): TableRoutes[] {
  const hops = nextHops(damaged);
  return byOffset.map((routes, k) => {
    const repaired = repairedTables(damaged, routes, repairs[k]!.changes);
    return valleyRoutes(damaged, hops, repaired, valleys).routes;
  });
}

/** Adds up what backups do, by kind of failure. */
export class BackupTally {
  readonly #kinds = new Map<Backup['kind'], BackupSummary>();

  add({ kind, part, repairs }: Backup): void {
    const before = this.#kinds.get(kind) ?? {
      kind,
      count: 0,
      changes: 0,
      mostChanges: 0,
      maxLoad: 0,
      worst: '',
      lostPairs: 0,
    };
    const changes = repairs.reduce((n, r) => n + r.changes.length, 0);
    // Loads of the base LIDs: those that everybody uses.
    const { maxLoad, lostPairs } = repairs[0]!;
    const isWorst = maxLoad > before.maxLoad;
    this.#kinds.set(kind, {
      kind,
      count: before.count + 1,
      changes: before.changes + changes,
      mostChanges: Math.max(before.mostChanges, changes),
      maxLoad: isWorst ? maxLoad : before.maxLoad,
      worst: isWorst ? part : before.worst,
      lostPairs: before.lostPairs + lostPairs,
    });
  }

  get summaries(): BackupSummary[] {
    return [...this.#kinds.values()];
  }
}
