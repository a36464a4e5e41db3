import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { builtin } from '../catalog/catalog.ts';
import type { Model } from '../catalog/types.ts';
import { countParameters, flopsPerToken, keyValueWidth, modelParts, onTensorRank } from './architecture.ts';

const model = (id: string): Model => builtin().find('model', id)!;
const total = (id: string) => countParameters(model(id)).total / 1e9;

describe('parameters', () => {
  test.each([
    ['deepseek-v3', 671.0264],
    ['deepseek-v2', 235.7],
    ['llama-3.1-405b', 405.8534],
    ['llama-3.1-70b', 70.5537],
    ['llama-3.1-8b', 8.0303],
    ['mixtral-8x7b', 46.7028],
    ['mixtral-8x22b', 140.63],
    ['qwen-3-235b-a22b', 235.09],
  ])('%s has %d G', (id, published) => {
    expect(Math.abs(total(id) / published - 1)).toBeLessThan(2e-4);
  });

  test('active ones: DeepSeek-V3 37 G, DeepSeek-V2 21 G, Mixtral 12.9 G', () => {
    expect(countParameters(model('deepseek-v3')).active / 1e9).toBeCloseTo(37.55, 2);
    expect(countParameters(model('deepseek-v2')).active / 1e9).toBeCloseTo(21.4, 1);
    expect(countParameters(model('mixtral-8x7b')).active / 1e9).toBeCloseTo(12.9, 1);
  });

  test('MTP of DeepSeek-V3 with its copies of the two tables is the 14 G of its release', () => {
    const v3 = model('deepseek-v3');
    const tables = 2 * v3.vocabulary * v3.hidden;
    expect((countParameters(v3).mtp + tables) / 1e9).toBeCloseTo(13.5, 1);
  });

  test.each(['gpt-3-175b', 'megatron-22b', 'turing-nlg-530b'])(
    '%s follows the formula of Megatron-LM',
    (id) => {
      const { layers: l, hidden: h, vocabulary: v, positions: s } = model(id);
      const formula = 12 * l * h * h * (1 + 13 / (12 * h) + (v + s) / (12 * l * h));
      // The formula leaves out the last norm.
      expect(countParameters(model(id)).total - formula).toBeCloseTo(2 * h, -2);
    },
  );
});

describe('FLOPs of a token', () => {
  test.each(['gpt-3-175b', 'megatron-22b', 'turing-nlg-530b'])('%s follows Korthikanti et al.', (id) => {
    const { layers: l, hidden: h, vocabulary: v } = model(id);
    const s = 2048;
    const formula = 72 * l * h * h * (1 + s / (6 * h) + v / (12 * h * l));
    expect(flopsPerToken(model(id), s).full / formula).toBeCloseTo(1, 12);
  });

  test('DeepSeek-V3: 249.7 and 280.2 GFLOP from the published MFU, within 1 %', () => {
    const { causal, full } = flopsPerToken(model('deepseek-v3'), 4096);
    expect(Math.abs(causal / 249.7e9 - 1)).toBeLessThan(0.01);
    expect(Math.abs(full / 280.2e9 - 1)).toBeLessThan(0.01);
  });

  test('LLaMa-405B of Table 2 is met when attention counts half of what causal attention costs', () => {
    const { causal, full } = flopsPerToken(model('llama-3.1-405b'), 4096);
    const matrices = 2 * causal - full;
    expect(matrices + (causal - matrices) / 2).toBeCloseTo(2448e9, -9);
  });

  test('Qwen-72B of Table 2 is below six times the parameters of its layers, so it cannot be met', () => {
    const qwen = model('qwen-2.5-72b');
    const layers = qwen.layers * modelParts(qwen).denseLayer.matrix;
    expect(6 * layers).toBeGreaterThan(1.05 * 394e9);
  });
});

test('key-value cache: an MLA latent on every tensor rank, at least one head of the others', () => {
  expect(keyValueWidth(model('deepseek-v3'))).toBe(576);
  expect(keyValueWidth(model('deepseek-v3'), 8)).toBe(576);
  expect(keyValueWidth(model('llama-3.1-405b'))).toBe(2048);
  expect(keyValueWidth(model('llama-3.1-405b'), 8)).toBe(256);
  expect(keyValueWidth(model('llama-3.1-405b'), 16)).toBe(256);
});

test('tensor ranks hold all parameters between them, replicated ones once each', () => {
  fc.assert(
    fc.property(fc.constantFrom(...builtin().ids('model')), fc.constantFrom(1, 2, 4, 8), (id, tensor) => {
      for (const part of Object.values(modelParts(model(id)))) {
        const all = tensor * onTensorRank(part, tensor);
        expect(all).toBeCloseTo(part.sliced + tensor * part.replicated, 3);
      }
    }),
  );
});
