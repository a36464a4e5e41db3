import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Cycle, ettr, exactEttr, failureLoad, firstOrderEttr } from './ettr.ts';
import { dalyInterval, exactInterval, stretch, youngInterval } from './interval.ts';

const positive = (min: number, max: number) => fc.double({ min, max, noNaN: true });
const cycles = fc.record({
  rate: positive(1e-9, 1e-1),
  interval: positive(1, 1e5),
  write: positive(0, 1e4),
  detection: positive(0, 1e4),
  restart: positive(0, 1e4),
  queue: positive(0, 1e4),
});

describe('effective training time', () => {
  it('is a share of time, however bad things are', () => {
    fc.assert(
      fc.property(cycles, (cycle) => {
        const { value } = ettr(cycle, 0.2);
        expect(value).toBeGreaterThanOrEqual(0);
        expect(value).toBeLessThanOrEqual(1);
      }),
    );
  });

  it('falls with the rate and with everything that costs time', () => {
    fc.assert(
      fc.property(cycles, fc.constantFrom('rate', 'write', 'detection', 'restart', 'queue'), (cycle, key) => {
        const worse: Cycle = { ...cycle, [key]: cycle[key as keyof Cycle] * 1.5 + 1e-12 };
        expect(exactEttr(worse)).toBeLessThanOrEqual(exactEttr(cycle) * (1 + 1e-12));
      }),
    );
  });

  it('meets the first order where failures cost little', () => {
    fc.assert(
      fc.property(cycles, (cycle) => {
        const rate = 0.001 / (failureLoad({ ...cycle, rate: 1 }) + cycle.write + cycle.queue);
        const rare = { ...cycle, rate };
        expect(exactEttr(rare) / firstOrderEttr(rare)).toBeCloseTo(1, 2.5);
      }),
    );
  });

  // By hand: segments of 2 s without failure repeat until one passes; half of the tries fail at rate ln(2) / 2.
  it('counts the failures of a segment', () => {
    const rate = Math.LN2 / 2;
    const cycle = { rate, interval: 2, write: 0, detection: 0, restart: 0, queue: 3 };
    expect(exactEttr(cycle)).toBeCloseTo(2 / (1 / rate + 3), 12);
  });
});

describe('checkpoint intervals', () => {
  it('the exact one is the minimum of the total time', () => {
    fc.assert(
      fc.property(positive(1e-6, 3), positive(1, 1e6), positive(0.3, 3), (share, mttf, factor) => {
        const write = share * mttf;
        const best = exactInterval(write, mttf);
        const total = stretch(best, write, mttf);
        expect(stretch(best * factor, write, mttf)).toBeGreaterThanOrEqual(total * (1 - 1e-12));
        expect(stretch(youngInterval(write, mttf), write, mttf)).toBeGreaterThanOrEqual(total * (1 - 1e-12));
      }),
    );
  });

  // Numerical optima for Llama 3's mean time between failures.
  it.each([
    [10, 465.3],
    [60, 1116.3],
    [300, 2388.7],
  ])('a write of %d s at 3.093 h between failures wants %d s', (write, interval) => {
    expect(exactInterval(write, 3.093 * 3600)).toBeCloseTo(interval, 0);
    expect(dalyInterval(write, 3.093 * 3600) / interval).toBeCloseTo(1, 3);
  });
});
