import type { ClusterInEras, Eras, Measure, YearValue } from '../../economy/types.ts';
import { left, quantity, right, type Section } from '../types.ts';
import { type LineSeries, lines } from './lines.ts';
import type { Chart } from './types.ts';

const TITLES: Readonly<Record<Measure, string>> = {
  energy: 'electricity of data centres, TWh a year',
  traffic: 'data moved, PB a day',
  'data-centres': 'data centres',
  pue: 'PUE',
};
const UNITS = { energy: 'plain', traffic: 'count', 'data-centres': 'count', pue: 'plain' } as const;
const SOURCES: Readonly<Record<string, string>> = {
  energy: 'sources',
  traffic: 'sources: Internet, then inside data centres',
  'data-centres': 'hyperscale, counted',
  'data-centres.all': 'all, counted',
  pue: 'surveys',
};
const HOURS_OF_YEAR = 8_760;
const TERA = 1_000_000_000_000; // literal: a unit

/** The chart of the eras beside what can be sourced, each measure by itself, with its growth and this cluster. */
export function erasCharts(eras: Eras): Chart[] {
  return (Object.keys(TITLES) as Measure[]).map((measure) => measureChart(eras, measure));
}

interface Named extends YearValue {
  readonly what: string;
  readonly source: string;
}

function measureChart(eras: Eras, measure: Measure): Chart {
  const chart = eras.chart.map((e) => ({
    year: e.year,
    value: e.values[measure],
    what: 'the chart',
    source: '',
  }));
  const sourced = Object.entries(eras.series)
    .filter(([id]) => id.split('.')[0] === measure)
    // Counts of different counters are no course of time.
    .map(([id, values]) => ({ name: SOURCES[id] ?? id, values: byYear(values), apart: id.endsWith('.all') }));
  const fits = eras.fits.filter((f) => f.measure === measure && f.projections.length > 0).slice(0, 1);
  const points = (values: readonly YearValue[]) => values.map((v) => [v.year, v.value] as const);
  const now = Math.max(...eras.chart.map((e) => e.year));
  const cluster = clusterMarks(eras.cluster, measure);
  const series: LineSeries[] = [
    { name: 'as the chart has it', points: points(chart), dashed: true },
    ...sourced.map(({ name, values, apart }) => ({ name, points: points(values), apart })),
    ...fits.map(({ projections, trend }) => ({
      name: 'growth carried on',
      points: [
        ...points(sourced[0]!.values.filter((v) => v.year === trend.lastYear).slice(0, 1)),
        ...points(projections),
      ],
      dashed: true,
    })),
  ];
  const title = `The eras: ${TITLES[measure]}`;
  const here = cluster.map((m) => m.says).join('; ');
  const summary =
    here === '' ? `${title}, as a much-shown chart has it and as sources say` : `${title}; ${here}`;
  return {
    id: `economy-eras-${measure}`,
    title,
    summary,
    picture: lines({
      summary,
      x: { title: 'year', unit: 'plain', scale: 'linear' },
      y: {
        title: TITLES[measure],
        unit: UNITS[measure],
        scale: measure === 'pue' ? 'linear' : 'log',
        floor: 1,
      },
      series,
      marks: cluster.map((m) => ({ x: now, y: m.value, label: m.label })),
    }),
    table: erasTable(measure, title, [
      ...chart,
      ...sourced.flatMap(({ name, values }) => values.map((v) => ({ ...v, what: name }))),
      ...fits.flatMap((f) =>
        f.projections.map((p) => ({
          ...p,
          what: `carried on: ${f.title}`,
          source: `nine of ten between ${short(p.low)} and ${short(p.high)}`,
        })),
      ),
      ...cluster.map((m) => ({ year: now, value: m.value, what: m.label, source: 'this plan' })),
    ]),
  };
}

function byYear<T extends YearValue>(values: readonly T[]): T[] {
  return [...values].sort((a, b) => a.year - b.year);
}

const short = (x: number): string => String(Number(x.toPrecision(3)));

/** Where this cluster is among them; of a number of data centres it is a part of one. */
function clusterMarks(cluster: ClusterInEras | undefined, measure: Measure) {
  if (cluster === undefined || measure === 'data-centres') return [];
  const mark = (label: string, value: number) => ({ label, value, says: `${label}: ${short(value)}` });
  if (measure === 'energy') return [mark('this cluster', (cluster.siteWatts * HOURS_OF_YEAR) / TERA)];
  if (measure === 'pue') return [mark('this cluster', cluster.pue)];
  return [
    mark('this cluster, its network', cluster.networkPerDay),
    mark('this cluster, links in servers too', cluster.allPerDay),
  ];
}

function erasTable(measure: Measure, title: string, values: readonly Named[]): Section {
  return {
    id: `eras-${measure}`,
    title,
    columns: [left('what'), right('year'), right('value'), left('source')],
    rows: values.map((v) => [v.what, String(v.year), quantity(v.value, 'plain'), v.source]),
    notes: [],
  };
}
