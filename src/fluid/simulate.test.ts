import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { oracle } from '../../test/support/fluid-oracle.ts';
import { fluidSystem, randomSystem } from '../../test/support/fluid-systems.ts';
import { HAIR } from '../numeric/tolerance.ts';
import { simulate } from './simulate.ts';

/** Relative difference of two times; equal infinities have none. */
function apart(a: number, b: number): number {
  return a === b ? 0 : Math.abs(a - b) / Math.max(a, b, Number.MIN_VALUE);
}

const systems = fc.record({
  seed: fc.nat(),
  links: fc.integer({ min: 1, max: 9 }),
  paths: fc.integer({ min: 1, max: 12 }),
  flows: fc.integer({ min: 1, max: 24 }),
  ties: fc.boolean(),
  shares: fc.boolean(),
  weights: fc.boolean(),
  phases: fc.integer({ min: 1, max: 5 }),
  changes: fc.nat(4),
});

describe('simulate', () => {
  it('ends every flow when filling up from scratch at every event does', () => {
    fc.assert(
      fc.property(systems, ({ seed, ...options }) => {
        const system = randomSystem(seed, options);
        const ours = simulate(system);
        const slow = oracle(system);
        for (let f = 0; f < system.flows.count; f++) {
          expect(apart(ours.begin[f]!, slow.begin[f]!), `begin of ${f}`).toBeLessThan(HAIR);
          expect(apart(ours.finish[f]!, slow.finish[f]!), `finish of ${f}`).toBeLessThan(HAIR);
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('shares a link evenly, then gives the rest to those who are left', () => {
    // Links of 10 and 4: the flow over both and the short one get 2 each on the narrow one, the wide one has 8 left.
    const system = fluidSystem({
      capacity: [10, 4],
      paths: [[0, 1], [0], [1]],
      flows: [
        { path: 0, bytes: 8 },
        { path: 1, bytes: 8 },
        { path: 2, bytes: 2 },
      ],
    });
    // At 1 the short one ends (as does the wide one, 8 / 8); the first goes on with 4: (8 - 2) / 4 = 1.5 more.
    expect([...simulate(system).finish]).toEqual([2.5, 1, 1]);
  });
});
