import type { Model } from '../catalog/types.ts';
import type { Parallelism, Training } from '../spec/types.ts';

/** What the job says to the network: the communication operations of one training step. */

/** The slices of the spec that stage 1 reads. */
export interface WorkloadInput {
  readonly model: Model;
  readonly training: Training;
  readonly parallelism: Parallelism;
}

export type OperationKind =
  | 'dispatch'
  | 'combine'
  | 'all-reduce'
  | 'reduce-scatter'
  | 'all-gather'
  | 'all-to-all'
  | 'send';

export type StepPhase = 'forward' | 'backward' | 'optimizer';

/**
 * Groups of ranks, strided, not listed. Ranks are the integers [0, ranks). A group's member m is
 * base + sum over `inner` of (digit * stride), the first inner dimension varying fastest; the bases run over
 * all digits of `outer` in the same way. The product of all sizes is the number of ranks.
 */
export interface Groups {
  readonly inner: readonly Strided[];
  readonly outer: readonly Strided[];
}

export interface Strided {
  readonly size: number;
  readonly stride: number;
}

/**
 * Where bytes for a GPU of another index change over: nowhere (NIC to NIC as addressed), at the sender
 * (NCCL's PXN: NVLink to the GPU of the destination's index, then its NIC) or at the receiver (DeepEP
 * dispatch: NIC of the source's index, NVLink on the far side).
 */
export type Forwarding = 'none' | 'sender' | 'receiver';

export interface Operation {
  /** Unique, such as 'expert-dispatch-forward'. */
  readonly id: string;
  readonly title: string;
  readonly kind: OperationKind;
  readonly phase: StepPhase;
  readonly dimension: 'tensor' | 'context' | 'expert' | 'pipeline' | 'data' | 'expert-data' | 'embedding';
  readonly groups: Groups;
  /**
   * Bytes a rank and invocation. all-reduce, reduce-scatter: the whole input vector; all-gather: the whole
   * output vector; all-to-all: the whole send buffer; dispatch, combine: tokensPerRank * bytesPerToken
   * (one copy of each token); send: the message.
   */
  readonly bytesPerRank: number;
  /** Dispatch and combine only. */
  readonly tokens?: { readonly perRank: number; readonly bytesPerToken: number };
  /** Invocations a step by pipeline stage, length pipeline; a rank's own count is that of its stage. */
  readonly count: readonly number[];
  /** What runs meanwhile, or null when nothing can hide it. */
  readonly overlaps: string | null;
  readonly forwarding: Forwarding;
  /**
   * send only: where each rank sends: to the next or the previous member of its group (without `wrap` the last
   * or the first sends nothing), or to the member that mirrors it (i to size - 1 - i; the middle one, nothing).
   */
  readonly direction?: 'next' | 'previous' | 'mirror';
  /** send only: the end of the group sends to its beginning (interleaved schedules). */
  readonly wrap?: boolean;
}

export interface Workload {
  readonly ranks: number;
  readonly pipeline: number;
  /** stage of rank r = floor(r / stageStride) mod pipeline. */
  readonly stageStride: number;
  readonly operations: readonly Operation[];
  /** Layers (MTP modules included) by pipeline stage; with DualPipe a rank holds two stages' parameters. */
  readonly layersByStage: readonly number[];
  readonly moeLayersByStage: readonly number[];
  readonly microbatches: number;
  readonly tokensPerStep: number;
  /** Without the MTP modules, as models are named; these are in `mtp`. */
  readonly parameters: { readonly total: number; readonly active: number; readonly mtp: number };
  /** Forward + backward model FLOPs a token, MTP left out: causal (lower triangle) and full attention. */
  readonly flopsPerToken: { readonly causal: number; readonly full: number };
}

/** What each pipeline stage holds, lists of length `pipeline`. Layers include MTP modules, which come last. */
export interface StageContents {
  readonly dense: readonly number[];
  readonly moe: readonly number[];
  readonly mtp: readonly number[];
  /** 1 on the stage with the embedding table, 0 elsewhere; likewise the head. */
  readonly embedding: readonly number[];
  readonly head: readonly number[];
}
