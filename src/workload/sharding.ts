import type { Parallelism } from '../spec/types.ts';

/** How ZeRO divides what replicas hold. */
export interface Sharding {
  /** The stage in effect: a copy that one rank holds is whole. */
  readonly zero: Parallelism['zero'];
  /** Data ranks to a copy; with stage 0 the state of each is whole, and gradients are summed over all of them at once. */
  readonly ranks: number;
}

/**
 * Hybrid sharding (HSDP: Zhao et al., arXiv 2304.11277, section 3.2.2; MiCS: Zhang et al., arXiv 2205.00119): `shard` data
 * ranks, each with its context ranks, share a copy. All of them: plain ZeRO; one: plain data parallelism.
 */
export function shardingOf({ zero, data, context, shard = data }: Parallelism): Sharding {
  return zero === 0 || shard * context === 1 ? { zero: 0, ranks: data } : { zero, ranks: shard };
}
