import type { Model } from '../catalog/types.ts';
import type { Parallelism } from '../spec/types.ts';
import type { StageContents } from './types.ts';

/**
 * Layers over stages, as evenly as whole layers go. Where they do not divide, the stages at the ends get one
 * fewer, the last first and then in turn: they hold the output projection and the embedding as well (Llama 3,
 * arXiv 2407.21783, section 3.3.2, takes one layer from the last and one from the first stage). With `chunks`
 * model chunks a stage (interleaved), chunk c is on stage c mod pipeline. O(layers).
 */
export function spreadLayers(model: Model, pipeline: number, chunks: number): StageContents {
  const layers = model.layers + model.mtp;
  const perChunk = evenly(layers, pipeline * chunks);
  const contents = {
    dense: zeros(pipeline),
    moe: zeros(pipeline),
    mtp: zeros(pipeline),
    embedding: zeros(pipeline),
    head: zeros(pipeline),
  };
  const leadingDense = model.experts === undefined ? layers : model.experts.denseLayers;
  let layer = 0;
  for (let chunk = 0; chunk < perChunk.length; chunk++) {
    const stage = chunk % pipeline;
    for (let i = 0; i < perChunk[chunk]!; i++, layer++) {
      contents[layer < leadingDense ? 'dense' : 'moe'][stage]! += 1;
      if (layer >= model.layers) contents.mtp[stage]! += 1;
    }
  }
  contents.embedding[0] = 1;
  contents.head[pipeline - 1] = 1;
  return contents;
}

/** `items` over `places` in whole numbers; the places that get one fewer are taken from the ends, last first. */
function evenly(items: number, places: number): number[] {
  const most = Math.ceil(items / places);
  const shares = Array.from({ length: places }, () => most);
  const short = most * places - items;
  for (let i = 0; i < short; i++) {
    const place = i % 2 === 0 ? places - 1 - i / 2 : (i - 1) / 2;
    shares[place]! -= 1;
  }
  return shares;
}

/** How often things happen on a rank of each stage, given what the stage holds. */
export interface Repetition {
  /** Once a microbatch that passes the stage. */
  perMicrobatch(byStage: readonly number[]): number[];
  /** Once a step for every copy that the rank holds. */
  perStep(byStage: readonly number[]): number[];
}

/**
 * With DualPipe (DeepSeek-V3, arXiv 2412.19437, section 3.2.1) the ranks at position p hold stages p and
 * pipeline - 1 - p, and half of the microbatches enter at either end. Otherwise position and stage are one.
 */
export function repetition(schedule: Parallelism['schedule'], microbatches: number): Repetition {
  if (schedule !== 'dualpipe') {
    return { perMicrobatch: (x) => x.map((n) => n * microbatches), perStep: (x) => [...x] };
  }
  const down = Math.ceil(microbatches / 2);
  const up = microbatches - down;
  return {
    perMicrobatch: (x) => x.map((n, p) => n * down + x[x.length - 1 - p]! * up),
    perStep: (x) => x.map((n, p) => n + x[x.length - 1 - p]!),
  };
}

function zeros(n: number): number[] {
  return Array.from({ length: n }, () => 0);
}

/** Element by element, scaled: a * x + b * y. */
export function addScaled(a: number, x: readonly number[], b: number, y: readonly number[]): number[] {
  return x.map((v, i) => a * v + b * y[i]!);
}
