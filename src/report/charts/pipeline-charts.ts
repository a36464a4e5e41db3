import type { Parallelism } from '../../spec/types.ts';
import { formatSeconds } from '../../units/format.ts';
import { left, quantity, right, type Section } from '../types.ts';
import { type Bar, gantt } from './gantt.ts';
import type { Chart } from './types.ts';

/** One pass of the simulated schedule. */
export interface Pass {
  readonly rank: number;
  readonly pass: 'forward' | 'backward' | 'weight' | 'both';
  readonly microbatch: number;
  readonly chunk: number;
  readonly start: number;
  readonly seconds: number;
}

const KINDS = {
  forward: 'forward',
  backward: 'backward',
  weight: 'weights',
  both: 'forward and backward',
} as const;
const PASSES = Object.keys(KINDS) as Pass['pass'][];
const MOST_RANKS = 64;
/** Passes up to which a whole step is one picture; beyond it only its ends differ from turn to turn. */
const WHOLE = 600;
/** Of a step's microbatches, times the ranks: what one picture of either end shows. */
const TURNS = 2;

/** The schedule pass by pass, as it was simulated: a whole step, or how a longer one fills and drains. */
export function pipelineCharts(
  passes: readonly Pass[],
  { pipeline, schedule }: Parallelism,
  microbatches: number,
): Chart[] {
  if (pipeline < 2 || pipeline > MOST_RANKS || passes.length === 0) return [];
  const end = Math.max(...passes.map((p) => p.start + p.seconds));
  if (passes.length <= WHOLE) {
    const title = `Pipeline, ${schedule}: all ${microbatches} microbatches of a step`;
    return [chart('step-pipeline', title, passes, pipeline, 0, end)];
  }
  const span = Math.min(end / 2, (end * TURNS * pipeline) / microbatches);
  const many = `${microbatches} microbatches`;
  return [
    chart('step-pipeline', `Pipeline, ${schedule}: a step of ${many} fills`, passes, pipeline, 0, span),
    chart('step-drain', `Pipeline, ${schedule}: a step of ${many} drains`, passes, pipeline, end - span, end),
  ];
}

function chart(
  id: string,
  title: string,
  passes: readonly Pass[],
  ranks: number,
  from: number,
  to: number,
): Chart {
  const shown = passes.filter((p) => p.start < to && p.start + p.seconds > from);
  // The same colours at both ends of a step.
  const used = PASSES.filter((kind) => passes.some((p) => p.pass === kind));
  const bars = shown.map((p): Bar => {
    const start = Math.max(from, p.start);
    const seconds = Math.min(to, p.start + p.seconds) - start;
    const chunk = p.chunk > 0 ? `, chunk ${p.chunk}` : '';
    // Which microbatch a gradient of weights is of is not kept by every schedule.
    const what =
      p.pass === 'weight' ? KINDS.weight : `${KINDS[p.pass]} of microbatch ${p.microbatch}${chunk}`;
    const says = `rank ${p.rank}, ${what}: ${formatSeconds(p.seconds)} from ${formatSeconds(p.start)}`;
    return { row: p.rank, start: start - from, seconds, kind: used.indexOf(p.pass), says };
  });
  const rows = Array.from({ length: ranks }, (_, r) => `rank ${r}`);
  const kinds = used.map((p) => KINDS[p]);
  const summary = `${title}: from ${formatSeconds(from)} to ${formatSeconds(to)}, ${shown.length} passes`;
  return {
    id,
    title,
    summary,
    picture: gantt(summary, rows, kinds, bars, { origin: from }),
    table: passTable(id, title, shown),
  };
}

function passTable(id: string, title: string, passes: readonly Pass[]): Section {
  const ordered = [...passes].sort((a, b) => a.rank - b.rank || a.start - b.start);
  return {
    id: `${id}-passes`,
    title,
    columns: [
      right('rank'),
      left('pass'),
      right('microbatch'),
      right('chunk'),
      right('start'),
      right('time'),
    ],
    rows: ordered.map((p) => [
      quantity(p.rank, 'count'),
      KINDS[p.pass],
      p.pass === 'weight' ? null : quantity(p.microbatch, 'count'),
      quantity(p.chunk, 'count'),
      quantity(p.start, 'seconds'),
      quantity(p.seconds, 'seconds'),
    ]),
    notes: [],
  };
}
