import type { ClusterInEras, Eras, Measure } from '../economy/types.ts';
import { formatCount, formatPercent } from '../units/format.ts';
import { type Cell, left, quantity, right, type Section } from './types.ts';

const TITLES: Readonly<Record<Measure, string>> = {
  energy: 'TWh a year',
  traffic: 'PB a day',
  'data-centres': 'data centres',
  pue: 'PUE',
};
const NAMES: Readonly<Record<string, string>> = {
  internet: 'Internet',
  'mobile-cloud': 'mobile and cloud',
  ai: 'AI',
};

/** The chart, its disagreement with the sources, the growth that can be fitted, and the cluster. */
export function erasSections(e: Eras): Section[] {
  return [
    chartSection(e),
    compareSection(e),
    fitSection(e),
    ...(e.cluster === undefined ? [] : [clusterSection(e.cluster)]),
  ];
}

function chartSection({ chart, arithmetic }: Eras): Section {
  const measures = Object.keys(TITLES) as Measure[];
  const rows = chart.flatMap((era): Cell[][] => [
    ...(era.growth === null ? [] : [['  growth', ...measures.map((m) => `x ${number(era.growth![m])}`)]]),
    [
      NAMES[era.id] ?? era.id,
      ...measures.map((m) => `${number(era.values[m])}${era.id === 'ai' && m === 'energy' ? '+' : ''}`),
    ],
  ]);
  return {
    id: 'eras',
    title: 'The eras, as the chart has them',
    columns: [left('era'), ...measures.map((m) => right(TITLES[m]))],
    rows,
    notes: arithmetic,
  };
}

function compareSection({ comparisons }: Eras): Section {
  return {
    id: 'eras-sources',
    title: 'Beside what can be sourced',
    columns: [left('of'), right('chart'), right('source'), right('ratio'), left(''), left('')],
    rows: comparisons.map((c) => [
      `${NAMES[c.era] ?? c.era}: ${TITLES[c.measure]}`,
      number(c.chart),
      number(c.sourced.value),
      number(c.ratio),
      c.agrees ? 'agrees' : 'DISAGREES',
      [`${c.sourced.source}, ${c.sourced.year}`, c.remark].filter(Boolean).join('; '),
    ]),
    notes: ['Agrees: within a tenth.'],
  };
}

function fitSection({ fits, projected }: Eras): Section {
  const years = fits[0]!.projections.map((p) => p.year);
  return {
    id: 'eras-growth',
    title: 'Growth as fitted, and carried on',
    columns: [
      left('series'),
      left('years'),
      right('a year'),
      ...years.flatMap((y) => [right(String(y)), left('nine of ten')]),
    ],
    rows: fits.map((f) => [
      f.title,
      `${f.trend.firstYear} to ${f.trend.lastYear}, ${f.trend.points} points`,
      formatPercent(f.trend.growth),
      ...years.flatMap((_, i) => {
        const p = f.projections[i];
        return p === undefined ? [null, ''] : [number(p.value), `${number(p.low)} to ${number(p.high)}`];
      }),
    ]),
    notes: [
      `IEA's base case says ${projected.y2030} TWh in 2030 and about ${formatCount(projected.y2035)} in 2035.`,
      'Exponential growth, least squares of the logarithm; the range is the regression’s own and holds only while growth goes on as before. Two points have no uncertainty and are not carried on. A PUE below 1 is impossible: that line must bend.',
    ],
  };
}

function clusterSection(c: ClusterInEras): Section {
  return {
    id: 'eras-cluster',
    title: 'Where this cluster stands',
    columns: [left(), right(), left()],
    rows: [
      [
        'power at the grid',
        quantity(c.siteWatts, 'power'),
        `${formatPercent(c.powerShare)} of all data centres of 2024`,
      ],
      ['data on its network', `${number(c.networkPerDay)} PB a day`, ''],
      [
        'with the links in servers',
        `${number(c.allPerDay)} PB a day`,
        `${number(c.clustersForChart)} such clusters move the chart's 10^9 PB a day`,
      ],
      ['PUE', number(c.pue), `${number(c.surveyPue)} is the average of the last survey`],
    ],
    notes: [],
  };
}

/** Counts as counts, the rest to three digits. */
const number = (x: number): string =>
  x >= 1000 ? formatCount(Number(x.toPrecision(4))) : String(Number(x.toPrecision(3)));
