import { describe, expect, test } from 'vitest';
import { issue } from '../base/issue.ts';
import { fail } from '../base/result.ts';
import { builtin } from '../catalog/catalog.ts';
import { PRESETS } from './presets.ts';
import { readSpec } from './read.ts';

const files = { read: () => fail([issue({ code: 'cannot-read', message: 'none' })]) };
const V3 = PRESETS['deepseek-v3']!;

function read(text: string) {
  return readSpec(text, 'a.yaml', files, builtin());
}

/** Code and place of each issue: 'conflict 2:23 training.precision'. */
function places(text: string): string[] {
  return read(text).issues.map((i) => `${i.code} ${i.line}:${i.column} ${i.path.join('.')}`);
}

describe('sense', () => {
  const swap = (from: string, to: string) => {
    expect(V3).toContain(from);
    return read(V3.replace(from, to)).issues;
  };

  test('the product of the parallelism is compared with the GPUs', () => {
    const issues = swap('data: 128', 'data: 100');
    expect(issues.find((i) => i.code === 'product-mismatch')).toMatchObject({
      line: 8,
      found: '1,600',
      nearest: 'data: 128',
      message: expect.stringContaining('1 x 16 x 100 x 1 = 1,600, and the cluster has 2,048 GPUs'),
    });
  });

  test.each<[string, string, string, string, string]>([
    ['expert groups divide the ranks', 'expert: 64', 'expert: 96', 'parallelism.expert', '64'],
    ['copies are equal', 'zero: 1', 'zero: 1, shard: 96', 'parallelism.shard', '64'],
    ['expert groups lie in a copy', 'zero: 1', 'zero: 1, shard: 16', 'parallelism.shard', '64'],
    ['ZeRO 0 has no copies', 'zero: 1', 'zero: 0, shard: 64', 'parallelism.shard', 'zero: 3'],
    ['expert groups divide the experts', 'expert: 64', 'expert: 512', 'parallelism.expert', '128'],
    ['the batch fills the replicas', 'batch: 15360', 'batch: 15361', 'training.batch', '15360'],
    [
      'stages have layers',
      'pipeline: 16, expert: 64, data: 128',
      'pipeline: 128, expert: 16, data: 16',
      'parallelism.pipeline',
      'at most 62 stages',
    ],
    [
      'heads split',
      'tensor: 1, pipeline: 16, expert: 64, data: 128',
      'tensor: 256, pipeline: 1, expert: 64, data: 8',
      'parallelism.tensor',
      '128',
    ],
    [
      'dualpipe has microbatches',
      'batch: 15360',
      'batch: 2048',
      'parallelism.schedule',
      'batch: 4096 gives 32 microbatches',
    ],
    ['servers are whole', 'gpus: 2048', 'gpus: 2050', 'cluster.gpus', '2048'],
    ['a token finds its experts', 'expert: 64, data', 'expert: 128, data', '', ''],
    ['planes share the NICs', 'planes: 8', 'planes: 3', 'cluster.network.planes', 'a divisor of 8'],
    ['a switch makes a tree', '64x400G', '2x400G', 'cluster.network.switch', 'at least 4 ports'],
  ])('%s', (_, from, to, path, says) => {
    const issues = swap(from, to);
    if (path === '') return expect(issues).toEqual([]);
    const found = issues.find((i) => i.path.join('.') === path);
    expect(`${found?.nearest} ${found?.allowed} ${found?.hint}`).toContain(says);
  });

  test('precision, rank maps, weights and imports are checked too', () => {
    expect(
      places('model: gpt-3-175b\ntraining: {precision: fp8}\ncluster: {node: hgx-a100-8nic, gpus: 8}'),
    ).toEqual(['conflict 2:23 training.precision']);
    expect(
      places(
        'model: llama-3.1-8b\ncluster: {node: hgx-h100, gpus: 8, placement: [0, 1, 2, 3, 4, 5, 6, 6]}',
      )[0],
    ).toContain('duplicate-name');
    expect(
      places('model: llama-3.1-8b\ntraffic: {experts: [1, 2]}\ncluster: {node: hgx-h100, gpus: 8}'),
    ).toEqual([]);
    expect(
      places('model: mixtral-8x7b\ntraffic: {experts: [1, 2]}\ncluster: {node: hgx-h100, gpus: 8}')[0],
    ).toContain('wrong-length 2:20');
    expect(
      places('model: llama-3.1-8b\ncluster: {node: hgx-h100, gpus: 8, network: {import: f.json}}'),
    ).toEqual(['cannot-read 2:54 cluster.network.import']);
  });
});
