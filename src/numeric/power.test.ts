import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pow } from './power.ts';

describe('pow', () => {
  it('equals the built-in power within a few units of the last place', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 1e-9, max: 1e9, noNaN: true }),
        fc.double({ min: -9, max: 9, noNaN: true }),
        (x, y) => {
          expect(Math.abs(pow(x, y) / x ** y - 1)).toBeLessThan(1e-12);
        },
      ),
    );
  });

  it('is exact for whole exponents of small whole numbers', () => {
    expect([pow(2, 10), pow(3, 5), pow(7, 0), pow(10, -2), pow(0, 0), pow(0, 2)]).toEqual([
      1024, 243, 1, 0.01, 1, 0,
    ]);
  });

  it('knows the ends of its range', () => {
    expect(pow(0, 0.5)).toBe(0);
    expect(pow(0, -0.5)).toBe(Number.POSITIVE_INFINITY);
  });
});
