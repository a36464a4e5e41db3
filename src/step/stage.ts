import type { Parallelism } from '../spec/types.ts';
import type { StageContents } from '../workload/types.ts';
import type { StepConstants } from './constants.ts';
import { nothing, type Work } from './layer.ts';
import type { PartTimes } from './parts.ts';
import type { CommunicationTable } from './types.ts';

/** Seconds of one microbatch by pipeline position, lists of length `pipeline`. */
export interface StageWork {
  /** Kernels of the layers, and of what only the ends hold (tables, loss, MTP). */
  readonly layers: readonly Work[];
  readonly ends: readonly Work[];
  /** Communication that nothing hides, by dimension; expert communication as if nothing hid it. */
  readonly exposed: readonly Exposed[];
}

/** By position. */
export interface Exposed {
  readonly dimension: 'tensor' | 'context' | 'expert' | 'data';
  readonly forward: Float64Array;
  readonly backward: Float64Array;
}

/** O(stages). */
export function stageWork(
  parts: PartTimes,
  contents: StageContents,
  table: CommunicationTable,
  { pipeline, tensor: ranks, overlap }: Parallelism,
  { contention }: StepConstants,
): StageWork {
  const layers: Work[] = [];
  const ends: Work[] = [];
  const exposed = (dimension: Exposed['dimension'], pass?: 'own'): Exposed => ({
    dimension,
    forward: pass === 'own' ? new Float64Array(pipeline) : table.forward[dimension as 'expert'],
    backward: pass === 'own' ? new Float64Array(pipeline) : table.backward[dimension as 'expert'],
  });
  const tensor = exposed('tensor', 'own');
  const data = exposed('data', 'own');
  const context = exposed('context', 'own');
  const { forward: f, backward: b, sharded } = table;
  const room = (work: number): number => (overlap === 'none' ? 0 : work);
  // In as many pieces as there are ranks, the first has nothing to run beside.
  const pieces = (seconds: number, work: number): number =>
    overlap === 'all' ? seconds / ranks + beside(seconds * (1 - 1 / ranks), work, contention) : seconds;
  for (let p = 0; p < pipeline; p++) {
    const dense = contents.dense[p]!;
    const moe = contents.moe[p]!;
    const own = nothing();
    add(own, dense, parts.dense);
    add(own, moe, parts.moe);
    const end = nothing();
    add(end, contents.embedding[p]!, parts.embedding);
    add(end, contents.head[p]!, parts.head);
    add(end, contents.mtp[p]!, parts.mtp);
    layers.push(own);
    ends.push(end);
    tensor.forward[p] =
      pieces(f.tensor[p]!, own.forward) + beside(f.hidden[p]!, room(own.forward), contention);
    tensor.backward[p] =
      pieces(b.tensor[p]!, own.backward) + beside(b.hidden[p]!, room(own.weight), contention);
    context.forward[p] = f.context[p]!;
    context.backward[p] = b.context[p]!;
    data.forward[p] = beside(sharded.forward[p]!, room(own.forward + end.forward), contention);
    const back = own.backward + own.weight + own.recompute + end.backward + end.weight;
    data.backward[p] = beside(sharded.backward[p]! + sharded.reduce[p]!, room(back), contention);
  }
  return { layers, ends, exposed: [tensor, context, data, exposed('expert')] };
}

/**
 * What communication beside other work costs: what does not fit beside it, and the share of the GPU that it takes from
 * the work while it runs.
 */
export function beside(communication: number, work: number, contention: number): number {
  if (communication <= 0) return 0;
  const hidden = Math.min(communication, work);
  return communication - hidden + contention * hidden;
}

function add(to: Work, n: number, part: Work): void {
  if (n === 0) return;
  to.forward += n * part.forward;
  to.backward += n * part.backward;
  to.weight += n * part.weight;
  to.recompute += n * part.recompute;
}
