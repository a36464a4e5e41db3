import type { Operation } from '../workload/types.ts';

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
