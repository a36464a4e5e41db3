import type { Catalog } from '../../catalog/types.ts';
import type { Plan } from '../../plan/types.ts';
import { riskBasis } from '../../risk/analyse.ts';
import { stretch } from '../../risk/interval.ts';
import { timelineOf } from '../../risk/simulate.ts';
import type { Risk, RiskInput } from '../../risk/types.ts';
import { formatPercent, formatSeconds } from '../../units/format.ts';
import { left, quantity, right } from '../types.ts';
import { bars } from './bars.ts';
import { type Bar, gantt } from './gantt.ts';
import { lines } from './lines.ts';
import type { Chart } from './types.ts';

export function riskCharts({ risk }: Plan): Chart[] {
  return risk === undefined
    ? []
    : [sizeChart(risk), intervalChart(risk), ...sharesChart(risk), ...daysChart(risk)];
}

/** The rate grows with the size; what was published stands beside it, contradictions and all. */
function sizeChart({ failures, mttf }: Risk): Chart {
  const title = 'Time between failures by the size of the job';
  const summary = `${title}: ${formatSeconds(mttf)} for this one`;
  const published = failures.sizes.flatMap((s) => s.published.map((p) => ({ gpus: s.gpus, ...p })));
  const here = failures.sizes.find((s) => Math.abs(s.mttf / mttf - 1) < 0.01);
  return {
    id: 'risk-sizes-chart',
    title,
    summary,
    picture: lines({
      summary,
      x: { title: 'GPUs', unit: 'count', scale: 'log' },
      y: { title: 'mean time between failures', unit: 'seconds', scale: 'log' },
      series: [{ name: failures.fleet.name, points: failures.sizes.map((s) => [s.gpus, s.mttf] as const) }],
      marks: [
        ...published.map((p) => ({ x: p.gpus, y: p.mttf, label: p.what })),
        ...(here === undefined ? [] : [{ x: here.gpus, y: here.mttf, label: 'this job' }]),
      ],
    }),
    table: {
      id: 'risk-sizes-all',
      title,
      columns: [right('GPUs'), right('failures a day'), right('time between'), left('published')],
      rows: failures.sizes.map((s) => [
        quantity(s.gpus, 'count'),
        quantity(s.perDay, 'plain'),
        quantity(s.mttf, 'seconds'),
        s.published.map((p) => `${formatSeconds(p.mttf)}: ${p.what}`).join('; '),
      ]),
      notes: [],
    },
  };
}

/** Intervals drawn on either side of the best one: a factor of 16. */
const SIDE = 16;
const POINTS = 33;

function intervalChart({ checkpoint, mttf, checkpointInterval }: Risk): Chart {
  const title = 'Time kept by the time between checkpoints';
  const { exact } = checkpoint.intervals;
  const kept = (interval: number): number => 1 / stretch(interval, checkpoint.stallSeconds, mttf);
  const points = Array.from({ length: POINTS }, (_, i) => {
    const interval = (exact / SIDE) * Math.exp((i / (POINTS - 1)) * 2 * Math.log(SIDE));
    return [interval, kept(interval)] as const;
  });
  const chosen = checkpoint.given ? 'as given' : 'chosen';
  const summary = `${title}: best every ${formatSeconds(exact)}, which keeps ${formatPercent(kept(exact))}; ${chosen} ${formatSeconds(checkpointInterval)}`;
  return {
    id: 'risk-interval',
    title,
    summary,
    picture: lines({
      summary,
      x: { title: 'time between checkpoints', unit: 'seconds', scale: 'log' },
      y: {
        title: 'useful share, restarts aside',
        unit: 'percent',
        scale: 'linear',
        floor: Math.min(...points.map(([, y]) => y)),
      },
      series: [{ name: 'kept', points }],
      marks: [
        {
          x: checkpointInterval,
          y: kept(checkpointInterval),
          label: `${chosen}: ${formatSeconds(checkpointInterval)}`,
        },
      ],
    }),
    table: {
      id: 'risk-interval',
      title,
      columns: [right('every'), right('kept')],
      rows: points.map(([x, y]) => [quantity(x, 'seconds'), quantity(y, 'percent')]),
      notes: [],
    },
  };
}

const SHARES = {
  useful: 'useful',
  lost: 'computed again',
  stalls: 'standing still for checkpoints',
  slow: 'slow nodes',
  detection: 'not yet noticed',
  restart: 'restarting',
  waiting: 'waiting for machines',
  maintenance: 'planned stops',
} as const;

function sharesChart({ simulation }: Risk): Chart[] {
  if (simulation === undefined) return [];
  const lost = (Object.keys(SHARES) as (keyof typeof SHARES)[])
    .filter((k) => k !== 'useful' && simulation.shares[k] > 0)
    .map((k) => ({ label: SHARES[k], values: [simulation.shares[k]] }));
  if (lost.length === 0) return [];
  const title = 'Where the time goes that is not useful';
  const summary = `${title}: ${formatPercent(1 - simulation.shares.useful)} of the run`;
  return [
    {
      id: 'risk-shares',
      title,
      summary,
      picture: bars({ summary, unit: 'percent', series: [title], rows: lost }),
      table: {
        id: 'risk-shares',
        title,
        columns: [left('what'), right('of the run')],
        rows: lost.map((r) => [r.label, quantity(r.values[0]!, 'percent')]),
        notes: [],
      },
    },
  ];
}

function daysChart({ simulation }: Risk): Chart[] {
  const histogram = simulation?.days.histogram;
  if (histogram === undefined || !(histogram.to > histogram.from)) return [];
  const width = (histogram.to - histogram.from) / histogram.counts.length;
  const points = histogram.counts.map((n, i) => [histogram.from + (i + 0.5) * width, n] as const);
  const title = 'How long the run takes, over simulated runs';
  return [
    {
      id: 'risk-days',
      title,
      summary: title,
      picture: lines({
        summary: title,
        x: { title: 'days', unit: 'plain', scale: 'linear' },
        y: { title: 'runs', unit: 'count', scale: 'linear' },
        series: [{ name: 'runs', points }],
      }),
      table: {
        id: 'risk-days',
        title,
        columns: [right('days'), right('runs')],
        rows: points.map(([d, n]) => [quantity(d, 'plain'), quantity(n, 'count')]),
        notes: [],
      },
    },
  ];
}

const MOST_EVENTS = 400;
const ROWS = 8;

/** One simulated run with its faults, what each cost and where it rolled back to; wrapped over rows like a text. */
export function timelineChart(input: RiskInput, catalog: Catalog): Chart[] {
  const { model, rates } = riskBasis(input, catalog);
  const events = timelineOf(
    model,
    rates.map((r) => r.component),
    input.seed,
  ).slice(0, MOST_EVENTS);
  if (events.length === 0) return [];
  const last = events.at(-1)!;
  const end = last.at + last.down;
  const row = end / ROWS;
  const drawn = events.flatMap((e) =>
    pieces(
      e.at - e.lost,
      e.lost,
      row,
      0,
      `${e.what}: ${formatSeconds(e.lost)} computed again from ${e.from}`,
    ).concat(
      pieces(
        e.at,
        e.down,
        row,
        1,
        `${e.what} after ${formatSeconds(e.at)}: down for ${formatSeconds(e.down)}`,
      ),
    ),
  );
  const title = `One simulated run: ${events.length} stops in its ${events.length === MOST_EVENTS ? 'first ' : ''}${formatSeconds(end)}`;
  const rows = Array.from({ length: ROWS }, (_, i) => `+${formatSeconds(i * row)}`);
  return [
    {
      id: 'risk-timeline',
      title,
      summary: title,
      picture: gantt(title, rows, ['rolled back: computed again', 'fault: down'], drawn, { least: 2 }),
      table: {
        id: 'risk-timeline',
        title,
        columns: [right('at'), left('what'), right('computed again'), right('down'), left('from')],
        rows: events.map((e) => [
          quantity(e.at, 'seconds'),
          e.what,
          quantity(e.lost, 'seconds'),
          quantity(e.down, 'seconds'),
          e.from,
        ]),
        notes: [],
      },
    },
  ];
}

/** What is computed again stands above what was down: both are short beside a run. */
const LANES = [
  [0, 0.5],
  [0.5, 1],
] as const;

/** A stretch of the run as bars of the rows that it falls into. */
function pieces(from: number, seconds: number, row: number, kind: number, says: string): Bar[] {
  const list: Bar[] = [];
  let at = Math.max(0, from);
  const to = from + seconds;
  while (at < to) {
    const line = Math.min(ROWS - 1, Math.floor(at / row));
    const stop = line === ROWS - 1 ? to : Math.min(to, (line + 1) * row);
    if (stop <= at) break;
    list.push({ row: line, start: at - line * row, seconds: stop - at, kind, says, lane: LANES[kind]! });
    at = stop;
  }
  return list;
}
