import { DETECTORS, type Detector, type LabTable } from '../sdc/types.ts';
import { formatCount } from '../units/format.ts';
import { type Cell, left, right, type Section } from './types.ts';

const NAMES: Readonly<Record<Detector, string>> = {
  nan: 'NaN',
  loss: 'loss spike',
  gradNorm: 'norm spike',
  abft: 'checksum',
  replay: 'replay',
};

/** Which detectors saw which faults, how late, and how the runs ended. */
export function labSections(table: LabTable): Section[] {
  const { size } = table;
  const m = size.model;
  const alarms = DETECTORS.reduce((n, d) => n + table.falseAlarms[d], 0);
  return [
    ...(['field', 'textbook'] as const).map((source) => rowsOf(table, source)),
    {
      id: 'lab',
      title: 'Of what this is the result',
      columns: [left(), left()],
      rows: [
        [
          'model',
          `${formatCount(table.parameters)} parameters: ${m.layers} layers of ${m.width}, ${m.heads} heads, single precision`,
        ],
        [
          'training',
          `${size.ranks} data-parallel ranks, ${size.before} steps, then the fault, then ${size.after} more`,
        ],
        ['clean run', `loss ${table.cleanLoss.toFixed(3)} at the end, ${alarms} false alarms`],
        ['seed', String(table.seed)],
      ],
      notes: [
        'A toy: shares are those of this model and these settings, not of a fleet. Whether a detector can see a kind of fault at all carries over; how often does not.',
        'Cells: runs that the detector saw, and after how many steps (median). One rank in turn is replayed every fourth step. Checksums cover matrix products, not what lies in memory.',
      ],
    },
  ];
}

function rowsOf(table: LabTable, source: 'field' | 'textbook'): Section {
  return {
    id: `lab-${source}`,
    title: source === 'field' ? 'Faults as found in the field' : 'Faults as textbooks have them',
    columns: [
      left('fault'),
      right('runs'),
      right('changed'),
      ...DETECTORS.map((d) => right(NAMES[d])),
      right('unseen'),
      right('silent harm'),
      right('diverged'),
    ],
    rows: table.rows
      .filter((r) => r.source === source)
      .map((r): Cell[] => [
        r.fault,
        String(r.runs),
        String(r.changed),
        ...DETECTORS.map((d) => (r.delay[d] === null ? '·' : `${r.seen[d]} (+${r.delay[d]})`)),
        String(r.unseen),
        String(r.silentHarm),
        String(r.diverged),
      ]),
    notes: [],
  };
}
