import { describe, expect, test } from 'vitest';
import { issue } from '../base/issue.ts';
import { fail, ok } from '../base/result.ts';
import { builtin } from '../catalog/catalog.ts';
import { PRESETS } from './presets.ts';
import type { SpecFiles } from './read.ts';
import { placeIssues, readSpec } from './read.ts';
import type { Spec } from './types.ts';

const catalog = builtin();
const none: SpecFiles = {
  read: (path) => fail([issue({ code: 'cannot-read', message: `cannot read ${path}` })]),
};

function read(text: string, files = none) {
  return readSpec(text, 'a.yaml', files, catalog);
}

function accepted(text: string, files = none): Spec {
  const result = read(text, files);
  if (!result.ok) throw new Error(JSON.stringify(result.issues));
  return result.value;
}

/** Code and place of each issue: 'unknown-key 3:5 parallelism.tensr'. */
function places(text: string, files = none): string[] {
  return read(text, files).issues.map((i) => `${i.code} ${i.line}:${i.column} ${i.path.join('.')}`);
}

const V3 = PRESETS['deepseek-v3']!;

describe('examples', () => {
  test.each(Object.entries(PRESETS))('%s is accepted without a warning', (_, text) => {
    const result = read(text);
    expect(result.issues).toEqual([]);
    expect(result.ok).toBe(true);
  });

  test.each(Object.entries(PRESETS))('examples/%s.yaml is the preset', async (name, text) => {
    await expect(text).toMatchFileSnapshot(`../../examples/${name}.yaml`);
  });

  test('DeepSeek-V3 in SI', () => {
    const spec = accepted(V3);
    expect(spec.training).toMatchObject({ tokens: 14.8e12, batch: 15360, precision: 'fp8' });
    expect(spec.parallelism).toMatchObject({ data: 128, expert: 64, sequence: false, virtualStages: 1 });
    expect(spec.traffic).toMatchObject({ experts: { kind: 'uniform' }, nodeLimit: 4, ecmpSeeds: 16 });
    expect(spec.cluster.network).toMatchObject({
      kind: 'generated',
      planes: 8,
      switch: { model: 'quantum-2-qm9700', ports: 64, portRate: 5e10 },
      oversubscription: { leaf: 1, spine: 1 },
    });
    expect(spec.expect[0]).toMatchObject({ path: ['fabric', 'switches'], op: '==', value: 96, line: 19 });
  });
});

describe('defaults', () => {
  const spec = accepted('model: deepseek-v3\ncluster: {node: hgx-h800, gpus: 2048}');

  test('three facts are enough, and the rest is listed with its reason', () => {
    expect(spec.parallelism).toMatchObject({ tensor: 1, data: 2048, expert: 64, schedule: '1f1b' });
    expect(spec.traffic.nodeLimit).toBe(4);
    expect(spec.cluster.network).toMatchObject({
      topology: 'auto',
      planes: 'auto',
      layers: 'auto',
      switch: { model: 'quantum-2-qm9700' },
    });
    expect(spec.defaults.find((d) => d.path === 'parallelism.data')).toEqual({
      path: 'parallelism.data',
      value: 2048,
      why: 'what the GPUs leave',
    });
    expect(spec.defaults.every((d) => d.why.length > 5)).toBe(true);
  });

  test('a switch of no catalog shape takes generic limits and says so', () => {
    const odd = accepted(
      'model: deepseek-v3\ncluster: {node: hgx-h800, gpus: 2048, network: {switch: 48x400G, transport: roce}}',
    );
    expect(odd.cluster.network).toMatchObject({
      switch: { model: 'generic-roce', ports: 48, portRate: 5e10 },
    });
    expect(odd.defaults.find((d) => d.path === 'cluster.network.switch')?.why).toContain('generic');
  });

  test('a seed given from outside counts', () => {
    expect(readSpec(V3, 'a', none, catalog, { seed: 7 })).toMatchObject({ value: { seed: 7 } });
  });
});

describe('form', () => {
  test('every error at once, each with its place', () => {
    const text = [
      'model: deepsek-v3',
      'training: {tokenz: 1T, batch: -4}',
      'cluster:',
      '  node: hgx-h800',
      '  gpus: 2048',
      '  network: {switch: 64x400, layers: 7}',
      'reliability:',
      '  checkpoint: {storage: 2}',
      'expect: [routng.maxLoad <= 1]',
    ].join('\n');
    const result = read(text);
    expect(
      result.issues.map((i) => [i.code, i.line, i.column, i.path.join('.'), i.nearest ?? i.hint]),
    ).toEqual([
      ['unknown-name', 1, 8, 'model', 'deepseek-v3'],
      ['unknown-key', 2, 12, 'training.tokenz', 'tokens'],
      ['out-of-range', 2, 31, 'training.batch', undefined],
      ['missing-unit', 6, 21, 'cluster.network.switch', 'did you mean 64x400G?'],
      ['out-of-range', 6, 37, 'cluster.network.layers', undefined],
      ['missing-unit', 8, 25, 'reliability.checkpoint.storage', 'did you mean 2 TB/s?'],
      ['unknown-name', 9, 10, 'expect.0', 'routing'],
    ]);
  });

  test.each<[string, string, string]>([
    ['nothing', '', 'empty'],
    ['a list', '- a\n- b', 'wrong-type'],
    ['a scalar', '42', 'wrong-type'],
    ['two documents', `${V3}\n---\n${V3}`, 'yaml-syntax'],
    ['broken YAML', 'model: [deepseek-v3\ncluster: {', 'yaml-syntax'],
    ['a key twice', `${V3}seed: 2\n`, 'duplicate-key'],
    ['a missing key', 'model: deepseek-v3', 'missing-key'],
    ['an empty value', V3.replace('seed: 1', 'seed:'), 'empty'],
    ['NaN', V3.replace('seed: 1', 'seed: .nan'), 'not-finite'],
    ['infinity', V3.replace('gpus: 2048', 'gpus: .inf'), 'not-finite'],
    ['zero', V3.replace('gpus: 2048', 'gpus: 0'), 'out-of-range'],
    ['a fraction', V3.replace('gpus: 2048', 'gpus: 2048.5'), 'not-an-integer'],
    ['a deep nest', `model: ${'['.repeat(60)}${']'.repeat(60)}`, 'too-deep'],
    ['a lost alias', 'model: *x', 'yaml-alias'],
  ])('%s is refused', (_, text, code) => {
    const result = read(text);
    expect(result.ok).toBe(false);
    expect(result.issues.map((i) => i.code)).toContain(code);
    expect(result.issues.every((i) => i.file === 'a.yaml' && i.message !== '')).toBe(true);
  });

  test('anchors that multiply are refused', () => {
    const bomb = [
      'a0: &a0 [x, x]',
      ...Array.from({ length: 20 }, (_, i) => `a${i + 1}: &a${i + 1} [${`*a${i}, `.repeat(10)}]`),
    ].join('\n');
    expect(places(bomb)[0]).toContain('yaml-alias');
  });

  test('garbage of any size takes bounded time and gives few, short issues', () => {
    const garbage = [
      '\u0000x'.repeat(5e6),
      '{a: '.repeat(30_000),
      '['.repeat(120_000),
      `[${','.repeat(120_000)}`,
      'a: b: '.repeat(20_000),
      'k\n'.repeat(60_000),
      Array.from({ length: 10_000 }, (_, i) => `k${i}: 1`).join('\n'),
      `model: {${Array.from({ length: 10_000 }, (_, i) => `k${i}: 1`).join(', ')}}`,
    ];
    for (const text of garbage) {
      const result = read(text);
      expect(result.ok).toBe(false);
      expect(result.issues.length).toBeLessThanOrEqual(51);
      expect(JSON.stringify(result.issues).length).toBeLessThan(100_000);
    }
  });
});

test('issues of later stages get their place in the spec', () => {
  const late = issue({
    code: 'radix-too-small',
    path: ['cluster', 'network', 'layers'],
    message: 'too small',
  });
  expect(placeIssues([late], V3, 'a.yaml')).toMatchObject([
    { file: 'a.yaml', line: 13, column: 64, found: '2' },
  ]);
});

describe('files', () => {
  const config = {
    model_type: 'deepseek_v3',
    hidden_size: 7168,
    num_hidden_layers: 61,
    vocab_size: 129280,
    num_attention_heads: 128,
    num_key_value_heads: 128,
    q_lora_rank: 1536,
    kv_lora_rank: 512,
    qk_nope_head_dim: 128,
    qk_rope_head_dim: 64,
    v_head_dim: 128,
    intermediate_size: 18432,
    n_routed_experts: 256,
    num_experts_per_tok: 8,
    n_shared_experts: 1,
    moe_intermediate_size: 2048,
    first_k_dense_replace: 3,
    num_nextn_predict_layers: 1,
    n_group: 8,
    topk_group: 4,
    tie_word_embeddings: false,
  };
  const files: SpecFiles = {
    read: (path) => {
      const content: Record<string, string> = {
        'hf/config.json': JSON.stringify(config),
        'bad.json': '{"hidden_size": "x"}',
        'fabric.json': '{}',
        'hosts.txt': '# the job\nnode-1\nnode-2 # spare\n',
        'ranks.txt': '8 9 10 11 12 13 14 15, 0 1 2 3 4 5 6 7',
      };
      return content[path] === undefined ? none.read(path) : ok(content[path]);
    },
  };

  test('a Hugging Face config.json is the catalog entry', () => {
    const {
      id: _,
      name: _n,
      source: _s,
      date: _d,
      confidence: _c,
      ...shape
    } = accepted('model: hf/config.json\ncluster: {node: hgx-h800, gpus: 2048}', files).model;
    expect(catalog.find('model', 'deepseek-v3')).toMatchObject(shape);
    expect(read('model: bad.json\ncluster: {node: hgx-h800, gpus: 8}', files).issues.length).toBeGreaterThan(
      3,
    );
  });

  test('an imported fabric with hosts and a rank map', () => {
    const spec = accepted(
      'model: llama-3.1-8b\ncluster: {node: hgx-h100, gpus: 16, network: {import: fabric.json, hosts: hosts.txt, rankMap: ranks.txt}}',
      files,
    );
    expect(spec.cluster.network).toMatchObject({ kind: 'imported', text: '{}', hosts: ['node-1', 'node-2'] });
    expect(spec.cluster.placement).toEqual([8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7]);
    expect(
      places(
        'model: llama-3.1-8b\ncluster: {node: hgx-h100, gpus: 32, network: {import: fabric.json, hosts: hosts.txt}}',
        files,
      )[0],
    ).toContain('cluster.network.hosts');
    expect(
      places(
        'model: llama-3.1-8b\ncluster: {node: hgx-h100, gpus: 16, network: {import: fabric.json, layers: 2}}',
        files,
      ),
    ).toEqual(['unknown-key 2:68 cluster.network.layers']);
  });

  test('a model given inline', () => {
    const text =
      'model: {layers: 2, hidden: 64, vocabulary: 100, attention: {kind: mha, heads: 4}, ffn: {kind: plain, intermediate: 256}}\ncluster: {node: hgx-h100, gpus: 8}';
    expect(accepted(text).model).toMatchObject({ layers: 2, attention: { kvHeads: 4, headDim: 16 }, mtp: 0 });
    expect(places(text.replace('heads: 4', 'heads: 4, head: 1'))).toEqual([
      'unknown-key 1:82 model.attention.head',
    ]);
    expect(places(text.replace('layers: 2, ', ''))).toEqual(['missing-key 1:1 model.layers']);
  });
});
