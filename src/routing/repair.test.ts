import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { allToAll } from '../../test/support/demands.ts';
import { clos2, clos3 } from '../../test/support/fabrics.ts';
import type { Fabric } from '../fabric/types.ts';
import { withoutParts } from '../fabric/without.ts';
import { linkLoads } from '../flow/loads.ts';
import { summarise } from '../flow/summary.ts';
import { walkerOf } from '../flow/walk.ts';
import { stream } from '../numeric/random.ts';
import { moduloTables } from '../routes/modulo.ts';
import { nextHops } from '../routes/next-hops.ts';
import { verifyRoutes } from '../routes/verify.ts';
import { backupTables } from './backups.ts';
import { repairedTables, repairTables } from './repair.ts';

const shapes = [
  clos2({ leaves: 6, spines: 4, hostsPerLeaf: 4, rate: 1 }),
  clos2({ leaves: 5, spines: 2, cables: 3, hostsPerLeaf: 5, rate: 1 }),
  clos3(4, 1),
];

function cut(fabric: Fabric, seed: number, share: number): Fabric {
  const linkAlive = fabric.linkAlive.slice();
  const random = stream(seed, 'failures');
  for (let l = 0; l < fabric.links; l++) {
    const inner = fabric.linkFrom[l]! >= fabric.endpoints && fabric.linkTo[l]! >= fabric.endpoints;
    if (inner && random.below(share) === 0) linkAlive[l] = linkAlive[fabric.linkReverse[l]!] = 0;
  }
  return { ...fabric, linkAlive };
}

describe('repairTables', () => {
  it('joins all that an up/down path joins, without deadlock, and touches no path that stands', () => {
    fc.assert(
      fc.property(
        fc.nat(100000),
        fc.constantFrom(...shapes),
        fc.constantFrom('few' as const, 'even' as const),
        (seed, fabric, policy) => {
          const hops = nextHops(fabric);
          const routes = moduloTables(fabric, hops);
          const damaged = cut(fabric, seed, 12);
          const after = nextHops(damaged);
          const repair = repairTables(fabric, hops, routes, damaged, policy);
          const tables = repairedTables(damaged, routes, repair.changes);
          const verified = verifyRoutes(damaged, tables, after);
          expect(verified.deadlockFree).toBe(true);
          expect(repair.deadlockFree).toBe(true);
          // What is lost is what the damage takes from any routing.
          expect(verified.unreachablePairs).toBe(
            verifyRoutes(damaged, moduloTables(damaged, after), after).unreachablePairs,
          );
          expect(repair.lostPairs).toBe(verified.unreachablePairs);
          if (repair.lostPairs === 0) {
            const loads = linkLoads(damaged, after, allToAll(fabric.endpoints), tables);
            expect(repair.maxLoad).toBeCloseTo(summarise(damaged, loads).maxLoad, 9);
          }
          const old = walkerOf(damaged, after, routes);
          const now = walkerOf(damaged, after, tables);
          for (let i = 0; i < 60; i++) {
            const [s, d] = [(i * 7) % fabric.endpoints, (i * 5 + seed) % fabric.endpoints];
            const length = old.walk(s, d, 0);
            if (length < 0) continue;
            expect(now.walk(s, d, 0)).toBe(length);
            expect(now.path.subarray(0, length)).toEqual(old.path.subarray(0, length));
          }
        },
      ),
      { numRuns: 80 },
    );
  });

  it("changes one entry at the spine where a parallel cable is left ('few'), or the leaves' as well ('even')", () => {
    const fabric = clos2({ leaves: 3, spines: 2, cables: 2, hostsPerLeaf: 8, rate: 1 });
    const hops = nextHops(fabric);
    const routes = moduloTables(fabric, hops);
    const damaged = withoutParts(fabric, ['link:spine0:1']); // the first cable of spine0, to leaf0
    if (!damaged.ok) throw new Error('no such link');
    const few = repairTables(fabric, hops, routes, damaged.value);
    const even = repairTables(fabric, hops, routes, damaged.value, 'even');
    // Down: the 4 destinations of leaf0 that spine0 sent by that cable. Up: entries of leaf0 that left by it.
    const atSpine = few.changes.filter((c) => c.node === fabric.names.indexOf('spine0')).length;
    const atLeaf = few.changes.filter((c) => c.node === fabric.names.indexOf('leaf0')).length;
    expect([atSpine + atLeaf, few.changes.length]).toEqual([few.changes.length, 4 + 4]);
    expect(even.changes.length).toBeGreaterThan(few.changes.length);
    expect(even.maxLoad).toBeLessThan(few.maxLoad);
  });

  it('changes nothing when a leaf dies, and leaves its endpoints out', () => {
    const fabric = shapes[0]!;
    const hops = nextHops(fabric);
    const damaged = withoutParts(fabric, ['leaf:leaf2']);
    const repair = repairTables(
      fabric,
      hops,
      moduloTables(fabric, hops),
      damaged.ok ? damaged.value : fabric,
    );
    expect([repair.changes.length, repair.lostPairs]).toEqual([0, 0]);
  });
});

describe('backupTables', () => {
  it.each(shapes)(
    'has one for each cable between switches and each switch above the leaves (%#)',
    (fabric) => {
      const hops = nextHops(fabric);
      const routes = moduloTables(fabric, hops);
      const inner = Array.from({ length: fabric.links }, (_, l) => l).filter(
        (l) => fabric.linkFrom[l]! >= fabric.endpoints && fabric.linkTo[l]! >= fabric.endpoints,
      );
      const above = fabric.tier.filter((t) => t >= 2).length;
      let count = 0;
      for (const { part, repairs } of backupTables(fabric, hops, [routes])) {
        const repair = repairs[0]!;
        count++;
        const damaged = withoutParts(fabric, [part]);
        if (!damaged.ok) throw new Error(`${part} is no part`);
        const tables = repairedTables(damaged.value, routes, repair.changes);
        const verified = verifyRoutes(damaged.value, tables, nextHops(damaged.value));
        expect([part, verified.unreachablePairs, verified.deadlockFree]).toEqual([
          part,
          repair.lostPairs,
          true,
        ]);
        expect(repair.changes.length).toBeGreaterThan(0);
      }
      expect(count).toBe(inner.length / 2 + above);
    },
  );
});
