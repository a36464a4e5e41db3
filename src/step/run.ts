import type { Parallelism } from '../spec/types.ts';
import { closedDualPipe, closedTimes } from './closed.ts';
import { dualPipeTimes } from './dualpipe.ts';
import { type Observe, type PipelineTimes, pipelineTimes } from './pipeline.ts';
import type { Exposed, StageWork } from './stage.ts';

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

/** By closed forms, by simulation, or by a simulation that tells every pass. */
export type How = 'closed' | 'simulated' | Observe;

/** The schedule of a job, from the seconds of its stages. */
export function runSchedule(
  work: StageWork,
  p: Parallelism,
  microbatches: number,
  send: number,
  contention: number,
  how: How,
): PipelineTimes {
  if (p.schedule === 'dualpipe') return runDualPipe(work, p, microbatches, send, contention, how);
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
  const blocking = blocks(p);
  const input = { schedule, ranks, chunks, microbatches, forward, backward, weight, send, blocking };
  // How gradients of weights fill gaps has no closed form.
  if (how === 'closed' && schedule !== 'zero-bubble') return closedTimes(input);
  return pipelineTimes(input, typeof how === 'string' ? undefined : how);
}

/** Plain schedules wait for each send; interleaved stages have another chunk to work on, zero-bubble ones gradients. */
export function blocks({ schedule, virtualStages, overlap }: Parallelism): boolean {
  return overlap === 'none' || (virtualStages === 1 && schedule !== 'zero-bubble');
}

function runDualPipe(
  work: StageWork,
  { pipeline: ranks }: Parallelism,
  microbatches: number,
  send: number,
  contention: number,
  how: How,
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
      // The GPU is parted for as long as a pair runs: some of it communicates, the rest computes.
      paired[slot] = Math.max(kernels / (1 - contention), expert.forward[r]! + expert.backward[r]!);
    }
    for (let d = 0; d < 2; d++) {
      forward[2 * r + d]! += expert.forward[r]!;
      backward[2 * r + d]! += expert.backward[r]!;
    }
  }
  const input = {
    ranks,
    microbatches,
    forward,
    backward,
    weight,
    paired,
    send: shared(send, expert, paired),
  };
  return how === 'closed'
    ? closedDualPipe(input)
    : dualPipeTimes(input, typeof how === 'string' ? undefined : how);
}

/** A send goes by the NICs that carry the experts' tokens: it gets what they leave. */
function shared(send: number, expert: Exposed, paired: Float64Array): number {
  let busy = 0;
  for (let r = 0; r < expert.forward.length; r++) {
    const both = expert.forward[r]! + expert.backward[r]!;
    if (both > 0) busy = Math.max(busy, both / Math.max(paired[2 * r]!, paired[2 * r + 1]!));
  }
  // literal: half of a NIC when the experts would take all of it
  return send / Math.max(0.5, 1 - busy);
}
