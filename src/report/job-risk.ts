import type { JobRisk } from '../plan/types.ts';
import type { FabricFaults } from '../risk/types.ts';
import { formatNumber, formatPercent, formatSeconds } from '../units/format.ts';
import { fullRiskSections } from './risk.ts';
import { type Cell, left, quantity, right, type Section } from './types.ts';

/** Events of the timeline that a page shows. */
const SHOWN = 12;

/** `planewright risk`: the job, its stress, its fabric's own failures, other designs under the same, one run. */
export function jobRiskSections(job: JobRisk): Section[] {
  return [
    ...fullRiskSections(job.risk),
    ...stressSections(job),
    ...(job.fabric === undefined ? [] : [faultSection('fabric', "The fabric's own failures", job.fabric)]),
    ...(job.designs ?? []).map((d) => faultSection(`fabric-${d.name}`, `The same on ${d.name}`, d.faults)),
    ...timelineSections(job),
  ];
}

function stressSections({ unstressed, risk }: JobRisk): Section[] {
  if (unstressed === undefined) return [];
  const rows: Cell[][] = [
    ['mean time between failures', quantity(unstressed.mttf, 'seconds'), quantity(risk.mttf, 'seconds')],
    ['silent corruptions a day', formatNumber(unstressed.sdcPerDay), formatNumber(risk.sdcPerDay)],
    ['effective training time', quantity(unstressed.ettr, 'percent'), quantity(risk.ettr, 'percent')],
    ['days of the run', dayCell(unstressed.days), dayCell(risk.days)],
  ];
  return [
    {
      id: 'risk-stress',
      title: 'What the stress does',
      columns: [left(), right('without'), right('with')],
      rows,
      notes: ['field evidence on temperature is mixed: see docs/risk.md'],
    },
  ];
}

const dayCell = (days: number | null): Cell => (days === null ? 'never ends' : formatNumber(days, 4));

const KINDS = {
  'nic-link': 'link between NIC and leaf',
  nic: 'NIC',
  'switch-link': 'link between switches',
  leaf: 'leaf',
  spine: 'spine',
  core: 'core switch',
  plane: 'plane',
  node: 'node',
} as const;

function faultSection(id: string, title: string, { faults, stepSeconds, repair }: FabricFaults): Section {
  return {
    id,
    title,
    columns: [
      left('fails'),
      right('there are'),
      right('fail a year'),
      left('the job'),
      right('step'),
      right('slower by'),
      right('of all time'),
    ],
    rows: faults.map((f): Cell[] => [
      KINDS[f.kind],
      quantity(f.count, 'count'),
      f.perDay === null ? 'not published' : formatNumber(f.perDay * 365),
      f.outcome === 'stops' ? 'starts again' : 'goes on',
      f.stepSeconds === null ? null : quantity(f.stepSeconds, 'seconds'),
      f.slowdown === null ? null : quantity(f.slowdown - 1, 'percent'),
      f.lostShare === null ? null : quantity(f.lostShare, 'percent'),
    ]),
    notes: [
      `the step takes ${formatSeconds(stepSeconds, 4)} on the whole fabric; a part is repaired after ${formatSeconds(repair)}; ` +
        'the busiest of each kind was taken out, flows went over other NICs of the same nodes, routes were made anew',
      'that a failure interrupts the job at all is counted in its failures, not here',
    ],
  };
}

function timelineSections({ timeline, risk }: JobRisk): Section[] {
  if (timeline.length === 0) return [];
  const more = timeline.length - SHOWN;
  return [
    {
      id: 'risk-timeline',
      title: 'One simulated run',
      columns: [left('after'), left('what'), right('computed again'), left('from'), right('down for')],
      rows: timeline
        .slice(0, SHOWN)
        .map((e): Cell[] => [
          formatSeconds(e.at),
          e.what,
          quantity(e.lost, 'seconds'),
          e.from,
          quantity(e.down, 'seconds'),
        ]),
      notes: [
        ...(more > 0 ? [`and ${more} more; --json has them`] : []),
        `${formatNumber(risk.simulation?.failures ?? 0)} failures in a run on average, ` +
          `${formatPercent(risk.simulation?.shares.lost ?? 0)} of the time computed again`,
      ],
    },
  ];
}
