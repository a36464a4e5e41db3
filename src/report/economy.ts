import type { Economy, EnergyPart, Money, OperatingPart, PartId } from '../economy/types.ts';
import type { Plan } from '../plan/types.ts';
import { formatCount, formatMoney } from '../units/format.ts';
import { type Cell, left, quantity, right, type Section } from './types.ts';

export const PARTS: Readonly<Record<PartId, string>> = {
  gpus: 'GPUs',
  servers: 'servers without GPUs',
  switches: 'switches (by 400 Gb/s)',
  optics: 'optics (by 400 Gb/s)',
  cables: 'cables (by 400 Gb/s)',
  spares: 'spares',
  storage: 'storage (PB)',
  building: 'building (MW)',
};
export const DAILY: Readonly<Record<OperatingPart['id'], string>> = {
  rent: 'rent of GPU hours',
  amortisation: 'amortisation',
  'cost-of-capital': 'cost of capital',
  electricity: 'electricity',
  maintenance: 'maintenance',
  staff: 'staff',
};
export const POWER: Readonly<Record<EnergyPart['id'], string>> = {
  gpus: 'GPUs',
  servers: 'servers besides',
  switches: 'switches',
  optics: 'optics',
  storage: 'storage',
  cooling: 'cooling',
  distribution: 'power distribution',
};

/** What the job costs, what it burns, what its cost hangs on and what each stage of building it buys. */
export function economySections({ economy }: Plan): Section[] {
  if (economy === undefined) return [];
  return [
    costSection(economy),
    ...capitalSection(economy),
    powerSection(economy),
    ...sensitivitySection(economy),
    buildSection(economy),
  ];
}

const range = (m: Money): string =>
  m.low < m.high ? `${formatMoney(m.low)} to ${formatMoney(m.high)}` : 'as given';

function costSection({ mode, operating, run }: Economy): Section {
  const owned = mode === 'own';
  const row = (label: string, m: Money): Cell[] => [label, quantity(m.usd, 'money'), range(m)];
  const rows: Cell[][] = [
    ...(owned
      ? operating.parts.map((p): Cell[] => [`  ${DAILY[p.id]}`, quantity(p.perDay, 'money'), 'a day'])
      : []),
    row('a day', operating.perDay),
    row('a GPU hour', operating.perGpuHour),
  ];
  if (run !== undefined) {
    rows.push(row('the run', run));
    const million = 1_000_000;
    rows.push(['a million tokens', quantity(run.perToken * million, 'money'), '']);
    rows.push(['GPU hours', quantity(run.gpuHours, 'count'), '']);
    rows.push(['days', quantity(Number(run.days.toPrecision(3)), 'count'), '']);
    if (run.ettr < 1)
      rows.push(['of it for failures', quantity(run.failureUsd, 'money'), `ETTR ${run.ettr.toFixed(3)}`]);
  }
  const note = owned
    ? 'Owned: what is bought is paid back with interest; no rent is counted. Ranges add the prices’ own as independent errors.'
    : 'Rented: GPU hours are all that is counted; electricity, staff and machines are in the rent.';
  return {
    id: 'economy',
    title: `Costs: ${owned ? 'owned' : 'rented'}`,
    columns: [left(), right('USD'), left('range')],
    rows,
    notes: [note],
  };
}

function capitalSection({ capital }: Economy): Section[] {
  if (capital.parts.length === 0) return [];
  const rows = capital.parts.map((p): Cell[] => [
    PARTS[p.id],
    p.id === 'spares'
      ? ''
      : formatCount(Number.isInteger(p.count) ? p.count : Number(p.count.toPrecision(4))),
    quantity(p.usd, 'money'),
    range(p),
  ]);
  rows.push(['together', '', quantity(capital.usd, 'money'), range(capital)]);
  return [
    {
      id: 'capital',
      title: 'Bought',
      columns: [left('part'), right('count'), right('USD'), left('range')],
      rows,
      notes: [`That is ${formatMoney(capital.perGpu)} for each GPU.`],
    },
  ];
}

function powerSection({ energy, carbon }: Economy): Section {
  const watts = (label: string, w: number, note = ''): Cell[] => [label, quantity(w, 'power'), note];
  const rows: Cell[][] = [
    ...energy.parts.map((p) => watts(`  ${POWER[p.id]}`, p.watts)),
    watts('at the grid, on average', energy.site, `PUE ${energy.pue}`),
    watts('at most', energy.peak, capNote(energy)),
    watts('while every GPU waits', energy.trough),
    watts('when the job stops', energy.idle, 'the grid sees the difference to the most at once'),
    ['a day', quantity(energy.perDay, 'energy'), ''],
    ['carbon of a day', quantity(carbon.perDay, 'mass'), `grid: ${carbon.grid}`],
  ];
  if (energy.perRun !== undefined) rows.push(['the run', quantity(energy.perRun, 'energy'), '']);
  if (carbon.perRun !== undefined) rows.push(['carbon of the run', quantity(carbon.perRun, 'mass'), '']);
  return {
    id: 'energy',
    title: 'Burns: from chip to grid',
    columns: [left(), right(), left()],
    rows,
    notes: [],
  };
}

function capNote({ cap, withinCap }: Economy['energy']): string {
  if (cap === null) return '';
  return withinCap ? 'within the cap of the site' : 'MORE THAN THE CAP OF THE SITE';
}

/** Prices that get a row; the plan lists all. */
const SHOWN = 8;

function sensitivitySection({ sensitivity, run }: Economy): Section[] {
  if (sensitivity.length === 0) return [];
  return [
    {
      id: 'sensitivity',
      title: `What the cost of ${run === undefined ? 'a day' : 'the run'} hangs on`,
      columns: [left('price'), right('low'), right('high'), left('unit'), right('at low'), right('at high')],
      rows: sensitivity
        .slice(0, SHOWN)
        .map((s) => [
          s.id,
          quantity(s.low, 'plain'),
          quantity(s.high, 'plain'),
          s.unit,
          quantity(s.usdAtLow, 'money'),
          quantity(s.usdAtHigh, 'money'),
        ]),
      notes: ['Each moved alone to either end of its range.'],
    },
  ];
}

function buildSection({ buildOut, mode }: Economy): Section {
  const owned = mode === 'own';
  const tokens = buildOut.some((s) => s.tokensPerDay !== undefined);
  return {
    id: 'build-out',
    title: 'Built in stages',
    columns: [
      right('GPUs'),
      right('switches'),
      right('cables'),
      right('at the grid'),
      ...(owned ? [right('bought'), right('so far')] : []),
      right('a day'),
      ...(tokens ? [right('tokens a day')] : []),
    ],
    rows: buildOut.map((s) => [
      quantity(s.gpus, 'count'),
      quantity(s.switches, 'count'),
      quantity(s.cables, 'count'),
      quantity(s.site, 'power'),
      ...(owned ? [quantity(s.usd, 'money'), quantity(s.totalUsd, 'money')] : []),
      quantity(s.perDay, 'money'),
      ...(tokens ? [quantity(s.tokensPerDay ?? 0, 'count')] : []),
    ]),
    notes: [
      'Spines and cores stand from the first stage, so that no leaf is cabled twice; the rest grows with the servers.',
    ],
  };
}
