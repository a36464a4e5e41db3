import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { builtin } from '../catalog/catalog.ts';
import { computeOptimal, correctedLaw, optimum, predictLoss } from './loss.ts';

const law = correctedLaw(builtin());

describe('compute-optimal models', () => {
  it('gives Chinchilla-size compute 72 B parameters and 1.33 T tokens', () => {
    const best = optimum(law, 5.76e23);
    expect(best.parameters / 7.2e10).toBeCloseTo(1, 1);
    expect(best.tokens / 1.33e12).toBeCloseTo(1, 1);
  });

  it('loses nothing to any other split of the same compute', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 18, max: 28, noNaN: true }),
        fc.double({ min: -2, max: 2, noNaN: true }),
        (power, off) => {
          const flops = 10 ** power;
          const best = optimum(law, flops);
          const parameters = best.parameters * 10 ** off;
          expect(predictLoss(law, parameters, flops / 6 / parameters)).toBeGreaterThanOrEqual(
            best.loss * (1 - 1e-12),
          );
        },
      ),
    );
  });

  it('is surer of the loss near the fitted models than far from them', () => {
    const width = (flops: number) => {
      const { loss } = computeOptimal(flops, builtin());
      return (loss.high - loss.low) / loss.value;
    };
    // 6 N D of the geometric middle of the fitted models.
    expect(width(6 * 1.06e9 * 5e10)).toBeLessThan(width(1e27));
    const { parameters } = computeOptimal(1e26, builtin());
    expect(parameters.low).toBeLessThan(parameters.value);
    expect(parameters.high).toBeGreaterThan(parameters.value);
  });
});
