import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { oracleRates, sharesOf } from '../../test/support/fluid-oracle.ts';
import { fluidSystem } from '../../test/support/fluid-systems.ts';
import { stream } from '../numeric/random.ts';
import { HAIR } from '../numeric/tolerance.ts';
import { Rates } from './rates.ts';

/** Paths over at most three links, and what changes from solve to solve. */
function randomRates(seed: number, links: number, count: number) {
  const random = stream(seed, 'rates');
  const path = () => [...new Set([0, 0, 0].map(() => random.below(links)))];
  const { paths } = fluidSystem({
    capacity: [],
    flows: [],
    paths: Array.from({ length: count }, () => path().map((l) => [l, [1, 0.5, 1 / 3][random.below(3)]!])),
  } as Parameters<typeof fluidSystem>[0]);
  const capacity = Float64Array.from({ length: links }, () => 1 + random.below(6) * random.uniform());
  return { random, paths, capacity };
}

describe('Rates', () => {
  it('are those of filling up from scratch, whatever changed before', () => {
    fc.assert(
      fc.property(
        fc.nat(),
        fc.integer({ min: 1, max: 10 }),
        fc.integer({ min: 1, max: 16 }),
        (seed, links, count) => {
          const { random, paths, capacity } = randomRates(seed, links, count);
          const rates = new Rates(capacity, paths);
          const weight = new Array<number>(count).fill(0);
          for (let step = 0; step < 12; step++) {
            for (let k = random.below(4); k >= 0; k--) {
              const p = random.below(count);
              weight[p] = random.below(4);
              rates.setWeight(p, weight[p]!);
            }
            if (random.below(5) === 0) {
              const l = random.below(links);
              capacity[l] = random.below(3) * random.uniform();
              rates.setCapacity(l, capacity[l]!);
            }
            rates.solve();
            const live = [...weight.keys()].filter((p) => weight[p]! > 0);
            const expected = oracleRates(
              capacity,
              live.map((p) => ({ weight: weight[p]!, shares: sharesOf({ paths }, p) })),
            );
            const wrong = live.filter(
              (p, i) => !(Math.abs(rates.rate[p]! * weight[p]! - expected[i]!) <= HAIR * expected[i]!),
            );
            expect(wrong, `paths with a wrong rate at step ${step}`).toEqual([]);
          }
        },
      ),
      { numRuns: 1000 },
    );
  });

  it('keep links within capacity and hold each path at a full link where none has more', () => {
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 5, max: 60 }), (seed, count) => {
        const links = 20;
        const { random, paths, capacity } = randomRates(seed, links, count);
        const rates = new Rates(capacity, paths);
        const weight = Float64Array.from({ length: count }, () => 1 + random.below(3));
        for (let p = 0; p < count; p++) rates.setWeight(p, weight[p]!);
        rates.solve();
        const used = new Float64Array(links);
        const most = new Float64Array(links);
        for (let p = 0; p < count; p++) {
          for (const [l, share] of sharesOf({ paths }, p)) {
            used[l]! += share * weight[p]! * rates.rate[p]!;
            most[l] = Math.max(most[l]!, rates.rate[p]!);
          }
        }
        const full = (l: number): boolean => used[l]! >= capacity[l]! * (1 - HAIR);
        expect([...used.keys()].filter((l) => used[l]! > capacity[l]! * (1 + HAIR))).toEqual([]);
        const free = [...weight.keys()].filter(
          (p) =>
            ![...sharesOf({ paths }, p).keys()].some(
              (l) => full(l) && most[l]! <= rates.rate[p]! * (1 + HAIR),
            ),
        );
        expect(free, 'paths that no full link holds').toEqual([]);
      }),
      { numRuns: 200 },
    );
  });

  it('touch only what a change reaches', () => {
    // A thousand pairs that share nothing: one that ends is looked at alone.
    const count = 1000;
    const { paths, capacity } = fluidSystem({
      capacity: new Array(count).fill(1),
      flows: [],
      paths: Array.from({ length: 2 * count }, (_, i) => [i >> 1]),
    });
    const rates = new Rates(capacity, paths);
    for (let p = 0; p < 2 * count; p++) rates.setWeight(p, 1);
    rates.solve();
    expect(rates.touched).toBe(2 * count);
    rates.setWeight(7, 0);
    rates.solve();
    expect(rates.touched).toBe(2 * count + 1);
    expect([rates.rate[6], rates.rate[8]]).toEqual([1, 0.5]);
  });
});
