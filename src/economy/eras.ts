import { ensure } from '../base/result.ts';
import type { Catalog } from '../catalog/types.ts';
import { fitTrend, project } from './trend.ts';
import type {
  ClusterInEras,
  ClusterLoad,
  Comparison,
  Era,
  Eras,
  FittedSeries,
  Measure,
  SourcedValue,
} from './types.ts';

const MEASURES: readonly Measure[] = ['energy', 'traffic', 'data-centres', 'pue'];

/** A chart that is within this factor of a source agrees with it. */
const AGREES = 1.1;
const YEARS_AHEAD = [2030, 2035];
const DAY = 86_400;
const YEAR = 31_536_000;
const PETA = 1_000_000_000_000_000; // literal: a unit
const TERAWATT_HOUR = 3_600_000_000_000_000; // literal: a unit, in joules

/** The chart of the eras beside what can be sourced, every disagreement named, and where a cluster stands in it. */
export function eras(catalog: Catalog, load?: ClusterLoad): Eras {
  const chart = chartOf(catalog);
  const series = Object.fromEntries(
    ['energy', 'traffic', 'data-centres', 'data-centres.all', 'pue'].map((id) => [
      id,
      catalog.published(`eras.${id}`).value as readonly SourcedValue[],
    ]),
  ) as Record<string, readonly SourcedValue[]>;
  const { y2030, y2035 } = catalog.published('eras.energy.projected').value as Record<string, number>;
  return {
    chart,
    comparisons: chart.flatMap((era) => compare(era, series)),
    arithmetic: arithmetic(chart),
    series,
    fits: fits(series),
    projected: { y2030: y2030!, y2035: y2035! },
    ...(load && { cluster: clusterIn(load, chart, series) }),
  };
}

function chartOf(catalog: Catalog): Era[] {
  const raw = catalog.published('eras.chart').value as Readonly<
    Record<string, Readonly<Record<string, number>>>
  >;
  let before: Era['values'] | null = null;
  return Object.entries(raw).map(([id, v]) => {
    const values = {
      energy: v['TWh']!,
      traffic: v['PB_per_day']!,
      'data-centres': v['data_centres']!,
      pue: v['pue']!,
    };
    const last: Era['values'] | null = before;
    before = values;
    const growth = last && mapMeasures((m) => values[m] / last[m]);
    return { id, year: v['year']!, values, growth };
  });
}

function mapMeasures(of: (m: Measure) => number): Record<Measure, number> {
  return Object.fromEntries(MEASURES.map((m) => [m, of(m)])) as Record<Measure, number>;
}

interface Pair {
  readonly measure: Measure;
  readonly series: string;
  readonly year: number;
  readonly remark: string;
}

/** Which sourced value stands beside which of the chart's: the nearest in time that counts the same, or what there is. */
const PAIRS: Readonly<Record<string, readonly Pair[]>> = {
  internet: [
    { measure: 'energy', series: 'energy', year: 2000, remark: 'no source has so little' },
    { measure: 'traffic', series: 'traffic', year: 2000, remark: '' },
    {
      measure: 'data-centres',
      series: 'data-centres',
      year: 2016,
      remark: 'no count of that time was found; this is the first sourced one, of hyperscale sites only',
    },
    { measure: 'pue', series: 'pue', year: 2007, remark: 'the first survey, and the highest' },
  ],
  'mobile-cloud': [
    { measure: 'energy', series: 'energy', year: 2010, remark: 'and 205 in 2018' },
    { measure: 'traffic', series: 'traffic', year: 2010, remark: 'counted as the Internet era was' },
    {
      measure: 'traffic',
      series: 'traffic',
      year: 2016,
      remark: 'but that is another definition than the era before has',
    },
    {
      measure: 'data-centres',
      series: 'data-centres.all',
      year: 2025,
      remark: 'a count of today, not of the 2010s',
    },
    { measure: 'pue', series: 'pue', year: 2011, remark: 'an early release of that survey said 1.8' },
  ],
  ai: [
    { measure: 'energy', series: 'energy', year: 2024, remark: '' },
    {
      measure: 'traffic',
      series: 'traffic',
      year: 2025,
      remark:
        'a yottabyte a day: only the links inside GPU clusters could carry it, all of them at full rate',
    },
    { measure: 'data-centres', series: 'data-centres.all', year: 2024, remark: '' },
    { measure: 'data-centres', series: 'data-centres', year: 2024, remark: 'hyperscale: another definition' },
    { measure: 'pue', series: 'pue', year: 2024, remark: 'large operators report 1.08 to 1.12' },
  ],
};

function compare(era: Era, series: Readonly<Record<string, readonly SourcedValue[]>>): Comparison[] {
  return (PAIRS[era.id] ?? []).map(({ measure, series: id, year, remark }) => {
    const sourced = ensure(
      series[id]!.find((s) => s.year === year),
      `${id} of ${year}`,
    );
    const chart = era.values[measure];
    const ratio = chart / sourced.value;
    const agrees = ratio <= AGREES && ratio >= 1 / AGREES;
    return { era: era.id, measure, chart, sourced, ratio, agrees, remark };
  });
}

function arithmetic(chart: readonly Era[]): string[] {
  const [first, second, third] = chart.map((e) => e.values);
  const times = (a: number, b: number) => {
    const ratio = Number((a / b).toPrecision(3));
    return ratio < 1_000_000 ? String(ratio).replace(/\B(?=(\d{3})+$)/gu, ',') : ratio.toExponential();
  };
  return [
    `Energy: ${third!.energy} TWh is ${times(third!.energy, second!.energy)} times ${second!.energy} and ${times(third!.energy, first!.energy)} times ${first!.energy}: an arrow of "40x" spans both steps.`,
    `Data: 10^9 PB a day is ${times(third!.traffic, second!.traffic)} times 20,000 (not 500,000 times), and ${times(third!.traffic, first!.traffic)} times ${first!.traffic}.`,
    `Between the eras the definitions of data and of data centres change, so these ratios compare unlike things.`,
  ];
}

function fits(series: Readonly<Record<string, readonly SourcedValue[]>>): FittedSeries[] {
  const fitted = (measure: Measure, title: string, points: readonly SourcedValue[]): FittedSeries => {
    const trend = fitTrend(points);
    // Two points make a line and no uncertainty: nothing is carried on from them.
    const years = points.length > 2 ? YEARS_AHEAD : [];
    return { measure, title, trend, projections: years.map((year) => project(trend, year)) };
  };
  const energy = series['energy']!;
  const traffic = series['traffic']!;
  return [
    fitted('energy', 'energy, all sources (TWh)', energy),
    fitted(
      'energy',
      'energy since 2010 (TWh)',
      energy.filter((p) => p.year >= 2010),
    ),
    fitted('traffic', 'public Internet (PB a day)', traffic.slice(0, 2)),
    fitted('traffic', 'inside data centres (PB a day)', traffic.slice(2, 4)),
    fitted('data-centres', 'hyperscale data centres', series['data-centres']!),
    fitted('pue', 'PUE of the surveys', series['pue']!),
  ];
}

function clusterIn(
  load: ClusterLoad,
  chart: readonly Era[],
  series: Readonly<Record<string, readonly SourcedValue[]>>,
): ClusterInEras {
  const latest = (id: string) => series[id]!.reduce((a, b) => (b.year > a.year ? b : a)).value;
  const perDay = (rate: number) => (rate * DAY) / PETA;
  const all = perDay(load.networkRate + load.insideRate);
  return {
    siteWatts: load.siteWatts,
    powerShare: (load.siteWatts * YEAR) / (latest('energy') * TERAWATT_HOUR),
    networkPerDay: perDay(load.networkRate),
    allPerDay: all,
    clustersForChart: chart[chart.length - 1]!.values.traffic / all,
    pue: load.pue,
    surveyPue: latest('pue'),
  };
}
