import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { clos2, clos3 } from '../../test/support/fabrics.ts';
import { stream } from '../numeric/random.ts';
import { hopsWithFewerLinks } from './fewer-links.ts';
import { nextHops } from './next-hops.ts';

describe('hopsWithFewerLinks', () => {
  it('gives the same candidates as next hops made anew', () => {
    const shapes = [
      clos2({ leaves: 5, spines: 3, cables: 2, hostsPerLeaf: 2, rate: 1 }),
      clos3(4, 1),
      clos3(6, 1),
    ];
    fc.assert(
      fc.property(
        fc.nat(100000),
        fc.constantFrom(...shapes),
        fc.integer({ min: 2, max: 40 }),
        (seed, fabric, share) => {
          const linkAlive = fabric.linkAlive.slice();
          const random = stream(seed, 'failures');
          for (let l = 0; l < fabric.links; l++)
            if (random.below(share) === 0) linkAlive[l] = linkAlive[fabric.linkReverse[l]!] = 0;
          const damaged = { ...fabric, linkAlive };
          const anew = nextHops(damaged);
          const sifted = hopsWithFewerLinks(damaged, nextHops(fabric));
          expect(sifted.leafOf).toEqual(anew.leafOf);
          const [a, b] = [new Int32Array(64), new Int32Array(64)];
          for (let dst = 0; dst < fabric.endpoints; dst++) {
            for (let node = fabric.endpoints; node < fabric.nodes; node++) {
              const n = anew.candidates(node, dst, a);
              expect([...b.subarray(0, sifted.candidates(node, dst, b))]).toEqual([...a.subarray(0, n)]);
            }
          }
        },
      ),
      { numRuns: 30 },
    );
  });
});
