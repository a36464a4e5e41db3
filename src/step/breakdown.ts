import type { Parallelism } from '../spec/types.ts';
import type { PipelineTimes } from './pipeline.ts';
import type { StageWork } from './stage.ts';
import type { StepBreakdown } from './types.ts';

/** What comes after the passes of a step. */
export interface After {
  readonly optimizer: number;
  readonly dataTail: number;
}

/**
 * Where the time of the rank goes that works longest: its kernels by pass, what communication it waits for by
 * dimension, and the rest of the time until the last rank is done, which is bubble. The parts add up to the step.
 */
export function breakdownOf(
  work: StageWork,
  times: PipelineTimes,
  p: Parallelism,
  microbatches: number,
  sendSeconds: number,
  after: After,
): StepBreakdown {
  let rank = 0;
  for (let r = 1; r < p.pipeline; r++) if (times.busy[r]! > times.busy[rank]!) rank = r;
  const positions: [number, number][] = [[rank, microbatches]];
  if (p.schedule === 'dualpipe') {
    const each = Math.floor(microbatches / 2);
    positions[0]![1] = each;
    positions.push([p.pipeline - 1 - rank, each]);
  }
  const sum = { forward: 0, backward: 0, weightGradient: 0, recompute: 0 };
  const exposed = { tensor: 0, context: 0, expert: 0, pipeline: sendSeconds, data: 0 };
  for (const [position, n] of positions) {
    for (const part of [work.layers[position]!, work.ends[position]!]) {
      sum.forward += n * part.forward;
      sum.backward += n * part.backward;
      sum.weightGradient += n * part.weight;
      sum.recompute += n * part.recompute;
    }
    for (const { dimension, forward, backward } of work.exposed) {
      exposed[dimension] += n * (forward[position]! + backward[position]!);
    }
  }
  const kernels = sum.forward + sum.backward + sum.weightGradient + sum.recompute;
  if (p.schedule === 'dualpipe') {
    // Most of it ran beside passes of the other direction: what shows is what the rank was busy with beyond the rest.
    const { tensor, context, data } = exposed;
    exposed.expert = Math.max(0, times.busy[rank]! - kernels - tensor - context - data);
  }
  const shown = exposed.tensor + exposed.context + exposed.expert + exposed.pipeline + exposed.data;
  const bubble = Math.max(0, times.seconds - kernels - shown);
  return {
    ...sum,
    exposed,
    bubble,
    optimizer: after.optimizer,
    dataTail: after.dataTail,
  };
}
