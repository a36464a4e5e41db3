import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { builtin } from '../catalog/catalog.ts';
import type { Parallelism, Training } from '../spec/types.ts';
import { analyseWorkload } from './analyse.ts';
import { groupCount, groupSize } from './groups.ts';
import { DIMENSIONS } from './ranks.ts';
import type { Operation, Workload, WorkloadInput } from './types.ts';

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
  tensor: 1,
  pipeline: 1,
  expert: 1,
  data: 1,
  context: 1,
  sequence: false,
  zero: 0,
  schedule: '1f1b',
  virtualStages: 1,
  overlap: 'data',
  order: ['tensor', 'context', 'data', 'pipeline'],
};

interface Changes {
  readonly training?: Partial<Training>;
  readonly parallelism?: Partial<Parallelism>;
}

function input(model: string, changes: Changes): WorkloadInput {
  return {
    model: builtin().find('model', model)!,
    training: { ...training, ...changes.training },
    parallelism: { ...parallelism, ...changes.parallelism },
  };
}

function analyse(model: string, changes: Changes): Workload {
  const made = analyseWorkload(input(model, changes), builtin());
  if (!made.ok) throw new Error(JSON.stringify(made.issues));
  return made.value;
}

const ids = (w: Workload, dimension: Operation['dimension']) =>
  w.operations.filter((o) => o.dimension === dimension).map((o) => o.id);
const find = (w: Workload, id: string) => w.operations.find((o) => o.id === id)!;
/** Bytes that a rank of a stage hands to operations whose id starts so, a step. */
const bytes = (w: Workload, start: string, stage = 0) =>
  w.operations
    .filter((o) => o.id.startsWith(start))
    .reduce((s, o) => s + o.bytesPerRank * o.count[stage]!, 0);

describe('DeepSeek-V3 on 2,048 GPUs', () => {
  const w = analyse('deepseek-v3', {
    training: { batch: 15360, precision: 'fp8', recompute: 'selective' },
    parallelism: { pipeline: 16, expert: 64, data: 128, zero: 1, schedule: 'dualpipe' },
  });

  test('is 120 microbatches of one sequence', () => {
    expect(w).toMatchObject({
      ranks: 2048,
      pipeline: 16,
      stageStride: 128,
      microbatches: 120,
      tokensPerStep: 62914560,
    });
  });

  test('dispatches FP8 with scales and combines BF16, forward and backward', () => {
    expect(ids(w, 'expert')).toEqual([
      'expert-dispatch-forward',
      'expert-combine-forward',
      'expert-dispatch-backward',
      'expert-combine-backward',
    ]);
    expect(find(w, 'expert-dispatch-forward').tokens).toEqual({ perRank: 4096, bytesPerToken: 7392 });
    expect(find(w, 'expert-combine-backward').tokens).toEqual({ perRank: 4096, bytesPerToken: 14336 });
    expect(find(w, 'expert-dispatch-forward').groups.inner).toEqual([{ size: 64, stride: 1 }]);
    // Rank 0 runs stage 0 (no MoE layer) and stage 15 (three, MTP among them), 60 microbatches each.
    expect(find(w, 'expert-dispatch-forward').count[0]).toBe(180);
    expect(find(w, 'expert-dispatch-forward').count[1]).toBe(480);
  });

  test('sends activations both ways', () => {
    const count = (id: string) => find(w, id).count.slice(0, 2).concat(find(w, id).count[15]!);
    expect(count('pipeline-forward')).toEqual([60, 60, 0]);
    expect(count('pipeline-forward-mirrored')).toEqual([0, 60, 60]);
    expect(find(w, 'pipeline-backward-mirrored')).toMatchObject({
      direction: 'next',
      bytesPerRank: 4096 * 7168 * 2,
    });
  });

  test('reduces expert gradients over the two ranks that hold them, and adds the two copies of a stage', () => {
    const op = find(w, 'data-reduce-scatter-experts');
    expect(groupSize(op.groups)).toBe(2);
    expect(op.bytesPerRank).toBe(4 * 3 * 7168 * 2048 * 4);
    expect(find(w, 'dualpipe-gradients-experts').bytesPerRank).toBe(op.bytesPerRank / 2);
  });
});

describe('GPT-3 175B with TP 8, PP 8, DP 512 (HPN, Table 3)', () => {
  const w = analyse('gpt-3-175b', {
    training: { sequence: 2048, batch: 512 * 8 },
    parallelism: { tensor: 8, pipeline: 8, data: 512, sequence: true },
  });

  test('6 MB between pipeline ranks', () => {
    expect(find(w, 'pipeline-forward').bytesPerRank / 1e6).toBeCloseTo(6.3, 1);
  });

  test('5.5 GB of gradients when they are 16 bits wide; ours are 32', () => {
    expect(bytes(w, 'data-all-reduce', 3) / 2 / 1e9).toBeCloseTo(5.44, 1);
  });
});

describe('tensor parallelism', () => {
  const two = { tensor: 2, data: 2 };
  const message = 4096 * 16384 * 2;

  test('all-reduces twice a layer and pass, and once for the table at each end', () => {
    const w = analyse('llama-3.1-405b', { parallelism: two });
    expect(ids(w, 'tensor')).toEqual(['tensor-all-reduce-forward', 'tensor-all-reduce-backward']);
    expect(bytes(w, 'tensor-all-reduce-forward')).toBe(32 * (2 * 126 + 1) * message);
  });

  test('with sequence parallelism gathers and scatters as often, and gathers inputs again', () => {
    const w = analyse('llama-3.1-405b', { parallelism: { ...two, sequence: true } });
    expect(bytes(w, 'tensor-all-gather-forward')).toBe(32 * (2 * 126 + 1) * message);
    expect(bytes(w, 'tensor-reduce-scatter-forward')).toBe(32 * (2 * 126 + 1) * message);
    expect(bytes(w, 'tensor-all-gather-inputs')).toBe(32 * (2 * 126 + 1) * message);
  });

  test('full recomputation repeats what the forward pass said', () => {
    const w = analyse('llama-3.1-405b', {
      training: { recompute: 'full' },
      parallelism: { ...two, sequence: true },
    });
    expect(bytes(w, 'tensor-all-gather-recompute')).toBe(bytes(w, 'tensor-all-gather-forward'));
    expect(find(w, 'tensor-all-gather-recompute').phase).toBe('backward');
  });

  test('has one place in an MoE layer whose experts are all routed', () => {
    const w = analyse('mixtral-8x7b', { parallelism: { tensor: 2, data: 4, expert: 8, sequence: true } });
    expect(find(w, 'tensor-all-gather-forward').count[0]).toBe(16 * (32 + 1));
    expect(find(w, 'expert-dispatch-forward').tokens!.perRank).toBe(2048);
  });
});

test('context ranks gather keys and values, and scatter their gradients', () => {
  const w = analyse('llama-3.1-405b', { parallelism: { context: 4, data: 2 } });
  expect(ids(w, 'context')).toHaveLength(3);
  expect(find(w, 'context-all-gather-forward').bytesPerRank).toBe(4096 * 2 * 8 * 128 * 2);
  expect(find(w, 'context-all-gather-forward').count).toEqual([32 * 126]);
});

test('interleaving multiplies sends, and the last stage sends to the first', () => {
  const w = analyse('llama-3.1-405b', {
    parallelism: { pipeline: 3, data: 2, schedule: 'interleaved', virtualStages: 2 },
  });
  expect(find(w, 'pipeline-forward')).toMatchObject({ wrap: true, count: [64, 64, 32], direction: 'next' });
  expect(find(w, 'pipeline-backward').count).toEqual([32, 64, 64]);
});

test('ZeRO: all-reduce; scatter and gather; gathered for every microbatch', () => {
  const kinds = (zero: 0 | 1 | 2 | 3) => {
    const w = analyse('llama-3.1-8b', { parallelism: { data: 4, zero } });
    return w.operations
      .filter((o) => o.id.endsWith('dense-layers') || /dense-layers-/.test(o.id))
      .map((o) => [o.kind, o.count[0]]);
  };
  expect(kinds(0)).toEqual([['all-reduce', 32]]);
  expect(kinds(1)).toEqual([
    ['reduce-scatter', 32],
    ['all-gather', 32],
  ]);
  expect(kinds(2)).toEqual(kinds(1));
  expect(kinds(3)).toEqual([
    ['all-gather', 512],
    ['all-gather', 512],
    ['reduce-scatter', 512],
  ]);
});

test('gradients of a stage are its parameters, whatever the cut', () => {
  const w = analyse('mixtral-8x7b', {
    parallelism: { tensor: 2, data: 4, pipeline: 4, expert: 4, sequence: true },
  });
  let dense = 0;
  let experts = 0;
  for (let p = 0; p < 4; p++) {
    experts += (bytes(w, 'data-all-reduce-experts', p) / 4) * 4;
    dense += (bytes(w, 'data-all-reduce', p) - bytes(w, 'data-all-reduce-experts', p)) / 4;
  }
  // Two tensor ranks between them hold every sliced parameter; routers and norms twice.
  const replicated = 32 * (4096 * 8 + 2 * 4096) + 4096;
  expect(2 * dense + experts).toBeCloseTo(w.parameters.total + replicated, 0);
});

test('tied embeddings are added at both ends of the pipeline', () => {
  const w = analyse('gpt-3-175b', { parallelism: { pipeline: 4, data: 2 } });
  expect(find(w, 'embedding-gradients')).toMatchObject({ direction: 'mirror', count: [1, 0, 0, 1] });
});

test('what cannot be cut gives every issue at once', () => {
  const made = analyseWorkload(
    input('mixtral-8x7b', {
      training: { batch: 63, sequence: 4095 },
      parallelism: { tensor: 5, data: 2, context: 2, expert: 3, pipeline: 33, schedule: 'dualpipe' },
    }),
    builtin(),
  );
  expect(made.ok).toBe(false);
  expect(made.issues.map((i) => i.code)).toEqual([
    'not-divisible',
    'not-divisible',
    'not-divisible',
    'too-many-stages',
    'odd-pipeline',
    'not-divisible',
    'not-divisible',
    'expert-needs-sequence',
  ]);
  expect(made.issues.map((i) => i.path.join('.'))).toContain('training.batch');
});

test('any cut gives sound operations or issues, never a NaN', () => {
  const changes = fc.record({
    model: fc.constantFrom('deepseek-v3', 'mixtral-8x7b', 'llama-3.1-8b', 'gpt-3-175b'),
    tensor: fc.constantFrom(1, 2, 4, 8, 0, 3),
    pipeline: fc.constantFrom(1, 2, 4, 7),
    expert: fc.constantFrom(1, 2, 4, 8, 3),
    data: fc.constantFrom(1, 2, 4, 8),
    context: fc.constantFrom(1, 2),
    zero: fc.constantFrom(0 as const, 1 as const, 2 as const, 3 as const),
    schedule: fc.constantFrom('gpipe' as const, '1f1b' as const, 'dualpipe' as const),
    order: fc.shuffledSubarray([...DIMENSIONS], { minLength: 4 }),
    sequence: fc.boolean(),
    precision: fc.constantFrom('bf16' as const, 'fp8' as const, 'mxfp8' as const, 'nvfp4' as const),
    recompute: fc.constantFrom('none' as const, 'full' as const),
  });
  fc.assert(
    fc.property(changes, ({ model, precision, recompute, ...cut }) => {
      const made = analyseWorkload(
        input(model, { training: { precision, recompute }, parallelism: cut }),
        builtin(),
      );
      if (!made.ok) {
        expect(made.issues.length).toBeGreaterThan(0);
        return;
      }
      const { operations, ranks } = made.value;
      expect(new Set(operations.map((o) => o.id)).size).toBe(operations.length);
      for (const o of operations) {
        expect(groupSize(o.groups) * groupCount(o.groups)).toBe(ranks);
        expect(o.count).toHaveLength(cut.pipeline);
        expect(o.bytesPerRank).toBeGreaterThan(0);
        expect(o.count.every((n) => Number.isInteger(n) && n >= 0)).toBe(true);
      }
    }),
    { numRuns: 300 },
  );
});
