import { expect, it } from 'vitest';
import { builtin } from '../catalog/catalog.ts';
import type { Training } from '../spec/types.ts';
import { mixtureTrials } from './mixture-trials.ts';
import { heldOutTrials } from './nemo-trials.ts';
import { prepareTrial } from './trials.ts';
import type { Trial } from './types.ts';

const catalog = builtin();
const seconds = (trial: Trial, training: Partial<Training>): number =>
  prepareTrial({ ...trial, training: { ...trial.training, ...training } }, catalog).run().seconds;

it('the host sets the pace of kernels that are shorter than their launches, and of no others', () => {
  const small = mixtureTrials(catalog).find((t) => t.id.includes('30b-a3b.b200.mxfp8.26'))!;
  // 48 layers, 64 microbatches, 2.5 ms and 0.33 ms for each of 16 experts: all that is shorter waits.
  const launched = 48 * 64 * (2.5e-3 + 16 * 0.33e-3);
  expect(seconds(small, {})).toBeGreaterThan(launched);
  expect(seconds(small, { launch: 'graph' })).toBeLessThan(0.65 * launched);
  const large = heldOutTrials(catalog, 'DGXC').find((t) => t.id === 'DGXC.LLAMA3-70B.bf16.64')!;
  expect(seconds(large, {})).toBe(seconds(large, { launch: 'graph' }));
});

it('a fused loss passes over the logits fewer times', () => {
  const words = heldOutTrials(catalog, 'DGXC').find((t) => t.id === 'DGXC.Nemotron-15B.fp8.16')!;
  const [fused, unfused] = [seconds(words, {}), seconds(words, { loss: 'unfused' })];
  expect(fused).toBeLessThan(0.99 * unfused);
});
