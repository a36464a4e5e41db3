import type { Catalog, Model } from '../catalog/types.ts';
import type { Training } from '../spec/types.ts';
import type { ModelParts } from './architecture.ts';
import type { RankSpace, Replicas } from './ranks.ts';
import type { Sharding } from './sharding.ts';
import type { Repetition } from './stages.ts';
import type { Groups, Operation, StageContents, WorkloadInput } from './types.ts';

/** What every family of operations is worked out from. */
export interface Job extends WorkloadInput {
  readonly parts: ModelParts;
  readonly space: RankSpace;
  readonly stages: StageContents;
  readonly repeat: Repetition;
  readonly microbatches: number;
  /** Tokens of a microbatch that a context rank holds. */
  readonly tokens: number;
  readonly widths: Widths;
  /** Null for expert = 1. */
  readonly expertGroups: { readonly groups: Groups; readonly replicas: Replicas } | null;
  readonly sharding: Sharding;
}

/** Bytes of one number as it crosses the network. */
export interface Widths {
  /** Activations and their gradients: BF16. */
  readonly activation: number;
  /** Parameters as they are gathered: BF16. */
  readonly parameter: number;
  /**
   * Gradients are summed over data ranks in FP32: Megatron-LM's rule for BF16 training, Llama 3 (section 3.3.2)
   * and DeepSeek-V3 (section 3.3.3, high-precision gradients).
   */
  readonly gradient: number;
  /** A token as it is dispatched to experts. */
  readonly dispatchedToken: number;
}

/**
 * Tokens are dispatched in the training precision with a scale for every block of numbers (FP8: FP32 scales of 128
 * numbers; DeepEP and DeepSeek-V3, section 3.3.3), in BF16 without.
 */
export function widths(model: Model, precision: Training['precision'], catalog: Catalog): Widths {
  const bf16 = catalog.get('precision.bf16.bytes').value;
  let dispatchedToken = model.hidden * bf16;
  if (precision !== 'bf16' && model.experts !== undefined) {
    const blocks = Math.ceil(model.hidden / catalog.get(`${precision}.scale-block`).value);
    const scales = blocks * catalog.get(`${precision}.scale-bytes`).value;
    dispatchedToken = model.hidden * catalog.get(`precision.${precision}.bytes`).value + scales;
  }
  const parameter = catalog.get('parameter.bytes').value;
  return { activation: bf16, parameter, gradient: catalog.get('gradient.bytes').value, dispatchedToken };
}

/** The same operation again in the backward pass, where full recomputation repeats the forward one. */
export function withRecompute(job: Job, operations: readonly Operation[]): Operation[] {
  if (job.training.recompute !== 'full') return [...operations];
  const again = operations
    .filter((o) => o.phase === 'forward')
    .map(
      (o): Operation => ({
        ...o,
        id: o.id.replace(/forward$/, 'recompute'),
        title: `${o.title}, recomputed`,
        phase: 'backward',
      }),
    );
  return [...operations, ...again];
}
