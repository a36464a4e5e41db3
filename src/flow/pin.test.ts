import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { clos2, clos3 } from '../../test/support/fabrics.ts';
import type { Fabric, Flows } from '../fabric/types.ts';
import { hash4, stream } from '../numeric/random.ts';
import { moduloTables } from '../routes/modulo.ts';
import { nextHops } from '../routes/next-hops.ts';
import { verifyRoutes } from '../routes/verify.ts';
import { linkLoads } from './loads.ts';
import { type PinBase, pinHotPaths } from './pin.ts';
import { summarise } from './summary.ts';

function flowsOf(list: readonly (readonly [number, number, number])[]): Flows {
  return {
    count: list.length,
    src: Int32Array.from(list, (x) => x[0]),
    dst: Int32Array.from(list, (x) => x[1]),
    bytes: Float64Array.from(list, (x) => x[2]),
    operation: new Uint16Array(list.length),
    invocations: new Float64Array(list.length).fill(1),
    operations: ['a'],
  };
}

function damage(fabric: Fabric, seed: number, permille: number): Fabric {
  const linkAlive = fabric.linkAlive.slice();
  for (let l = 0; l < fabric.links; l++) {
    const cable = Math.min(l, fabric.linkReverse[l]!);
    if (hash4(cable, seed, 0, 0) % 1000 < permille) linkAlive[l] = 0;
  }
  return { ...fabric, linkAlive };
}

describe('pinHotPaths', () => {
  it('separates two flows that a table sends over one link', () => {
    // Destinations 4 and 6 are equal modulo the two spines: both flows leave leaf 0 by the first.
    const fabric = clos2({ leaves: 4, spines: 2, hostsPerLeaf: 2, rate: 1 });
    const hops = nextHops(fabric);
    const flows = flowsOf([
      [0, 4, 10],
      [1, 6, 10],
    ]);
    const result = pinHotPaths(fabric, hops, flows, moduloTables(fabric, hops), { count: 8, unit: 'pair' });
    expect(result.curve).toEqual([
      { pinned: 0, maxLoad: 20, ratio: 1 },
      { pinned: 1, maxLoad: 10, ratio: 0.5 },
    ]);
    expect(result.steps).toMatchObject([{ source: 0, dst: 4, bytes: 10, before: 20, after: 10 }]);
    expect(result.routes.src.length).toBe(1);
  });

  it('moves all sources of a leaf together where the transport can name no pair', () => {
    const fabric = clos2({ leaves: 4, spines: 2, hostsPerLeaf: 2, rate: 1 });
    const hops = nextHops(fabric);
    const flows = flowsOf([
      [0, 4, 3],
      [1, 4, 3],
      [0, 6, 5],
    ]);
    const result = pinHotPaths(fabric, hops, flows, moduloTables(fabric, hops), { count: 8, unit: 'leaf' });
    expect(result.steps[0]).toMatchObject({ source: hops.leafOf[0], dst: 4, bytes: 6 });
    expect([...result.routes.src]).toEqual([0, 1]);
    expect(summarise(fabric, linkLoads(fabric, hops, flows, result.routes)).maxLoad).toBe(6);
  });

  it('never makes the largest load worse, and its own account agrees with the loads of its routes', () => {
    fc.assert(
      fc.property(
        fc.nat(),
        fc.integer({ min: 0, max: 200 }),
        fc.constantFrom('pair', 'leaf'),
        fc.nat(2),
        (seed, permille, unit, which) => {
          const fabric = damage(
            seed % 2 ? clos3(4) : clos2({ leaves: 6, spines: 3, hostsPerLeaf: 3 }),
            seed,
            permille,
          );
          const hops = nextHops(fabric);
          const random = stream(seed, 'pins');
          const flows = flowsOf(
            Array.from(
              { length: 50 },
              () =>
                [
                  random.below(fabric.endpoints),
                  random.below(fabric.endpoints),
                  1 + random.below(20),
                ] as const,
            ),
          );
          const bases: PinBase[] = [
            moduloTables(fabric, hops),
            { kind: 'adaptive' },
            { kind: 'ecmp', seed, queuePairs: 2 },
          ];
          const base = bases[which]!;
          const result = pinHotPaths(fabric, hops, flows, base, { count: 20, unit: unit as 'pair' | 'leaf' });
          for (let i = 1; i < result.curve.length; i++) {
            expect(result.curve[i]!.maxLoad).toBeLessThanOrEqual(result.curve[i - 1]!.maxLoad * (1 + 1e-9));
          }
          const first = summarise(fabric, linkLoads(fabric, hops, flows, base)).maxLoad;
          expect(result.curve[0]!.maxLoad).toBe(first);
          const last = result.curve.at(-1)!.maxLoad;
          expect(
            Math.abs(summarise(fabric, linkLoads(fabric, hops, flows, result.routes)).maxLoad - last),
          ).toBeLessThanOrEqual(1e-9 * first);
          const verified = verifyRoutes(fabric, result.routes, hops);
          expect(verified.deadlockFree).toBe(true);
          expect(verified.examples.some((x) => x.kind === 'broken pin')).toBe(false);
        },
      ),
      { numRuns: 120 },
    );
  });
});
