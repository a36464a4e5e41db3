import type { Parallelism } from '../spec/types.ts';
import type { StageWork } from './stage.ts';

/**
 * A time that no simulation of the schedule goes below: the pipeline fills to a rank, the rank does all its passes, and
 * what is left of the backward pass empties out. Equal to the schedule's time where all stages are alike and sends take
 * nothing (1F1B, interleaved). O(stages).
 */
export function leastSeconds(work: StageWork, p: Parallelism, microbatches: number): number {
  return p.schedule === 'dualpipe'
    ? leastDualPipe(work, p, microbatches)
    : leastOneWay(work, p, microbatches);
}

function leastOneWay(work: StageWork, { pipeline, virtualStages, schedule }: Parallelism, m: number): number {
  const split = schedule === 'zero-bubble';
  let least = 0;
  let fill = 0;
  let drain = 0;
  let weights = 0;
  for (let r = 0; r < pipeline; r++) {
    const own = work.layers[r]!;
    const end = work.ends[r]!;
    let forward = own.forward;
    let backward = own.backward + own.recompute;
    for (let e = 0; e < work.exposed.length; e++) {
      forward += work.exposed[e]!.forward[r]!;
      backward += work.exposed[e]!.backward[r]!;
    }
    const busy = m * (forward + backward + own.weight + end.forward + end.backward + end.weight);
    // Gradients of weights may wait until the end, of one rank or of those before it.
    const after = split ? Math.max(drain - m * (own.weight + end.weight), 0) : drain + weights;
    least = Math.max(least, fill + busy + after);
    fill += forward / virtualStages;
    drain += backward / virtualStages;
    weights += own.weight / virtualStages;
  }
  return least;
}

function leastDualPipe(work: StageWork, { pipeline }: Parallelism, m: number): number {
  const each = (r: number): number => {
    const own = work.layers[r]!;
    const end = work.ends[r]!;
    let sum =
      own.forward + own.backward + own.recompute + own.weight + end.forward + end.backward + end.weight;
    for (const { dimension, forward, backward } of work.exposed) {
      if (dimension !== 'expert') sum += forward[r]! + backward[r]!;
    }
    return sum;
  };
  let least = 0;
  for (let r = 0; r < pipeline; r++) {
    least = Math.max(least, Math.floor(m / 2) * (each(r) + each(pipeline - 1 - r)));
  }
  return least;
}
