import { describe, expect, it } from 'vitest';
import { builtin } from '../catalog/catalog.ts';
import type { Parallelism } from '../spec/types.ts';
import { countParameters } from '../workload/architecture.ts';
import { fsdpTrials, prepareTrial } from './trials.ts';

const catalog = builtin();
const trial = fsdpTrials(catalog).find((t) => t.parallelism.data === 64)!;
const stepOf = (parallelism: Partial<Parallelism>) =>
  prepareTrial({ ...trial, parallelism: { ...trial.parallelism, ...parallelism } }, catalog).run();

describe('the step of hybrid sharding', () => {
  it('divides 2 + 4 + 12 bytes a parameter by the ranks of a copy', () => {
    const { total } = countParameters(trial.model);
    for (const shard of [8, 16, 32]) {
      const [own] = stepOf({ shard }).memory.stages;
      expect(own!.weights).toBeCloseTo((2 * total) / shard, -2);
      expect(own!.gradients).toBeCloseTo((4 * total) / shard, -2);
      expect(own!.optimizer).toBeCloseTo((12 * total) / shard, -2);
      expect(own!.activations).toBe(stepOf({}).memory.stages[0]!.activations);
    }
  });

  it('is FSDP where all share one copy, and plain data parallelism where each has its own', () => {
    expect(stepOf({ shard: 64 })).toEqual(stepOf({}));
    // But for what to change where it does not fit: each has remedies of its own.
    expect({ ...stepOf({ shard: 1 }), notes: [] }).toEqual({ ...stepOf({ zero: 0 }), notes: [] });
  });

  it('gathers within servers what FSDP gathers across the network', () => {
    const communication = (p: Partial<Parallelism>): number => {
      const changed = { ...trial, parallelism: { ...trial.parallelism, ...p } };
      const { sharded } = prepareTrial(changed, catalog).table;
      return sharded.forward[0]!;
    };
    expect(communication({ shard: 8 })).toBeLessThan(0.75 * communication({}));
  });
});
