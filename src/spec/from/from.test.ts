import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { issue } from '../../base/issue.ts';
import { fail } from '../../base/result.ts';
import { builtin } from '../../catalog/catalog.ts';
import { readSpec } from '../read.ts';
import { specFrom } from './from.ts';

const catalog = builtin();
const files = { read: () => fail([issue({ code: 'cannot-read', message: 'none' })]) };

function adopt(name: string, options = {}) {
  const text = readFileSync(`test/fixtures/from/${name}`, 'utf8');
  const made = specFrom(text, name, options, catalog);
  if (!made.ok) throw new Error(JSON.stringify(made.issues));
  const spec = readSpec(made.value, name, files, catalog);
  if (!spec.ok) throw new Error(JSON.stringify(spec.issues));
  return { text: made.value, values: parse(made.value), spec: spec.value, issues: made.issues };
}

const messages = (issues: readonly { readonly message: string }[]) => issues.map((i) => i.message).join('\n');

describe('a Megatron-LM script', () => {
  const { text, spec, issues } = adopt('megatron-175b.sh');

  test('variables, arrays, arithmetic and continued lines are followed', () => {
    expect(spec.model).toMatchObject({
      layers: 96,
      hidden: 12288,
      // 50,257 entries of GPT-2's tokenizer, padded to a multiple of 128 x tensor 8.
      vocabulary: 51200,
      attention: { kind: 'mha', heads: 96, headDim: 128 },
      ffn: { kind: 'plain', intermediate: 49152 },
      tiedEmbeddings: true,
      positions: 2048,
    });
    expect(spec.training).toMatchObject({
      batch: 64 * 24,
      microbatch: 1,
      sequence: 2048,
      recompute: 'selective',
    });
    expect(spec.training.tokens).toBe(500_000 * 1536 * 2048);
    expect(spec.parallelism).toMatchObject({
      tensor: 8,
      pipeline: 16,
      data: 4,
      zero: 1,
      schedule: 'interleaved',
      virtualStages: 2,
      sequence: true,
    });
    expect(spec.cluster.gpus).toBe(512);
  });

  test('what is not known is said, each value shows where it came from', () => {
    expect(messages(issues)).toContain("'--frobnicate-level' is not known here");
    expect(messages(issues)).not.toContain('--lr');
    expect(text).toContain('node: hgx-h100  # PLACEHOLDER');
    expect(text).toContain('batch: 1536  # --global-batch-size 1536');
  });

  test("the user's word replaces a placeholder", () => {
    const own = adopt('megatron-175b.sh', { node: 'hgx-a100-8nic', gpus: 1024 });
    expect(own.spec.cluster).toMatchObject({ gpus: 1024, node: { id: 'hgx-a100-8nic' } });
    expect(own.spec.parallelism.data).toBe(8);
    expect(own.text).not.toContain('PLACEHOLDER');
  });
});

test('Megatron-LM flags of a mixture of experts are those of the catalog', () => {
  const { spec } = adopt('megatron-moe.args', { node: 'hgx-h800', gpus: 1024 });
  const known = catalog.find('model', 'deepseek-v3')!;
  const { layers, hidden, attention, ffn, experts, mtp, tiedEmbeddings } = spec.model;
  // Key-value heads of MLA are as many as query heads, which flags do not say twice.
  expect({ layers, hidden, attention, ffn, experts, mtp, tiedEmbeddings }).toEqual({
    layers: known.layers,
    hidden: known.hidden,
    attention: known.attention,
    ffn: known.ffn,
    experts: known.experts,
    mtp: known.mtp,
    tiedEmbeddings: known.tiedEmbeddings,
  });
  expect(spec.training).toMatchObject({ precision: 'fp8', recompute: 'full', tokens: 2.4e12 });
  expect(spec.parallelism).toMatchObject({ expert: 64, pipeline: 16, data: 64 });
});

test('a DeepSpeed configuration holds no model, and says so', () => {
  const { spec, text, issues } = adopt('deepspeed.json');
  expect(spec.training).toMatchObject({ batch: 1024, microbatch: 4, recompute: 'full' });
  expect(spec.parallelism).toMatchObject({ data: 32, zero: 3 });
  expect(text).toMatch(
    /model: \S+ {2}# PLACEHOLDER, put your own: a DeepSpeed configuration holds no model/u,
  );
  expect(messages(issues)).toContain('offload_optimizer');
  expect(messages(issues)).toContain("'frobnicate' is not known here");
});

test('a torchtitan job', () => {
  const { spec, issues } = adopt('torchtitan.toml');
  expect(spec.model.id).toBe('llama-3.1-405b');
  expect(spec.training).toMatchObject({
    batch: 128,
    microbatch: 2,
    sequence: 8192,
    precision: 'fp8',
    recompute: 'full',
  });
  expect(spec.parallelism).toMatchObject({ tensor: 8, data: 64, zero: 3, sequence: true });
  expect(spec.cluster.gpus).toBe(512);
  expect(messages(issues)).toContain("'training.frobnicate' is not known here");
});

describe('hybrid sharding', () => {
  const torchtitan = `[model]\nname = "llama3"\nflavor = "8B"\n[training]\nlocal_batch_size = 1\nseq_len = 8192
[parallelism]\ndata_parallel_replicate_degree = 4\ndata_parallel_shard_degree = 16\n`;
  const megatron = `torchrun --nproc_per_node 8 --nnodes 8 pretrain_gpt.py --num-layers 32 --hidden-size 4096
    --num-attention-heads 32 --vocab-size 32000 --seq-length 4096 --micro-batch-size 1 --global-batch-size 128
    --no-position-embedding --tensor-model-parallel-size 2 --use-distributed-optimizer
    --num-distributed-optimizer-instances 4 --bf16`;
  const mics = `{"train_batch_size": 64, "train_micro_batch_size_per_gpu": 1, "gradient_accumulation_steps": 1,
    "bf16": {"enabled": true}, "zero_optimization": {"stage": 3, "mics_shard_size": 8}}`;

  test.each([
    ['torchtitan', torchtitan, { data: 64, shard: 16, zero: 3 }],
    ['Megatron-LM', megatron.replaceAll('\n', ' '), { data: 32, shard: 8, zero: 1 }],
    ['DeepSpeed MiCS', mics, { data: 64, shard: 8, zero: 3 }],
  ])('of %s is read', (_, text, expected) => {
    const made = specFrom(text, 'x', { node: 'hgx-h100' }, catalog);
    if (!made.ok) throw new Error(JSON.stringify(made.issues));
    const read = readSpec(made.value, 'x', files, catalog);
    if (!read.ok) throw new Error(JSON.stringify(read.issues));
    expect(read.value.parallelism).toMatchObject(expected);
  });
});

test('a Hugging Face config.json is the catalog entry of the same model', () => {
  const { spec } = adopt('config.json', { node: 'hgx-h100', gpus: 64 });
  const known = catalog.find('model', 'mixtral-8x7b')!;
  expect(spec.model).toMatchObject({
    layers: known.layers,
    attention: known.attention,
    experts: known.experts,
  });
});

test.each([
  ['not a configuration', 'hello', 'unknown-format'],
  ['broken TOML', '[model]\nname = "x', 'toml-syntax'],
  ['broken JSON', '{"train_batch_size": ', 'not-json'],
  [
    'degrees that do not fit',
    'torchrun --nproc_per_node 8 --nnodes 1 a.py --num-layers 8 --hidden-size 64 --num-attention-heads 6 --tensor-model-parallel-size 4 --vocab-size 100 --no-position-embedding',
    'indivisible',
  ],
])('%s is an issue', (_, text, code) => {
  const made = specFrom(text, 'x', {}, catalog);
  expect(made.ok).toBe(false);
  expect(made.issues.map((i) => i.code)).toContain(code);
});
