import type { BackupSummary, FlowRouting } from '../routing/types.ts';
import { formatNumber } from '../units/format.ts';
import { type Cell, left, quantity, right, type Section } from './types.ts';

/** What the backups of one kind of failure cost, kind by kind. */
export function backupSection(
  summaries: readonly BackupSummary[],
  rate: number,
  notes: readonly string[],
): Section {
  return {
    id: 'backups',
    title: 'Backups: tables for each single failure',
    columns: [
      left('failure of'),
      right('tables'),
      right('entries changed, mean'),
      right('most'),
      right('busiest link after, pairs'),
      left('worst'),
      right('pairs lost'),
    ],
    rows: summaries.map((s): Cell[] => [
      s.kind === 'link' ? 'one cable between switches' : 'one spine or core',
      quantity(s.count, 'count'),
      formatNumber(s.changes / Math.max(1, s.count), 3),
      quantity(s.mostChanges, 'count'),
      formatNumber(s.maxLoad * rate, 5),
      s.worst,
      quantity(s.lostPairs, 'count'),
    ]),
    notes: ['Pairs: one unit from every workload endpoint to every other.', ...notes],
  };
}

/** Paths pinned flow by flow. */
export function flowSection({ flows, routing, limit }: PinnedFlows): Section {
  const { bandwidth, contentionFree, policyEntries, routes } = routing;
  return {
    id: 'flow-based',
    title: 'Flow-based routing: one pinned path for each queue pair',
    columns: [left(), right()],
    rows: [
      ['flows', quantity(flows, 'count')],
      ['of them between leaves, pinned', quantity(routes.src.length, 'count')],
      ['flows on the fullest link between switches', quantity(bandwidth.worstLoad, 'count')],
      ['free of contention', contentionFree ? 'yes' : 'no'],
      ['effective bandwidth (mean share of a flow)', quantity(bandwidth.mean, 'ratio')],
      ['no routing does better than', quantity(bandwidth.ceiling, 'ratio')],
      ['pins at the fullest switch', quantity(policyEntries, 'count')],
      ['policy routes that a switch holds', quantity(limit, 'count')],
    ],
    notes: ['Everything else follows the destination tables in the same file.'],
  };
}

export interface PinnedFlows {
  readonly flows: number;
  readonly routing: FlowRouting;
  readonly limit: number;
}

/** The same for machines. */
export function backupJson(summaries: readonly BackupSummary[], rate: number): object {
  return { backups: summaries.map((s) => ({ ...s, maxPairs: s.maxLoad * rate })) };
}

export function flowJson({ flows, routing, limit }: PinnedFlows): object {
  const { bandwidth, contentionFree, policyEntries, routes } = routing;
  const { mean, ceiling, worstLoad } = bandwidth;
  return {
    flowBased: {
      flows,
      pins: routes.src.length,
      worstLoad,
      contentionFree,
      effectiveBandwidth: mean,
      ceiling,
      policyEntries,
      policyEntriesLimit: limit,
    },
  };
}
