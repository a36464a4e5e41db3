import type { Parallelism } from '../spec/types.ts';
import { dualPipeTimes } from './dualpipe.ts';
import { type Observe, type PipelineTimes, pipelineTimes } from './pipeline.ts';
import { beside, type StageWork } from './stage.ts';

/** Sums of exposed communication by position: forward and backward. */
export interface ExposedSums {
  readonly forward: Float64Array;
  readonly backward: Float64Array;
}

/** All dimensions but those left out, added up. */
export function exposedSums(work: StageWork, but?: string): ExposedSums {
  const pipeline = work.layers.length;
  const sums = { forward: new Float64Array(pipeline), backward: new Float64Array(pipeline) };
  for (const { dimension, forward, backward } of work.exposed) {
    if (dimension === but) continue;
    for (let p = 0; p < pipeline; p++) {
      sums.forward[p]! += forward[p]!;
      sums.backward[p]! += backward[p]!;
    }
  }
  return sums;
}

/** The schedule of a job, from the seconds of its stages. */
export function runSchedule(
  work: StageWork,
  p: Parallelism,
  microbatches: number,
  send: number,
  contention: number,
  observe?: Observe,
): PipelineTimes {
  if (p.schedule === 'dualpipe') return runDualPipe(work, p, microbatches, send, contention, observe);
  const { pipeline: ranks, virtualStages: chunks, schedule } = p;
  const sums = exposedSums(work);
  const forward = new Float64Array(ranks * chunks);
  const backward = new Float64Array(ranks * chunks);
  const weight = new Float64Array(ranks * chunks);
  for (let r = 0; r < ranks; r++) {
    const own = work.layers[r]!;
    const end = work.ends[r]!;
    for (let c = 0; c < chunks; c++) {
      const slot = r * chunks + c;
      forward[slot] = (own.forward + sums.forward[r]!) / chunks;
      backward[slot] = (own.backward + own.recompute + sums.backward[r]!) / chunks;
      weight[slot] = own.weight / chunks;
      // The first chunk of the first rank holds the embedding, the last of the last the head.
      if (c === (r === 0 && ranks > 1 ? 0 : chunks - 1)) {
        forward[slot]! += end.forward;
        backward[slot]! += end.backward;
        weight[slot]! += end.weight;
      }
    }
  }
  const blocking = chunks === 1 && schedule !== 'zero-bubble';
  return pipelineTimes(
    { schedule, ranks, chunks, microbatches, forward, backward, weight, send, blocking },
    observe,
  );
}

function runDualPipe(
  work: StageWork,
  { pipeline: ranks }: Parallelism,
  microbatches: number,
  send: number,
  contention: number,
  observe?: Observe,
): PipelineTimes {
  const rest = exposedSums(work, 'expert');
  const expert = work.exposed.find((e) => e.dimension === 'expert')!;
  const forward = new Float64Array(2 * ranks);
  const backward = new Float64Array(2 * ranks);
  const weight = new Float64Array(2 * ranks);
  const paired = new Float64Array(2 * ranks);
  for (let r = 0; r < ranks; r++) {
    for (let d = 0; d < 2; d++) {
      const slot = 2 * r + d;
      const p = d === 0 ? r : ranks - 1 - r;
      const own = work.layers[p]!;
      const end = work.ends[p]!;
      forward[slot] = own.forward + end.forward + rest.forward[p]!;
      backward[slot] = own.backward + own.recompute + end.backward + rest.backward[p]!;
      weight[slot] = own.weight + end.weight;
    }
    for (let d = 0; d < 2; d++) {
      const slot = 2 * r + d;
      const other = 2 * r + 1 - d;
      const kernels = forward[slot]! + backward[other]! + weight[other]!;
      paired[slot] = kernels + beside(expert.forward[r]! + expert.backward[r]!, kernels, contention);
    }
    for (let d = 0; d < 2; d++) {
      forward[2 * r + d]! += expert.forward[r]!;
      backward[2 * r + d]! += expert.backward[r]!;
    }
  }
  return dualPipeTimes({ ranks, microbatches, forward, backward, weight, paired, send }, observe);
}
