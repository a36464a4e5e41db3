import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fitScalability, type Scalability, throughputOf } from './scalability.ts';

const law = (rate: number, contention: number, coherency: number): Scalability => ({
  rate,
  contention,
  coherency,
  peak: null,
  error: 0,
});

describe('fitScalability', () => {
  it('finds the numbers that made the points', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 1, max: 1000, noNaN: true }),
        fc.double({ min: 1e-4, max: 0.2, noNaN: true }),
        fc.double({ min: 1e-6, max: 1e-3, noNaN: true }),
        (rate, contention, coherency) => {
          const machines = [1, 2, 4, 8, 16, 32, 64, 128, 256];
          const made = law(rate, contention, coherency);
          const fit = fitScalability(
            machines,
            machines.map((n) => throughputOf(made, n)),
          )!;
          expect(fit.rate / rate).toBeCloseTo(1, 5);
          expect(fit.contention / contention).toBeCloseTo(1, 3);
          expect(fit.coherency / coherency).toBeCloseTo(1, 3);
          expect(fit.peak! / Math.sqrt((1 - contention) / coherency)).toBeCloseTo(1, 3);
        },
      ),
    );
  });

  it('sees linear scaling as such', () => {
    const fit = fitScalability([256, 512, 1024, 2048], [256, 512, 1024, 2048])!;
    expect(fit).toMatchObject({ contention: 0, coherency: 0, peak: null });
    expect(fit.rate).toBeCloseTo(1, 9);
  });

  it('has no negative part, whatever the points', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0.1, max: 1e6, noNaN: true }), { minLength: 3, maxLength: 8 }),
        (throughput) => {
          const fit = fitScalability(
            throughput.map((_, i) => 2 ** i),
            throughput,
          );
          if (fit === null) return;
          expect(fit.contention).toBeGreaterThanOrEqual(0);
          expect(fit.coherency).toBeGreaterThanOrEqual(0);
          expect(fit.rate).toBeGreaterThan(0);
        },
      ),
    );
  });

  it('says nothing about fewer than three points', () => {
    expect(fitScalability([1, 2], [1, 2])).toBeNull();
  });
});
