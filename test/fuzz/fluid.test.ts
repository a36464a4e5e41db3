import fc from 'fast-check';
import { expect, it } from 'vitest';
import { simulate } from '../../src/fluid/simulate.ts';
import { HAIR } from '../../src/numeric/tolerance.ts';
import { oracle } from '../support/fluid-oracle.ts';
import { smallSystems } from '../support/fluid-systems.ts';

it('the fluid engine agrees with filling up from scratch on thousands of small systems', () => {
  fc.assert(
    fc.property(smallSystems, (system) => {
      const ours = simulate(system).finish;
      const wrong = oracle(system).finish.flatMap((finish, f) =>
        ours[f] === finish || Math.abs(ours[f]! - finish) <= HAIR * finish ? [] : [[f, ours[f], finish]],
      );
      expect(wrong).toEqual([]);
    }),
    { numRuns: 5000 },
  );
});
