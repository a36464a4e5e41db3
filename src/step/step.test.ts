import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { builtin } from '../catalog/catalog.ts';
import type { Gpu } from '../catalog/types.ts';
import { prepareStep } from './evaluator.ts';
import { nemoTrials } from './nemo-trials.ts';
import { expertSkew } from './skew.ts';
import { b200Trials, korthikantiTrials, prepareTrial } from './trials.ts';

const catalog = builtin();
const trials = [
  ...korthikantiTrials(catalog).slice(0, 4),
  ...b200Trials(catalog).slice(0, 4),
  ...nemoTrials(catalog).slice(4, 8),
].map((t) => prepareTrial(t, catalog));
const gpuOf = (node: string): Gpu => catalog.find('gpu', catalog.find('node', node)!.gpu)!;

describe('a step', () => {
  it('is the sum of its breakdown, and equal inputs give equal steps', () => {
    for (const t of trials) {
      const step = t.run();
      const { exposed, ...rest } = step.breakdown;
      const sum = [...Object.values(rest), ...Object.values(exposed)].reduce((a, b) => a + b, 0);
      expect(sum / step.seconds).toBeCloseTo(1, 6);
      expect(t.run()).toEqual(step);
    }
  });

  it('more FLOPs, memory bandwidth or network bandwidth never make it slower', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: trials.length - 1 }),
        fc.constantFrom('peak', 'memoryRate', 'network'),
        fc.double({ min: 1, max: 4, noNaN: true }),
        (i, what, by) => {
          const { trial, table } = trials[i]!;
          const gpu = gpuOf(trial.node);
          const { fp8 } = gpu.peak;
          const faster: Gpu = {
            ...gpu,
            ...(what === 'memoryRate' && { memoryRate: gpu.memoryRate * by }),
            ...(what === 'peak' && {
              peak: { bf16: gpu.peak.bf16 * by, ...(fp8 === undefined ? {} : { fp8: fp8 * by }) },
            }),
          };
          const scaled = (x: Float64Array): Float64Array => x.map((s) => s / (what === 'network' ? by : 1));
          const quick = {
            ...table,
            forward: {
              ...table.forward,
              tensor: scaled(table.forward.tensor),
              expert: scaled(table.forward.expert),
            },
            backward: {
              ...table.backward,
              tensor: scaled(table.backward.tensor),
              expert: scaled(table.backward.expert),
            },
            reduce: scaled(table.reduce),
            gather: scaled(table.gather),
          };
          const { model, training, parallelism } = trial;
          const before = prepareStep(model, gpu, catalog).evaluate({ training, parallelism }, table);
          const after = prepareStep(model, faster, catalog).evaluate({ training, parallelism }, quick);
          expect(after.seconds).toBeLessThanOrEqual(before.seconds * (1 + 1e-9));
        },
      ),
      { numRuns: 60 },
    );
  });

  it('a GPU without tables gets the stated default and a note', () => {
    const { trial, table } = trials[0]!;
    const { model, training, parallelism } = trial;
    const gpu = catalog.find('gpu', 'v100')!;
    const step = prepareStep(model, gpu, catalog).evaluate({ training, parallelism }, table);
    expect(step.notes.join(' ')).toContain('no efficiency tables');
  });

  it('what does not fit says what to change', () => {
    const { trial, table } = trials[0]!;
    const { model, training, parallelism } = trial;
    const small = { ...gpuOf(trial.node), memoryBytes: 20e9 };
    const step = prepareStep(model, small, catalog).evaluate({ training, parallelism }, table);
    expect(step.memory.fits).toBe(false);
    expect(step.notes.join(' ')).toMatch(/pipeline: 2/);
  });
});

describe('expert skew', () => {
  const choice = { routed: 64, active: 4, nodeLimit: null, seed: 1 } as const;

  it('is 1 where experts are alike and rises with the exponent of a Zipf law', () => {
    expect(expertSkew({ ...choice, popularity: { kind: 'uniform' } }, 8, 2)).toBe(1);
    const of = (exponent: number) => expertSkew({ ...choice, popularity: { kind: 'zipf', exponent } }, 8, 2);
    expect(of(0)).toBeCloseTo(1, 9);
    expect(of(0.5)).toBeGreaterThan(of(0));
    expect(of(1.2)).toBeGreaterThan(of(0.5));
    // A token chooses an expert once: no rank of 8 experts has more than all tokens.
    expect(of(5)).toBeLessThanOrEqual(8);
  });
});
