import fc from 'fast-check';
import { expect, test } from 'vitest';
import { builtin } from '../catalog/catalog.ts';
import { repetition, spreadLayers } from './stages.ts';

const v3 = builtin().find('model', 'deepseek-v3')!;
const sum = (x: readonly number[]) => x.reduce((a, b) => a + b, 0);
const layers = (c: { dense: readonly number[]; moe: readonly number[] }) =>
  c.dense.map((n, i) => n + c.moe[i]!);

test('DeepSeek-V3 on 16 stages: 61 layers and one MTP module, three at both ends', () => {
  const contents = spreadLayers(v3, 16, 1);
  expect(layers(contents)).toEqual([3, ...Array.from({ length: 14 }, () => 4), 3]);
  expect(contents.dense).toEqual([3, ...Array.from({ length: 15 }, () => 0)]);
  expect(contents.mtp[15]).toBe(1);
});

test('Llama 3.1 405B on 16 stages: one layer fewer on the first and the last, as its report says', () => {
  const contents = spreadLayers(builtin().find('model', 'llama-3.1-405b')!, 16, 1);
  expect(layers(contents)).toEqual([7, ...Array.from({ length: 14 }, () => 8), 7]);
});

test('no layer is lost, stages differ by one layer a chunk at most, dense ones come first', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 3 }), (pipeline, chunks) => {
      const contents = spreadLayers(v3, pipeline, chunks);
      const perStage = layers(contents);
      expect(sum(perStage)).toBe(62);
      expect(sum(contents.dense)).toBe(3);
      expect(sum(contents.mtp)).toBe(1);
      expect(Math.max(...perStage) - Math.min(...perStage)).toBeLessThanOrEqual(chunks);
      expect(contents.embedding[0]).toBe(1);
      expect(contents.head[pipeline - 1]).toBe(1);
    }),
  );
});

test('DualPipe: both copies of a stage, half of the microbatches from either end', () => {
  const { perMicrobatch, perStep } = repetition('dualpipe', 5);
  expect(perMicrobatch([1, 2, 3, 4])).toEqual([3 + 8, 6 + 6, 9 + 4, 12 + 2]);
  expect(perStep([1, 2, 3, 4])).toEqual([5, 5, 5, 5]);
  expect(repetition('1f1b', 5).perMicrobatch([1, 2])).toEqual([5, 10]);
});
