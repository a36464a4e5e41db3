import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { damagedTree } from '../../test/support/damaged-tree.ts';
import { clos2, clos3 } from '../../test/support/fabrics.ts';
import type { Fabric } from '../fabric/types.ts';
import { moduloTables } from '../routes/modulo.ts';
import { nextHops } from '../routes/next-hops.ts';
import { cutBounds } from './bounds.ts';
import { easeContention } from './contention.ts';
import { groupUnits } from './demand.ts';
import {
  effectiveBandwidth,
  effectiveCeiling,
  permutationPatterns,
  shiftPatterns,
  workloadEndpoints,
} from './effective.ts';
import { nominalTables } from './nominal.ts';
import { planesOf } from './plane.ts';
import { createState, peak } from './state.ts';
import { optimiseTables } from './tables.ts';
import { transportBound } from './transport-bound.ts';

function tablesOf(fabric: Fabric, contention: number) {
  const hops = nextHops(fabric);
  const planes = planesOf(fabric, hops);
  const patterns = planes.map((p) => [
    { units: groupUnits(p, new Int32Array(p.endpoints.length)), priority: 1 },
  ]);
  const limits = { evaluations: 1000000, contention };
  return { hops, tables: optimiseTables(fabric, hops, planes, patterns, limits) };
}

describe('effectiveBandwidth', () => {
  it('is the mean of 1 / (fullest link on the path), flows to oneself left out', () => {
    // Two leaves of two hosts over one spine: 0 -> 2 and 1 -> 3 share both links, 2 -> 2 is none, 3 -> 2 is local.
    const fabric = clos2({ leaves: 2, spines: 1, hostsPerLeaf: 2 });
    const hops = nextHops(fabric);
    const pattern = { src: Int32Array.of(0, 1, 2, 3), dst: Int32Array.of(2, 3, 2, 2) };
    const { mean, ceiling, worstLoad } = effectiveBandwidth(fabric, hops, moduloTables(fabric, hops), [
      pattern,
    ]);
    expect(mean).toBeCloseTo((1 / 2 + 1 / 2 + 1) / 3, 12);
    expect(ceiling).toBeCloseTo((1 + 1) / 3, 12); // the one cable carries one flow's worth
    expect(worstLoad).toBe(2);
  });

  it('counts a flow without a path as nothing', () => {
    const fabric = clos2({ leaves: 2, spines: 1, hostsPerLeaf: 1, missing: (l) => l === 1 });
    const hops = nextHops(fabric);
    const pattern = { src: Int32Array.of(0), dst: Int32Array.of(1) };
    expect(effectiveBandwidth(fabric, hops, moduloTables(fabric, hops), [pattern])).toMatchObject({
      mean: 0,
      ceiling: 0,
    });
  });

  it('is 1 for every shift of a full tree in modulo order, on two layers and on three', () => {
    for (const fabric of [clos2({ leaves: 8, spines: 4, hostsPerLeaf: 4 }), clos3(4)]) {
      const hops = nextHops(fabric);
      const shifts = shiftPatterns(workloadEndpoints(fabric, hops));
      const { mean, worstLoad } = effectiveBandwidth(fabric, hops, moduloTables(fabric, hops), shifts);
      expect([mean, worstLoad]).toEqual([1, 1]);
    }
  });

  it('never exceeds the ceiling', () => {
    fc.assert(
      fc.property(fc.nat(1000), fc.integer({ min: 0, max: 120 }), (seed, cuts) => {
        const fabric = damagedTree(seed, cuts);
        const hops = nextHops(fabric);
        const members = workloadEndpoints(fabric, hops);
        const patterns = [...shiftPatterns(members, 61), ...permutationPatterns(members, seed, 3)];
        const { values } = effectiveBandwidth(fabric, hops, moduloTables(fabric, hops), patterns);
        patterns.forEach((p, i) => {
          expect(values[i]!).toBeLessThanOrEqual(effectiveCeiling(fabric, hops, p) + 1e-12);
        });
      }),
      { numRuns: 12 },
    );
  });
});

describe('transportBound', () => {
  it('equals the smallest cut, found by trying all of them', () => {
    const edge = fc.record({ from: fc.nat(3), to: fc.nat(3), limit: fc.nat(5) });
    fc.assert(
      fc.property(
        fc.array(edge, { maxLength: 9 }),
        fc.array(fc.nat(6), { minLength: 8, maxLength: 8 }),
        (edges, ends) => {
          const cut = (set: number) => {
            let sum = 0;
            const used = { from: new Set(edges.map((e) => e.from)), to: new Set(edges.map((e) => e.to)) };
            for (const v of used.from) if (((set >> v) & 1) === 0) sum += ends[v]!;
            for (const v of used.to) if (((set >> (4 + v)) & 1) === 1) sum += ends[4 + v]!;
            for (const e of edges)
              if (((set >> e.from) & 1) === 1 && ((set >> (4 + e.to)) & 1) === 0) sum += e.limit;
            return sum;
          };
          const least = Math.min(...Array.from({ length: 256 }, (_, set) => cut(set)));
          expect(
            transportBound(
              edges,
              (v) => ends[v]!,
              (v) => ends[4 + v]!,
            ),
          ).toBe(least);
        },
      ),
      { numRuns: 200 },
    );
  });
});

describe('one set of tables for all traffic on the damaged tree of 512', () => {
  it.each([1, 2, 3])('loses little on shifts and permutations (cuts of seed %i)', (seed) => {
    const fabric = damagedTree(seed);
    const { hops, tables } = tablesOf(fabric, 60000000);
    const members = workloadEndpoints(fabric, hops);
    expect(tables.planes[0]!.maxLoad[0]!).toBeLessThanOrEqual(
      tables.planes[0]!.bounds[0]!.whole * (1 + 1e-9),
    );
    const shifts = effectiveBandwidth(fabric, hops, tables.routes, shiftPatterns(members, 8));
    expect(shifts.mean).toBeGreaterThan(0.908);
    const random = effectiveBandwidth(fabric, hops, tables.routes, permutationPatterns(members, 1, 200));
    expect(random.mean).toBeGreaterThan(0.62);
    const plain = tablesOf(fabric, 1);
    const before = effectiveBandwidth(fabric, plain.hops, plain.tables.routes, shiftPatterns(members, 8));
    expect(shifts.mean).toBeGreaterThan(before.mean + 0.01);
  });

  it('is not bought with load: the fullest link stays as it was', () => {
    const fabric = damagedTree(4, 40);
    const plane = planesOf(fabric, nextHops(fabric))[0]!;
    const units = groupUnits(plane, new Int32Array(512));
    const state = createState(plane, [{ units, priority: 1 }], [cutBounds(plane, units).whole]);
    nominalTables(state);
    const before = peak(state);
    const load = state.load.reduce((sum, x) => sum + x, 0);
    expect(easeContention(state, 10000000)).toBeGreaterThan(0);
    expect(peak(state)).toBeLessThanOrEqual(Math.max(1, before));
    expect(state.load.reduce((sum, x) => sum + x, 0)).toBe(load);
  });
});
