import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { allToAll } from '../../test/support/demands.ts';
import { clos2, clos3 } from '../../test/support/fabrics.ts';
import { linkLoads } from '../flow/loads.ts';
import { summarise } from '../flow/summary.ts';
import { hash4 } from '../numeric/random.ts';
import { nextHops } from '../routes/next-hops.ts';
import { verifyRoutes } from '../routes/verify.ts';
import { groupUnits } from './demand.ts';
import { lmcTables } from './lmc.ts';
import { planesOf } from './plane.ts';

describe('lmcTables', () => {
  it('serve every LID, and load as they say when a pair is split evenly over its LIDs', () => {
    fc.assert(
      fc.property(fc.nat(1000), fc.nat(2), fc.boolean(), (seed, lmc, three) => {
        const missing = (l: number, s: number) => s === hash4(l, seed, 0, 0) % 6;
        const fabric = three
          ? clos3(4, 1)
          : clos2({ leaves: 5, spines: 4, hostsPerLeaf: 5, rate: 1, missing });
        const hops = nextHops(fabric);
        const planes = planesOf(fabric, hops);
        const units = groupUnits(planes[0]!, new Int32Array(fabric.endpoints));
        const made = lmcTables(fabric, hops, planes, [[{ units, priority: 1 }]], lmc);
        expect(made.byOffset.length).toBe(1 << lmc);
        const { maxLoad, bounds } = made.planes[0]!;
        const flows = allToAll(fabric.endpoints, 1 / made.byOffset.length);
        const load = new Float64Array(fabric.links);
        for (const routes of made.byOffset) {
          const verified = verifyRoutes(fabric, routes, hops);
          expect([verified.deadlockFree, verified.reachable]).toEqual([true, true]);
          linkLoads(fabric, hops, flows, routes).forEach((bytes, l) => {
            load[l]! += bytes;
          });
        }
        expect(summarise(fabric, load).maxLoad).toBeCloseTo(maxLoad[0]!, 9);
        expect(maxLoad[0]!).toBeGreaterThanOrEqual(bounds[0]!.whole * (1 - 1e-9));
      }),
      { numRuns: 30 },
    );
  });

  it('come closer to the fractional bound with more LIDs', () => {
    // Two hosts of each leaf over three spines: 8 destinations elsewhere do not divide, their halves and quarters less so.
    const fabric = clos2({ leaves: 5, spines: 3, hostsPerLeaf: 2, rate: 1 });
    const hops = nextHops(fabric);
    const planes = planesOf(fabric, hops);
    const units = groupUnits(planes[0]!, new Int32Array(10));
    const loads = [0, 1, 2].map(
      (lmc) => lmcTables(fabric, hops, planes, [[{ units, priority: 1 }]], lmc).planes[0]!.maxLoad[0]!,
    );
    expect(loads).toEqual([6, 6, 5.5]); // the fractional bound is 16 / 3
  });

  it('refuse an LMC that InfiniBand does not know', () => {
    const fabric = clos2({ leaves: 2, spines: 1, hostsPerLeaf: 1 });
    const hops = nextHops(fabric);
    expect(() => lmcTables(fabric, hops, planesOf(fabric, hops), [[]], 8)).toThrow('LMC is 0 to 7');
  });
});
