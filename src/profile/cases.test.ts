import { describe, expect, it } from 'vitest';
import { inline } from '../base/context.ts';
import { builtin } from '../catalog/catalog.ts';
import { profileCases } from './cases.ts';

const context = {
  seed: 1,
  catalog: builtin(),
  clock: () => 0,
  progress: () => {},
  cancelled: () => false,
  parallel: inline,
  solver: () => Promise.reject(new Error('no solver here')),
};

describe('profileCases', () => {
  for (const { id, published, tolerance, digits, compute } of profileCases(builtin())) {
    it(`${id} is within its tolerance`, async () => {
      const computed = await compute(context);
      if (digits === undefined) expect(Math.abs(computed / published - 1)).toBeLessThanOrEqual(tolerance);
      else expect(Number(computed.toPrecision(digits))).toBe(published);
    });
  }
});
