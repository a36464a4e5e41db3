import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { flowsOf } from '../../test/support/demands.ts';
import { clos2, clos3 } from '../../test/support/fabrics.ts';
import { loadHighs } from '../numeric/highs.ts';
import { nextHops } from '../routes/next-hops.ts';
import { cutBounds, makespanBound } from './bounds.ts';
import { groupUnits, unitsOfFlows } from './demand.ts';
import { dualBound, exactBound } from './fractional.ts';
import { planesOf } from './plane.ts';
import { trunkGraph } from './trunks.ts';

/** Smallest possible largest bin, by trying everything. */
function optimum(items: readonly number[], bins: number): number {
  const sums = new Array<number>(bins).fill(0);
  const fill = (i: number): number => {
    if (i === items.length) return Math.max(...sums);
    let best = Infinity;
    for (let b = 0; b < bins; b++) {
      sums[b]! += items[i]!;
      best = Math.min(best, fill(i + 1));
      sums[b]! -= items[i]!;
      if (sums[b] === 0) break; // the other empty bins are the same
    }
    return best;
  };
  return fill(0);
}

describe('makespanBound', () => {
  it('never exceeds the optimum, and meets it for equal items', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 8 }),
        fc.integer({ min: 1, max: 4 }),
        (items, bins) => {
          expect(makespanBound(Float64Array.from(items), bins)).toBeLessThanOrEqual(optimum(items, bins));
          const equal = items.map(() => 3);
          expect(makespanBound(Float64Array.from(equal), bins)).toBe(optimum(equal, bins));
        },
      ),
      { numRuns: 300 },
    );
  });

  it('rounds the mean up to the common divisor, and sees three items on two links', () => {
    expect(makespanBound(Float64Array.from([4, 4, 4, 2, 2, 2, 2]), 3)).toBe(8); // mean 6.67, step 2
    expect(makespanBound(Float64Array.from([5, 4, 3]), 2)).toBe(7); // two of the three share a link
  });
});

describe('lower bounds on fabrics', () => {
  it('are the published ones of a 2,048-GPU plane: 224 hosts a link', () => {
    const plane = planesOf2(clos2({ leaves: 8, spines: 4, cables: 8, hostsPerLeaf: 32, rate: 1 }));
    const units = groupUnits(plane, new Int32Array(256));
    expect(cutBounds(plane, units)).toEqual({ fractional: 224, whole: 224 });
  });

  it('order as cut <= exact programme, dual <= exact programme, on damaged fabrics', async () => {
    const solver = await loadHighs();
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 1e6 }), fc.boolean(), async (seed, three) => {
        const holes = (l: number, s: number) =>
          (Math.imul(l * 31 + s * 17 + seed, 0x9e3779b1) >>> 0) % 7 === 0;
        const fabric = three
          ? clos3(4, 1)
          : clos2({ leaves: 5, spines: 4, hostsPerLeaf: 3, rate: 1, missing: holes });
        const plane = planesOf2(fabric);
        const list: [number, number, number][] = [];
        for (let i = 0; i < 20; i++) {
          const s = (seed * 7 + i * 5) % fabric.endpoints;
          const d = (seed + i * 11 + 3) % fabric.endpoints;
          if (s !== d) list.push([s, d, 1 + ((seed + i) % 5)]);
        }
        const units = unitsOfFlows([plane], flowsOf(list)).units[0]!;
        const graph = trunkGraph(plane, units);
        const exact = exactBound(graph, solver);
        expect(exact).not.toBeNull();
        const slack = 1 + 1e-6;
        // Demand without a way is left out of the programme but not of the cut.
        const routable =
          graph.demand.reduce((sum, x) => sum + x, 0) === units.bytes.reduce((sum, x) => sum + x, 0);
        if (routable) expect(cutBounds(plane, units).fractional).toBeLessThanOrEqual(exact! * slack);
        const even = new Float64Array(graph.trunks).fill(1);
        expect(dualBound(graph, even, 100)).toBeLessThanOrEqual(exact! * slack);
        expect(dualBound(graph, even, 400)).toBeGreaterThanOrEqual(exact! * 0.9);
      }),
      { numRuns: 25 },
    );
  });
});

function planesOf2(fabric: Parameters<typeof nextHops>[0]) {
  return planesOf(fabric, nextHops(fabric))[0]!;
}
