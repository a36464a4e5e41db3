import type { Catalog, Gpu, Model } from '../../catalog/types.ts';
import type { Plan, StepOutcome } from '../../plan/types.ts';
import { ROOFLINE } from '../../step/efficiency.ts';
import { prepareStep } from '../../step/evaluator.ts';
import type { Step } from '../../step/types.ts';
import { formatMoney, formatPercent } from '../../units/format.ts';
import { formatQuantity } from '../terminal.ts';
import { left, quantity, right } from '../types.ts';
import { bars } from './bars.ts';
import { type Pass, pipelineCharts } from './pipeline-charts.ts';
import type { Chart } from './types.ts';
import { type WaterfallStep, waterfall } from './waterfall.ts';

/** A step with what it was worked out from: enough to run its schedule again and see every pass. */
export interface StepBasis extends StepOutcome {
  readonly model: Model;
  readonly gpu: Gpu;
  readonly catalog: Catalog;
}

export function stepCharts(plan: Plan, basis: StepBasis): Chart[] {
  return [waterfallChart(plan, basis), memoryChart(basis.step), ...scheduleCharts(plan, basis)];
}

function scheduleCharts(plan: Plan, { model, gpu, catalog, job, table }: StepBasis): Chart[] {
  const passes: Pass[] = [];
  prepareStep(model, gpu, catalog).observe(job, table, (rank, pass, microbatch, chunk, start, seconds) => {
    passes.push({ rank, pass, microbatch, chunk, start, seconds });
  });
  return pipelineCharts(passes, job.parallelism, plan.workload.microbatches);
}

const MILLION = 1_000_000;

/**
 * From the peak of the GPUs to what is left of it: where kernels are at their roofline, in a step, and over the run with
 * its failures; beside each what a million tokens would cost if nothing further were lost. All in shares of the step's time.
 */
function waterfallChart({ risk, economy }: Plan, basis: StepBasis): Chart {
  const { breakdown: b, seconds, mfu } = basis.step;
  const kernels = (b.forward + b.backward + b.weightGradient) / seconds;
  const roofline = Math.min(kernels, rooflineSeconds(basis) / seconds);
  const ettr = risk?.ettr ?? 1;
  const perMillion = economy?.run === undefined ? undefined : economy.run.perToken * MILLION;
  const priced = (share: number): { note?: string } =>
    perMillion === undefined ? {} : { note: formatMoney(perMillion * share) };
  const losses: [string, number][] = [
    ['kernels below their roofline', kernels - roofline],
    ['recomputation', b.recompute / seconds],
    ...Object.entries(b.exposed).map(([name, s]): [string, number] => [
      `waiting for ${name} ranks`,
      s / seconds,
    ]),
    ['pipeline bubble', b.bubble / seconds],
    ['optimizer', b.optimizer / seconds],
    ['data-parallel tail', b.dataTail / seconds],
  ];
  const steps: WaterfallStep[] = [
    { label: 'peak (BF16, dense)', value: 1, total: true, ...priced(mfu * ettr) },
    roofline >= mfu
      ? { label: 'memory, padding, uneven experts', value: mfu - roofline, total: false }
      : { label: 'products in less than BF16', value: mfu - roofline, total: false },
    { label: 'roofline', value: 1 + mfu - roofline, total: true, ...priced(roofline * ettr) },
    ...losses.filter(([, v]) => v > 0).map(([label, v]) => ({ label, value: -v, total: false })),
    { label: 'MFU', value: mfu, total: true, ...priced(ettr) },
    ...(risk === undefined
      ? []
      : [
          { label: 'failures and checkpoints', value: -mfu * (1 - ettr), total: false },
          { label: 'goodput', value: mfu * ettr, total: true, ...priced(1) },
        ]),
  ];
  const price = perMillion === undefined ? '' : `; a million tokens cost ${formatMoney(perMillion)}`;
  const title = 'From the peak to the goodput and its price';
  const summary = `${title}: MFU ${formatPercent(mfu)}${risk === undefined ? '' : `, goodput ${formatPercent(mfu * ettr)}`}${price}`;
  return {
    id: 'step-waterfall',
    title,
    summary,
    picture: waterfall(summary, steps, perMillion === undefined ? '' : 'a million tokens'),
    table: {
      id: 'step-waterfall',
      title,
      columns: [left('part'), right('of the peak'), right('a million tokens')],
      rows: steps.map((s) => [s.label, quantity(s.value, 'percent'), s.note ?? null]),
      notes: [
        'Shares of the time of a step. The roofline is that of the same kernels with the whole of the peaks and of the memory’s rate.',
      ],
    },
  };
}

/** Time of the same kernels on the busiest rank if each ran at its roofline. */
function rooflineSeconds({ model, gpu, catalog, job, table }: StepBasis): number {
  const { breakdown } = prepareStep(model, gpu, catalog, ROOFLINE).evaluate(job, table, 'closed');
  return breakdown.forward + breakdown.backward + breakdown.weightGradient;
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
