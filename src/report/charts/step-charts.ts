import type { Plan } from '../../plan/types.ts';
import { dualPipeTimes } from '../../step/dualpipe.ts';
import { type Observe, pipelineTimes } from '../../step/pipeline.ts';
import type { Step } from '../../step/types.ts';
import { formatPercent, formatSeconds } from '../../units/format.ts';
import { formatQuantity } from '../terminal.ts';
import { left, quantity, right } from '../types.ts';
import { bars } from './bars.ts';
import { type Bar, gantt } from './gantt.ts';
import type { Chart } from './types.ts';
import { waterfall } from './waterfall.ts';

export function stepCharts(plan: Plan): Chart[] {
  const { step } = plan;
  return step === undefined
    ? []
    : [waterfallChart(plan, step), memoryChart(step), ...pipelineChart(plan, step)];
}

/** From the peak of the GPUs to what is left of it: in a step, then over the run with its failures. */
function waterfallChart({ risk, economy }: Plan, step: Step): Chart {
  const { breakdown: b, seconds, mfu } = step;
  const kernels = (b.forward + b.backward + b.weightGradient) / seconds - mfu;
  const losses: [string, number][] = [
    ['kernels below the peak', kernels],
    ['recomputation', b.recompute / seconds],
    ...Object.entries(b.exposed).map(([name, s]): [string, number] => [
      `waiting for ${name} ranks`,
      s / seconds,
    ]),
    ['pipeline bubble', b.bubble / seconds],
    ['optimizer', b.optimizer / seconds],
    ['data-parallel tail', b.dataTail / seconds],
  ];
  const steps = [
    { label: 'peak (BF16, dense)', value: 1, total: true },
    ...losses.filter(([, v]) => v > 0).map(([label, v]) => ({ label, value: -v, total: false })),
    { label: 'MFU', value: mfu, total: true },
    ...(risk === undefined
      ? []
      : [
          { label: 'failures and checkpoints', value: -mfu * (1 - risk.ettr), total: false },
          { label: 'goodput', value: mfu * risk.ettr, total: true },
        ]),
  ];
  const million = 1_000_000;
  const price =
    economy?.run === undefined
      ? ''
      : `; a million tokens cost ${formatQuantity(quantity(economy.run.perToken * million, 'money'))}`;
  const title = 'From the peak to the goodput';
  const summary = `${title}: MFU ${formatPercent(mfu)}${risk === undefined ? '' : `, goodput ${formatPercent(mfu * risk.ettr)}`}${price}`;
  return {
    id: 'step-waterfall',
    title,
    summary,
    picture: waterfall(summary, steps),
    table: {
      id: 'step-waterfall',
      title,
      columns: [left('part'), right('of the peak')],
      rows: steps.map((s) => [s.label, quantity(s.value, 'percent')]),
      notes: [],
    },
  };
}

const PARTS = ['weights', 'gradients', 'optimizer', 'activations', 'buffers'] as const;

function memoryChart({ memory }: Step): Chart {
  const title = 'Memory of a GPU by pipeline rank';
  const fullest = Math.max(...memory.stages.map((s) => s.total));
  const summary = `${title}: at most ${formatQuantity(quantity(fullest, 'bytes'))} of ${formatQuantity(quantity(memory.capacity, 'bytes'))}`;
  return {
    id: 'step-memory-chart',
    title,
    summary,
    picture: bars({
      summary,
      unit: 'bytes',
      series: PARTS,
      rows: memory.stages.map((s, p) => ({ label: `rank ${p}`, values: PARTS.map((part) => s[part]) })),
      marks: [{ value: memory.capacity, label: 'capacity' }],
    }),
    table: {
      id: 'step-memory-all',
      title,
      columns: [right('rank'), ...PARTS.map((p) => right(p)), right('total')],
      rows: memory.stages.map((s, p) => [
        quantity(p, 'count'),
        ...PARTS.map((part) => quantity(s[part], 'bytes')),
        quantity(s.total, 'bytes'),
      ]),
      notes: [],
    },
  };
}

const KINDS = ['forward', 'backward', 'weights', 'forward and backward together'];
const KIND = { forward: 0, backward: 1, weight: 2, both: 3 } as const;
/** Microbatches a rank that are drawn, and bars at most: beyond it a picture shows no more. */
const TURNS = 2;
const MOST_RANKS = 64;

/** The schedule as it begins and ends, with the step's own times of each rank's passes. */
function pipelineChart(plan: Plan, { stages }: Step): Chart[] {
  const { schedule, virtualStages } = plan.spec.parallelism;
  const ranks = stages.length;
  if (ranks < 2 || ranks > MOST_RANKS) return [];
  const whole = plan.workload.microbatches;
  const even = schedule === 'dualpipe' ? 2 : ranks;
  const microbatches = Math.min(whole, Math.ceil((TURNS * ranks) / even) * even);
  const drawn: Bar[] = [];
  const observe: Observe = (row, pass, microbatch, _chunk, start, seconds) => {
    const says = `rank ${row}, ${pass} of microbatch ${microbatch}: ${formatSeconds(seconds)}`;
    drawn.push({ row, start, seconds, kind: KIND[pass], says });
  };
  const spread = (n: number, of: (p: number) => number): Float64Array =>
    Float64Array.from(
      { length: ranks * n },
      (_, i) => of(Math.floor(i / n)) / (schedule === 'dualpipe' ? 1 : n),
    );
  const forward = (p: number): number => stages[p]!.forward;
  const backward = (p: number): number => stages[p]!.backward;
  const weight = (p: number): number => stages[p]!.weightGradient;
  if (schedule === 'dualpipe') {
    const paired = (p: number): number => forward(p) + backward(p) + weight(p);
    dualPipeTimes(
      {
        ranks,
        microbatches,
        forward: spread(2, forward),
        backward: spread(2, backward),
        weight: spread(2, weight),
        paired: spread(2, paired),
        send: 0,
      },
      observe,
    );
  } else {
    const chunks = virtualStages;
    const parted = schedule === 'zero-bubble';
    pipelineTimes(
      {
        schedule,
        ranks,
        chunks,
        microbatches,
        forward: spread(chunks, forward),
        backward: spread(chunks, (p) => backward(p) + (parted ? 0 : weight(p))),
        weight: spread(chunks, (p) => (parted ? weight(p) : 0)),
        send: 0,
        blocking: false,
      },
      observe,
    );
  }
  const title = `Pipeline, ${schedule}: ${microbatches === whole ? 'a step' : `as a step of ${microbatches} microbatches would be (it has ${whole})`}`;
  const rows = stages.map((_, p) => `rank ${p}`);
  const used = KINDS.filter((_, k) => drawn.some((b) => b.kind === k));
  const renumbered = drawn.map((b) => ({ ...b, kind: used.indexOf(KINDS[b.kind]!) }));
  return [
    {
      id: 'step-pipeline',
      title,
      summary: title,
      picture: gantt(title, rows, used, renumbered),
      table: {
        id: 'step-stages',
        title: 'One microbatch by pipeline rank',
        columns: [right('rank'), right('forward'), right('backward'), right('weights')],
        rows: stages.map((s, p) => [
          quantity(p, 'count'),
          quantity(s.forward, 'seconds'),
          quantity(s.backward, 'seconds'),
          quantity(s.weightGradient, 'seconds'),
        ]),
        notes: [],
      },
    },
  ];
}
