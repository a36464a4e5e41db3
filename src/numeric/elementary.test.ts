import fc from 'fast-check';
import { expect, it } from 'vitest';
import { exp, log } from './elementary.ts';

it('exp and log equal the built-in ones but for the last digits', () => {
  fc.assert(
    fc.property(fc.double({ min: -700, max: 700, noNaN: true }), (x) => {
      expect(Math.abs(exp(x) / Math.exp(x) - 1)).toBeLessThan(1e-14);
    }),
  );
  fc.assert(
    fc.property(fc.double({ min: 1e-300, max: 1e300, noNaN: true }), (x) => {
      expect(Math.abs(log(x) - Math.log(x))).toBeLessThanOrEqual(2e-15 * Math.max(1, Math.abs(Math.log(x))));
    }),
  );
});

it('knows the ends', () => {
  expect([exp(0), exp(-Infinity), exp(Infinity), exp(1000)]).toEqual([1, 0, Infinity, Infinity]);
  expect([log(1), log(0), log(Infinity)]).toEqual([0, -Infinity, Infinity]);
  expect([exp(Number.NaN), log(-1)]).toEqual([Number.NaN, Number.NaN]);
});
