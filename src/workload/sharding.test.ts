import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { builtin } from '../catalog/catalog.ts';
import type { Parallelism, Training } from '../spec/types.ts';
import { analyseWorkload } from './analyse.ts';
import { forEachGroup, groupCount, groupSize } from './groups.ts';
import { expertGroups, rankSpace, replicasAlong } from './ranks.ts';
import type { Groups, Operation, Workload } from './types.ts';

const training: Training = {
  tokens: 1e12,
  sequence: 4096,
  batch: 64,
  microbatch: 1,
  precision: 'bf16',
  recompute: 'none',
  attention: 'fused',
  loss: 'fused',
  launch: 'eager',
};
const parallelism: Parallelism = {
  tensor: 2,
  pipeline: 1,
  expert: 1,
  data: 16,
  context: 1,
  sequence: true,
  zero: 3,
  schedule: '1f1b',
  virtualStages: 1,
  overlap: 'data',
  order: ['tensor', 'context', 'data', 'pipeline'],
};

function analyse(changes: Partial<Parallelism>, model = 'llama-3.1-8b'): Workload {
  const made = analyseWorkload(
    { model: builtin().find('model', model)!, training, parallelism: { ...parallelism, ...changes } },
    builtin(),
  );
  if (!made.ok) throw new Error(JSON.stringify(made.issues));
  return made.value;
}

const ofData = (w: Workload): Operation[] => w.operations.filter((o) => o.dimension.endsWith('data'));

function listed(groups: Groups): number[][] {
  const lists: number[][] = [];
  forEachGroup(groups, (members) => lists.push([...members]));
  return lists;
}

describe('hybrid sharding', () => {
  test('reduces within a copy and then, what each rank holds of it, between copies', () => {
    const w = analyse({ shard: 4 });
    const [forward, backward, reduce, between] = ofData(w).filter((o) => o.id.includes('dense-layers'));
    expect([forward, backward, reduce, between].map((o) => o!.kind)).toEqual([
      'all-gather',
      'all-gather',
      'reduce-scatter',
      'all-reduce',
    ]);
    // Tensor ranks are neighbours: copies are of ranks 0, 2, 4, 6, and the next begins at 8.
    expect(listed(reduce!.groups)[0]).toEqual([0, 2, 4, 6]);
    expect(listed(between!.groups)[0]).toEqual([0, 8, 16, 24]);
    expect(between!.bytesPerRank).toBe(reduce!.bytesPerRank / 4);
    expect(between!.count).toEqual(reduce!.count);
  });

  test('ZeRO 1 and 2 do so once a step', () => {
    const w = analyse({ shard: 4, zero: 1 });
    const layers = ofData(w).filter((o) => o.id.includes('dense-layers'));
    expect(layers.map((o) => o.kind)).toEqual(['reduce-scatter', 'all-reduce', 'all-gather']);
    expect(layers.map((o) => o.count)).toEqual([[32], [32], [32]]);
  });

  test('one copy is FSDP, a copy a rank is plain data parallelism', () => {
    expect(analyse({ shard: 16 })).toEqual(analyse({}));
    expect(analyse({ shard: 1 })).toEqual(analyse({ zero: 0 }));
    expect(analyse({ shard: 1, zero: 1 })).toEqual(analyse({ zero: 0 }));
  });

  test('context ranks share a copy with their data rank', () => {
    const { groups } = ofData(analyse({ shard: 1, context: 2, data: 8 }))[0]!;
    expect(listed(groups)[0]).toEqual([0, 2]);
  });

  test('no gradient is summed twice or left out, whatever the sizes', () => {
    const space = (data: number, context: number, tensor: number) =>
      rankSpace({ tensor, context, data, pipeline: 2, order: ['tensor', 'context', 'data', 'pipeline'] });
    fc.assert(
      fc.property(
        fc.constantFrom(2, 4, 6, 12),
        fc.constantFrom(1, 2, 3),
        fc.constantFrom(1, 2),
        fc.constantFrom(1, 2, 3, 6),
        fc.constantFrom(1, 2, 4),
        (data, context, tensor, shard, expert) => {
          fc.pre(data % shard === 0 && (tensor * shard) % expert === 0);
          const made = space(data, context, tensor);
          if (!made.ok) throw new Error('no space');
          const experts = expertGroups(made.value, expert, shard);
          const all = [replicasAlong(made.value, ['context'], shard)];
          if (experts.ok) all.push(experts.value.replicas);
          for (const { shard: within, copies } of all) {
            expect(groupSize(within) * groupCount(within)).toBe(made.value.ranks);
            expect(groupSize(copies)).toBe(data / shard);
            // Every pair of replicas meets in exactly one way: through a copy, then between copies.
            const copyOf = new Map<number, number>();
            for (const [i, members] of listed(within).entries()) for (const m of members) copyOf.set(m, i);
            for (const members of listed(copies)) {
              expect(new Set(members.map((m) => copyOf.get(m))).size).toBe(members.length);
            }
          }
        },
      ),
    );
  });

  test('experts lie within a copy', () => {
    const w = analyse({ tensor: 1, data: 64, expert: 8, shard: 16, sequence: false }, 'mixtral-8x7b');
    const of = (id: string): Operation => w.operations.find((o) => o.id === id)!;
    expect(listed(of('data-reduce-scatter-experts').groups)[0]).toEqual([0, 8]);
    expect(listed(of('data-all-reduce-experts').groups)[0]).toEqual([0, 16, 32, 48]);
    const { model } = { model: builtin().find('model', 'mixtral-8x7b')! };
    const refused = analyseWorkload(
      { model, training, parallelism: { ...parallelism, tensor: 1, data: 64, expert: 8, shard: 4 } },
      builtin(),
    );
    expect(refused.issues.map((i) => i.message).join()).toContain('tensor x shard');
  });
});
