import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { allToAll, expertFlows } from '../../test/support/demands.ts';
import { clos2, clos3 } from '../../test/support/fabrics.ts';
import type { Fabric } from '../fabric/types.ts';
import { linkLoads } from '../flow/loads.ts';
import { summarise } from '../flow/summary.ts';
import { hash4 } from '../numeric/random.ts';
import { nextHops } from '../routes/next-hops.ts';
import { verifyRoutes } from '../routes/verify.ts';
import { groupUnits, unitsOfFlows } from './demand.ts';
import { greedyTables } from './greedy.ts';
import { improveTables } from './improve.ts';
import { planesOf } from './plane.ts';
import { createState, peak, pour, type TableState } from './state.ts';
import { optimiseTables } from './tables.ts';

/** Unit demand between all endpoints, one plane. */
function uniform(fabric: Fabric) {
  const hops = nextHops(fabric);
  const planes = planesOf(fabric, hops);
  const units = planes.map((p) => groupUnits(p, new Int32Array(p.endpoints.length)));
  const tables = optimiseTables(
    fabric,
    hops,
    planes,
    units.map((u) => [{ units: u, priority: 1 }]),
  );
  return { hops, tables, plane: tables.planes[0]! };
}

function damage(fabric: Fabric, seed: number, permille: number): Fabric {
  const linkAlive = fabric.linkAlive.slice();
  for (let l = 0; l < fabric.links; l++) {
    const inner = fabric.linkFrom[l]! >= fabric.endpoints && fabric.linkTo[l]! >= fabric.endpoints;
    if (inner && hash4(Math.min(l, fabric.linkReverse[l]!), seed, 0, 0) % 1000 < permille) linkAlive[l] = 0;
  }
  return { ...fabric, linkAlive };
}

describe('tables of regular two-layer planes under uniform all-to-all', () => {
  it('meet the bound at 2,048 GPUs: 8 leaves, 4 spines, 8 cables a pair, 32 hosts a leaf', () => {
    const { plane } = uniform(clos2({ leaves: 8, spines: 4, cables: 8, hostsPerLeaf: 32, rate: 1 }));
    expect(plane.maxLoad).toEqual([224]);
    expect(plane.bounds).toEqual([{ fractional: 224, whole: 224 }]);
    expect(plane.moduloOptimal).toBe(true);
  });

  it('meet the bound at 16,384 GPUs: 64 leaves, 32 spines, 32 hosts a leaf', () => {
    const { plane } = uniform(clos2({ leaves: 64, spines: 32, hostsPerLeaf: 32, rate: 1 }));
    expect(plane.maxLoad).toEqual([2016]);
    expect(plane.bounds[0]!.fractional).toBe(2016);
  });

  it('meet the bound for whole destinations with single cables, whatever the size', () => {
    const sizes = fc.record({
      leaves: fc.integer({ min: 2, max: 13 }),
      spines: fc.integer({ min: 1, max: 13 }),
      hostsPerLeaf: fc.integer({ min: 1, max: 14 }),
    });
    fc.assert(
      fc.property(sizes, (size) => {
        const { leaves, spines, hostsPerLeaf: n } = size;
        const { plane } = uniform(clos2({ ...size, rate: 1 }));
        const bound = n * Math.ceil(((leaves - 1) * n) / spines);
        expect(plane.bounds[0]!.whole).toBe(bound);
        expect(plane.maxLoad).toEqual([bound]);
      }),
      { numRuns: 150 },
    );
  });

  it('stay near the bound with parallel cables, never above plain modulo', () => {
    const sizes = fc.record({
      leaves: fc.integer({ min: 2, max: 9 }),
      spines: fc.integer({ min: 1, max: 6 }),
      cables: fc.integer({ min: 2, max: 4 }),
      hostsPerLeaf: fc.integer({ min: 1, max: 12 }),
    });
    fc.assert(
      fc.property(sizes, (size) => {
        const fabric = clos2({ ...size, rate: 1 });
        const { hops, tables, plane } = uniform(fabric);
        const flows = allToAll(fabric.endpoints);
        const modulo = summarise(fabric, linkLoads(fabric, hops, flows, tables.modulo)).maxLoad;
        expect(plane.maxLoad[0]!).toBeLessThanOrEqual(modulo);
        expect(plane.maxLoad[0]!).toBeGreaterThanOrEqual(plane.bounds[0]!.whole);
      }),
      { numRuns: 60 },
    );
  });
});

describe('tables of any tree', () => {
  it('carry what they say, reach everything and cannot deadlock', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e6 }), fc.boolean(), (seed, three) => {
        const whole = three
          ? clos3(4, 1)
          : clos2({ leaves: 6, spines: 4, cables: 2, hostsPerLeaf: 5, rate: 1 });
        const fabric = damage(whole, seed, 90);
        const hops = nextHops(fabric);
        const planes = planesOf(fabric, hops);
        const endpoints = fabric.endpoints;
        const flows = expertFlows({ endpoints, group: 6, stride: 7, exponent: 0.8, bytes: 1e6, seed });
        const { units } = unitsOfFlows(planes, flows);
        const tables = optimiseTables(fabric, hops, planes, [[{ units: units[0]!, priority: 1 }]]);
        const made = summarise(fabric, linkLoads(fabric, hops, flows, tables.routes)).maxLoad;
        const modulo = summarise(fabric, linkLoads(fabric, hops, flows, tables.modulo)).maxLoad;
        expect(made).toBeCloseTo(tables.planes[0]!.maxLoad[0]!, 3);
        expect(made).toBeLessThanOrEqual(modulo * (1 + 1e-9));
        const before = verifyRoutes(fabric, tables.modulo, hops);
        const after = verifyRoutes(fabric, tables.routes, hops);
        expect(after.unreachablePairs).toBe(before.unreachablePairs);
        expect(after.deadlockFree).toBe(true);
      }),
      { numRuns: 40 },
    );
  });

  it('keep exact books: loads and arrivals are those of the chosen entries', () => {
    const fabric = damage(clos3(4, 1), 5, 60);
    const plane = planesOf(fabric, nextHops(fabric))[0]!;
    const flows = expertFlows({ endpoints: 16, group: 8, stride: 3, exponent: 1.1, bytes: 1e7, seed: 2 });
    const units = unitsOfFlows([plane], flows).units[0]!;
    const state = createState(plane, [{ units, priority: 1 }], [1e-7]);
    greedyTables(state);
    const before = peak(state);
    const { value } = improveTables(state, { target: 0, evaluations: 20000 });
    expect(value).toBeLessThanOrEqual(before);
    const again = replay(state, units);
    expect(again.load).toEqual(state.load);
    expect(again.arrive).toEqual(state.arrive);
  });

  it('are the same every time, and equal planes are solved once', () => {
    const fabric = damage(clos2({ leaves: 8, spines: 6, hostsPerLeaf: 7, rate: 1 }), 3, 50);
    expect(uniform(fabric).tables.routes.rows).toEqual(uniform(fabric).tables.routes.rows);
  });
});

/** The state's entries applied to the bare demand. */
function replay(state: TableState, units: Parameters<typeof createState>[1][number]['units']): TableState {
  const fresh = createState(state.plane, [{ units, priority: 1 }], [1e-7]);
  fresh.choice.set(state.choice);
  const sources = fresh.arrive.slice();
  const { plane, slots, switches } = state;
  for (let d = 0; d < slots; d++) {
    for (const s of plane.leaves) {
      const at = d * switches + s;
      if (sources[at]! > 0 && state.choice[at]! >= 0) pour(fresh, s, d, state.choice[at]!, 1, true);
    }
  }
  return fresh;
}
