import { expect, it } from 'vitest';
import { builtin } from '../catalog/catalog.ts';
import { FITTED, fitEfficiency, refitWithout, sensitivity } from './fit.ts';
import { trainingOf } from './training.ts';

const catalog = builtin();

it.each(['h100', 'b200'])(
  'the constants of %s in the catalog are what the fit gives, from anywhere',
  (gpu) => {
    const trials = trainingOf(gpu, catalog);
    const stored = catalog.find('efficiency', gpu)!;
    const far = { ...stored, scale: { gemm: 0.7, attention: 0.7, memory: 0.7 } };
    const fitted = fitEfficiency(trials, far);
    for (const name of FITTED) expect(fitted.scale[name] / stored.scale[name]).toBeCloseTo(1, 1);
  },
);

it('what is said of a case left out is what a fit without it gives', () => {
  const trials = trainingOf('b200', catalog);
  const stored = fitEfficiency(trials, catalog.find('efficiency', 'b200')!);
  const { leftOut } = sensitivity(trials, stored);
  for (const i of [0, 8, 20]) {
    expect(Math.abs(leftOut[i]! - refitWithout(trials, i, stored))).toBeLessThan(0.012);
  }
});
