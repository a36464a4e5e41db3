import type { Plan } from '../plan/types.ts';
import type { Step } from '../step/types.ts';
import { formatPercent, formatSeconds } from '../units/format.ts';
import { type Cell, left, quantity, right, type Section } from './types.ts';

/** How long a step takes and why, and what it needs of memory. */
export function stepSections({ step, fitting }: Plan): Section[] {
  return step === undefined ? [] : [headline(step), breakdown(step), memory(step, fitting)];
}

function headline(step: Step): Section {
  return {
    id: 'step',
    title: 'Trains: one step',
    columns: [left(), left()],
    rows: [
      ['step', quantity(step.seconds, 'seconds')],
      ['tokens a day', quantity(step.tokensPerDay, 'count')],
      ['whole run, no failures', `${days(step.runSeconds)} days in ${step.steps} steps`],
      ['GPU hours', quantity(step.gpuHours, 'count')],
      ['MFU, causal attention', quantity(step.mfu, 'percent')],
      ['MFU, full attention', quantity(step.mfuNonCausal, 'percent')],
      ['HFU, recomputation counted', quantity(step.hfu, 'percent')],
    ],
    notes: ['MFU and HFU are over the dense BF16 peak, whatever the precision.', ...step.notes],
  };
}

const SECONDS_A_DAY = 86_400;
const days = (seconds: number): string => String(Number((seconds / SECONDS_A_DAY).toPrecision(3)));

function breakdown({ seconds, breakdown: b }: Step): Section {
  const parts: [string, number][] = [
    ['forward', b.forward],
    ['backward, inputs', b.backward],
    ['backward, weights', b.weightGradient],
    ['recomputation', b.recompute],
    ...Object.entries(b.exposed).map(([d, s]): [string, number] => [`exposed communication, ${d}`, s]),
    ['bubble', b.bubble],
    ['optimizer', b.optimizer],
    ['data-parallel tail', b.dataTail],
  ];
  return {
    id: 'step-breakdown',
    title: 'Where the step goes: the busiest rank',
    columns: [left('part'), right('time'), right('of step')],
    rows: parts
      .filter(([, s]) => s > 0)
      .map(([name, s]): Cell[] => [name, quantity(s, 'seconds'), quantity(s / seconds, 'percent')]),
    notes: [],
  };
}

/** The nearest plan that fits, in a sentence. */
function nearestThatFits(fitting: Plan['fitting']): string[] {
  if (fitting === undefined) return [];
  if (fitting === null) return ['No plan of this model fits, on however many of these GPUs.'];
  const { changes, stepSeconds, headroom } = fitting;
  return [
    `The nearest plan that fits: ${changes.join(', ')}. It takes about ${formatSeconds(stepSeconds)} a step and leaves ` +
      `${formatPercent(headroom)} of a GPU's memory free.`,
  ];
}

function memory({ memory: m }: Step, fitting: Plan['fitting']): Section {
  const order = m.stages.map((_, p) => p).sort((a, b) => m.stages[b]!.total - m.stages[a]!.total || a - b);
  const shown = [...new Set([order[0]!, 0, m.stages.length - 1])].sort((a, b) => a - b);
  return {
    id: 'step-memory',
    title: `Needs: memory of a GPU by pipeline rank${m.fits ? '' : ' (does not fit)'}`,
    columns: [
      right('rank'),
      right('weights'),
      right('gradients'),
      right('optimizer'),
      right('activations'),
      right('buffers'),
      right('total'),
      right('of GPU'),
    ],
    rows: shown.map((p): Cell[] => {
      const s = m.stages[p]!;
      return [
        quantity(p, 'count'),
        quantity(s.weights, 'bytes'),
        quantity(s.gradients, 'bytes'),
        quantity(s.optimizer, 'bytes'),
        quantity(s.activations, 'bytes'),
        quantity(s.buffers, 'bytes'),
        quantity(s.total, 'bytes'),
        quantity(s.total / m.capacity, 'percent'),
      ];
    }),
    notes: nearestThatFits(fitting),
  };
}
