import type { MixtureOfExperts } from '../catalog/types.ts';
import type { Collective, TrafficSpec } from '../spec/types.ts';
import type { Operation, Workload } from '../workload/types.ts';
import type { Tuner } from './tuner.ts';

/** What stage 2 reads. */
export interface TrafficInput {
  readonly workload: Workload;
  readonly gpusPerNode: number;
  /** For each rank the GPU (node * gpusPerNode + index) that runs it; left out: rank order. */
  readonly rankMap?: readonly number[] | undefined;
  readonly traffic: Pick<TrafficSpec, 'experts' | 'nodeLimit' | 'collective'>;
  readonly experts?: Pick<MixtureOfExperts, 'routed' | 'active'> | undefined;
  readonly seed: number;
  /** Who chooses where the collective is 'auto'; left out: rings. */
  readonly tuner?: Tuner;
}

/**
 * Where each rank sits: virtual node and index in the node. Placement moves whole virtual nodes, so who
 * shares a node is known before the fabric is.
 */
export interface RankLayout {
  readonly ranks: number;
  readonly nodes: number;
  readonly gpusPerNode: number;
  /** Length ranks. */
  readonly node: Int32Array;
  /** Length ranks. */
  readonly index: Int32Array;
  /** Inverse: rank at node * gpusPerNode + index, or -1. */
  readonly rankAt: Int32Array;
}

export const Via = { scaleUp: 0, network: 1 } as const;

/**
 * The transfers that carry one invocation of one operation, after the collective algorithm, de-duplication
 * and forwarding: rank to rank, each either inside a node (scaleUp) or from the NIC of `from` to the
 * NIC of `to` (network; always between different nodes). Structure of arrays, length `count`.
 */
export interface Transfers {
  readonly operation: Operation;
  readonly count: number;
  readonly from: Int32Array;
  readonly to: Int32Array;
  readonly bytes: Float64Array;
  readonly via: Uint8Array;
  /**
   * Pipeline stage of the group that the transfer works for (not always that of `from`: a forwarder may belong to
   * another). It happens operation.count[stage] times a step. Stages with a count of 0 have no transfers.
   */
  readonly stage: Uint16Array;
  /** How an all-reduce, reduce-scatter or all-gather runs; absent for the others. */
  readonly algorithm?: Exclude<Collective, 'auto'>;
  /** Rounds in which the transfers depend on one another (latency terms). */
  readonly rounds: number;
}

/** Sparse demand in CSR: row `i` sends bytes[k] to column[k], k in [start[i], start[i + 1]), columns ascending. */
export interface Demand {
  readonly level: 'rank' | 'node' | 'nic' | 'plane' | 'leaf';
  /** Operation id, or 'step' for the whole step. */
  readonly operation: string;
  readonly rows: number;
  readonly start: Uint32Array;
  readonly column: Uint32Array;
  readonly bytes: Float64Array;
}

/** Share of a token's copies that reach each rank and each node of an expert group. */
export interface ExpertShares {
  /** P(a token needs some expert on member m), length group size. */
  readonly rank: Float64Array;
  /** P(a token needs some expert on the node of member m), by node slot of the group. */
  readonly node: Float64Array;
  /** Tokens sampled; 0 when the value is by symmetry from a sampled mean. */
  readonly sampled: number;
}

export interface Traffic {
  readonly layout: RankLayout;
  readonly transfers: readonly Transfers[];
}

/** Entries of a demand in any order, repeats allowed: entry k is bytes[k] from row[k] to column[k]. */
export interface Entries {
  readonly count: number;
  readonly row: ArrayLike<number>;
  readonly column: ArrayLike<number>;
  readonly bytes: ArrayLike<number>;
}

/** Bytes of a step, all ranks together, by operation. */
export interface OperationBytes {
  readonly operation: string;
  readonly dimension: string;
  /** Within nodes, forwarding legs included. */
  readonly intraNode: number;
  readonly interNode: number;
}

/** Traffic without a workload, as the fabric commands take it: one unit a pair. */
export type PatternSpec =
  | { readonly kind: 'all-to-all' }
  | { readonly kind: 'same-rail' }
  | { readonly kind: 'permutation' }
  | { readonly kind: 'random' }
  | { readonly kind: 'shift'; readonly by: number }
  | { readonly kind: 'incast'; readonly senders: number };

/** Where the endpoints are, lists of length `count`. */
export interface PatternEndpoints {
  readonly count: number;
  readonly host: Int32Array;
  /** Endpoints of different rails exchange nothing but under all-to-all; give planes where they are disjoint. */
  readonly rail: ArrayLike<number>;
}

/** Pair k sends bytes[k] from endpoint src[k] to endpoint dst[k]. */
export interface PairDemand {
  readonly count: number;
  readonly src: Int32Array;
  readonly dst: Int32Array;
  readonly bytes: Float64Array;
}

/** One part of `--traffic`; `label` is what the user wrote, less the priority. */
export type TrafficRequest = {
  readonly label: string;
  /** Above 0; 1 when none was given. */
  readonly priority: number;
} & (
  | { readonly kind: 'pattern'; readonly spec: PatternSpec }
  | { readonly kind: 'plan' | 'matrix' | 'flows'; readonly file: string }
);
