import type { AdviceItem, AdviceReport, Combination } from '../advise/types.ts';
import { formatPercent } from '../units/format.ts';
import { type Cell, left, quantity, right, type Section } from './types.ts';

const CELLS = [
  ['software', 'traditional', 'Software, traditional'],
  ['hardware', 'traditional', 'Hardware, traditional'],
  ['software', 'llm', 'Software, LLM-specific: it changes what is computed'],
  ['hardware', 'llm', 'Hardware, LLM-specific: massive parallelism'],
] as const;

/** Advice as a grid of two rows and two columns, each cell ranked by what it saves; what combines; what it all assumes. */
export function adviceSections(advice: AdviceReport): Section[] {
  return [
    summary(advice),
    ...CELLS.map(([row, column, title]) => cell(advice, title, (i) => i.row === row && i.column === column)),
    ...combinations(advice),
    details(advice.items),
    reported(advice.items),
    idle(advice.items),
  ];
}

function summary({ own, items, evaluated }: AdviceReport): Section {
  const best = (title: string, of: (i: AdviceItem) => number): Cell[] => {
    const helpful = items.filter((i) => i.gain !== undefined && i.outcome?.fits === true && of(i) > 0);
    const top = helpful.sort((a, b) => of(b) - of(a))[0];
    return [title, top === undefined ? 'nothing' : `${top.name}: ${formatPercent(of(top))} less`];
  };
  return {
    id: 'advice',
    title: 'Advised: every known optimisation tried on this job',
    columns: [left(), left()],
    rows: [
      ['a step now', quantity(own.stepSeconds, 'seconds')],
      ['the run', quantity(own.runSeconds, 'seconds')],
      ['its cost', quantity(own.usd, 'money')],
      ['its energy', quantity(own.joules, 'energy')],
      best('saves most time', (i) => i.gain!.time),
      best('saves most money', (i) => i.gain!.cost),
      best('saves most energy', (i) => i.gain!.energy),
      ['jobs planned for this', quantity(evaluated, 'count')],
    ],
    notes: own.fits ? [] : ['The job as it is does not fit its GPUs.'],
  };
}

const TITLES = [
  left('change'),
  right('step'),
  right('time saved'),
  right('cost saved'),
  right('energy saved'),
  right('free memory'),
  left('topic'),
];

function cell({ items }: AdviceReport, title: string, within: (i: AdviceItem) => boolean): Section {
  const tried = items.filter((i) => within(i) && i.status === 'tried');
  const misfits = tried.filter((i) => i.outcome?.fits === false).length;
  return {
    id: `advice-${title.toLowerCase().replace(/[^a-z]+/gu, '-')}`,
    title,
    columns: TITLES,
    rows: tried.map((i) => itemRow(i)),
    notes: [
      ...(tried.length === 0 ? ['Nothing here applies to this job.'] : []),
      ...(misfits > 0 ? [`Free memory below 0: does not fit as it stands (${misfits}).`] : []),
    ],
  };
}

function itemRow({ name, topic, outcome, gain, share }: AdviceItem): Cell[] {
  return [
    share === undefined ? name : `${name} (${formatPercent(share)} of tokens)`,
    quantity(outcome!.stepSeconds, 'seconds'),
    quantity(gain!.time, 'percent'),
    quantity(gain!.cost, 'percent'),
    quantity(gain!.energy, 'percent'),
    quantity(outcome!.headroom, 'percent'),
    topic,
  ];
}

function combinations({ pair, set, withHardware, items }: AdviceReport): Section[] {
  const names = new Map(items.map((i) => [i.id, i.name]));
  const row = (title: string, c: Combination | null): Cell[][] =>
    c === null
      ? []
      : [
          [
            title,
            quantity(c.outcome.stepSeconds, 'seconds'),
            quantity(c.gain.time, 'percent'),
            quantity(c.expected, 'percent'),
            quantity(c.gain.cost, 'percent'),
            c.ids.map((id) => names.get(id) ?? id).join(' + '),
          ],
        ];
  const rows = [
    ...row('best pair', pair),
    ...row('best set', set),
    ...row('and the best of hardware', withHardware),
  ];
  if (rows.length === 0) return [];
  return [
    {
      id: 'advice-combined',
      title: 'What combines: planned together, not summed',
      columns: [
        left(),
        right('step'),
        right('time saved'),
        right('if gains multiplied'),
        right('cost saved'),
        left('of'),
      ],
      rows,
      notes: [
        'Pairs of the five best of software; the set grows from the best pair while something still helps.',
      ],
    },
  ];
}

/** What no plan computes: assumptions, risks, and what the literature says of quality. */
function details(items: readonly AdviceItem[]): Section {
  const helpful = items.filter((i) => i.status === 'tried' && i.gain!.time > 0);
  return {
    id: 'advice-details',
    title: 'What these assume and risk',
    columns: [left(), left()],
    rows: helpful.flatMap((i): Cell[][] => [
      ['change', `${i.name} (${i.changes?.join('; ')})`],
      ['assumes', i.assumes],
      ['risks', i.risk],
      ['quality', i.quality],
      ['source', i.source],
    ]),
    notes: [],
  };
}

/** Gains that only a paper reports stand apart from computed ones. */
function reported(items: readonly AdviceItem[]): Section {
  return {
    id: 'advice-literature',
    title: 'Reported by their sources, not computed here',
    columns: [left(), left()],
    rows: items
      .filter((i) => i.literature !== undefined)
      .flatMap((i): Cell[][] => [
        ['change', i.name],
        ['reported', i.literature!],
        ['quality', i.quality],
        ['assumes', i.assumes],
        ['risks', i.risk],
        ['source', i.source],
      ]),
    notes: ['Measured by others on other models: none of these is in a figure above.'],
  };
}

function idle(items: readonly AdviceItem[]): Section {
  return {
    id: 'advice-idle',
    title: 'Not tried, and why',
    columns: [left('change'), left('reason')],
    rows: items
      .filter((i) => i.status === 'idle' || i.status === 'impossible')
      .map((i): Cell[] => [i.name, i.reason ?? '']),
    notes: [],
  };
}
