import type { Inspection, SeriesSummary } from '../../inspect/types.ts';
import { quantity, right } from '../types.ts';
import { lines } from './lines.ts';
import type { Chart } from './types.ts';

const TITLES: Readonly<Record<SeriesSummary['name'], string>> = {
  loss: 'Loss',
  gradNorm: 'Gradient norm',
  speed: 'Time of a step',
  steps: 'Steps',
};

/** Marks in a chart; beyond it they would hide the curve. The table of events has all. */
const MOST_MARKS = 12;

/** The course of each series of a training log, with what happened in it. */
export function logCharts({ series, events }: Inspection): Chart[] {
  return series.filter((s) => s.course.steps.length > 1).map((s) => seriesChart(s, events));
}

function seriesChart({ name, course }: SeriesSummary, events: Inspection['events']): Chart {
  const { steps, low, high, mean } = course;
  const here = events.filter((e) => e.series === name);
  const title = TITLES[name];
  const summary = `${title} over ${steps.length} pieces of the log: ${here.length} events`;
  const points = (values: readonly number[]) => steps.map((step, i) => [step, values[i]!] as const);
  const unit = name === 'speed' ? 'seconds' : 'plain';
  const positive = [...low, ...high].every((v) => v > 0);
  const marks = here
    .slice(0, MOST_MARKS)
    .map((e) => ({ x: e.step, y: nearest(course, e.step), label: e.kind }));
  return {
    id: `log-${name}`,
    title,
    summary,
    picture: lines({
      summary,
      x: { title: 'step', unit: 'plain', scale: 'linear' },
      y: { title, unit, scale: positive && name !== 'steps' ? 'log' : 'linear', floor: Math.min(...low) },
      series: [
        { name: 'mean', points: points(mean) },
        { name: 'highest', points: points(high) },
        { name: 'lowest', points: points(low) },
      ],
      marks,
    }),
    table: {
      id: `log-${name}`,
      title,
      columns: [right('step'), right('lowest'), right('mean'), right('highest')],
      rows: steps.map((step, i) => [
        quantity(step, 'count'),
        quantity(low[i]!, unit),
        quantity(mean[i]!, unit),
        quantity(high[i]!, unit),
      ]),
      notes: [],
    },
  };
}

/** The highest value of the piece that holds a step: where the event shows. */
function nearest({ steps, high }: SeriesSummary['course'], step: number): number {
  const after = steps.findIndex((s) => s >= step);
  return high[after < 0 ? high.length - 1 : after]!;
}
