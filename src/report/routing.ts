import type { NoJam, Plan } from '../plan/types.ts';
import type { RoutingQuality } from '../routing/types.ts';
import { type Cell, left, quantity, right, type Section } from './types.ts';

/** What routing gained: the bounds, the chosen routes and every plain routing beside them. */
export function routingSections({ routing }: Plan): Section[] {
  if (routing === undefined) return [];
  const bound = { cut: 'cut, exact', 'linear-program': 'linear programme, exact', dual: 'certified dual' };
  const rows: Cell[][] = [
    [
      `no routing does better (${bound[routing.fractionalKind]})`,
      quantity(routing.fractionalBound, 'seconds'),
    ],
    ['no table of whole destinations does better', quantity(routing.wholeDestinationBound, 'seconds')],
  ];
  return [
    {
      id: 'routing',
      title: `Routed: ${routing.strategy}`,
      columns: [
        left('routing'),
        right('busiest link'),
        right('to whole bound'),
        right('to any bound'),
        left('proved'),
        left('reaches all'),
        left('no deadlock'),
        right('table'),
        right('pins'),
      ],
      rows: [
        ...routing.baselines.map((q) => qualityRow(BASELINE[q.strategy] ?? q.strategy, q)),
        qualityRow(`chosen: ${routing.strategy}`, routing),
      ],
      notes: routing.notes,
    },
    { id: 'bounds', title: 'Bounds on the busiest link', columns: [left(), right()], rows, notes: [] },
  ];
}

const BASELINE: Record<string, string> = {
  modulo: 'plain: destination-modulo',
  ecmp: 'plain: ECMP, median seed',
  adaptive: 'plain: adaptive',
  static: 'ours: tables',
};

function qualityRow(label: string, q: RoutingQuality): Cell[] {
  return [
    label,
    quantity(q.maxLoad, 'seconds'),
    quantity(q.ratioToWhole, 'ratio'),
    quantity(q.ratioToFractional, 'ratio'),
    q.provedOptimal ? 'optimal' : '',
    q.reachable ? 'yes' : 'NO',
    q.deadlockFree ? 'yes' : 'NO',
    quantity(q.tableEntries, 'count'),
    quantity(q.policyEntries, 'count'),
  ];
}

function slowdownText({ p99Slowdown, flowsLeftOut }: NoJam): string {
  const text = `${p99Slowdown.toFixed(2)} x the time under the best routing`;
  return flowsLeftOut === 0 ? text : `${text}; ${flowsLeftOut} flows of large operations not simulated`;
}

/** Whether anything jams, and whether the spec's expectations hold. */
export function checkSection({ checks }: Plan): Section[] {
  if (checks === undefined) return [];
  const { noJam, expectations } = checks;
  const rows: Cell[][] = [
    [
      'no jam',
      noJam.holds
        ? 'holds: every switch link is within its slack of the ideal time'
        : `does not hold: ${noJam.jammedLinks === 0 ? 'too many flows end late' : `${noJam.jammedLinks} links are slower than the ideal allows`}`,
    ],
    ['p99 slowdown', slowdownText(noJam)],
    ...noJam.jams
      .slice(0, 3)
      .map((j): Cell[] => ['  jams', `${j.link}, ${j.slowdown.toFixed(2)} x the ideal`]),
    ...expectations.map((e): Cell[] => [
      e.met ? 'as expected' : 'NOT EXPECTED',
      `${e.expectation} (found ${Number(e.found.toPrecision(6))})`,
    ]),
  ];
  return [{ id: 'checks', title: 'Checked', columns: [left(), left()], rows, notes: [] }];
}
