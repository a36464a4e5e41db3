import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { allToAll, expertFlows, flowsOf } from '../../test/support/demands.ts';
import { clos2, clos3 } from '../../test/support/fabrics.ts';
import { buildFabric, type CableInput } from '../fabric/builder.ts';
import type { Fabric } from '../fabric/types.ts';
import { linkLoads } from '../flow/loads.ts';
import { summarise } from '../flow/summary.ts';
import { hash4 } from '../numeric/random.ts';
import { nextHops } from '../routes/next-hops.ts';
import { verifyRoutes } from '../routes/verify.ts';
import { groupUnits, unitsOfFlows } from './demand.ts';
import { greedyTables } from './greedy.ts';
import { improveTables } from './improve.ts';
import { nominalTables } from './nominal.ts';
import { planesOf, sameWiring } from './plane.ts';
import { regularShape, regularTables } from './regular.ts';
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

  it('meet it by the colouring alone as well', () => {
    const sizes = fc.tuple(
      fc.integer({ min: 2, max: 12 }),
      fc.integer({ min: 1, max: 12 }),
      fc.integer({ min: 1, max: 12 }),
    );
    fc.assert(
      fc.property(sizes, ([leaves, spines, n]) => {
        const fabric = clos2({ leaves, spines, hostsPerLeaf: n, rate: 1 });
        const plane = planesOf(fabric, nextHops(fabric))[0]!;
        const units = groupUnits(plane, new Int32Array(fabric.endpoints));
        const state = createState(plane, [{ units, priority: 1 }], [1]);
        regularTables(state, regularShape(plane)!);
        expect(peak(state)).toBe(n * Math.ceil(((leaves - 1) * n) / spines));
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

  it('lie between the bound and, mostly, the best of all tables on tiny fabrics with parallel cables', () => {
    let best = 0;
    const runs = 25;
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 6, maxLength: 6 }), (weights) => {
        const fabric = clos2({ leaves: 3, spines: 2, cables: 2, hostsPerLeaf: 1, rate: 1 });
        const pairs = [0, 1, 2].flatMap((s) => [0, 1, 2].filter((d) => d !== s).map((d) => [s, d] as const));
        const flows = flowsOf(pairs.map(([s, d], i) => [s, d, weights[i]!]));
        const hops = nextHops(fabric);
        const planes = planesOf(fabric, hops);
        const units = unitsOfFlows(planes, flows).units[0]!;
        const made = optimiseTables(fabric, hops, planes, [[{ units, priority: 1 }]]).planes[0]!;
        const optimum = bestOfAllTables(weights);
        expect(made.bounds[0]!.whole).toBeLessThanOrEqual(optimum);
        expect(made.maxLoad[0]!).toBeGreaterThanOrEqual(optimum);
        if (made.maxLoad[0] === optimum) best++;
      }),
      { numRuns: runs, seed: 1 },
    );
    expect(best).toBeGreaterThanOrEqual(runs - 2);
  });

  it('keep exact books: loads and arrivals are those of the chosen entries', () => {
    const fabric = damage(clos3(4, 1), 5, 60);
    const plane = planesOf(fabric, nextHops(fabric))[0]!;
    const flows = expertFlows({ endpoints: 16, group: 8, stride: 3, exponent: 1.1, bytes: 1e7, seed: 2 });
    const units = unitsOfFlows([plane], flows).units[0]!;
    const state = createState(plane, [{ units, priority: 1 }], [1e7]);
    greedyTables(state);
    const before = peak(state);
    const { value } = improveTables(state, { target: 0, evaluations: 20000 });
    expect(value).toBeLessThanOrEqual(before);
    const again = replay(state, units);
    expect(again.load).toEqual(state.load);
    expect(again.arrive).toEqual(state.arrive);
  });

  it('are the same every time', () => {
    const fabric = damage(clos2({ leaves: 8, spines: 6, hostsPerLeaf: 7, rate: 1 }), 3, 50);
    expect(uniform(fabric).tables.routes.rows).toEqual(uniform(fabric).tables.routes.rows);
  });

  it('are made once for planes that are the same', () => {
    const one = clos2({ leaves: 6, spines: 5, hostsPerLeaf: 4, rate: 1, missing: (l, s) => l === s });
    const fabric = twice(one);
    const hops = nextHops(fabric);
    const planes = planesOf(fabric, hops);
    expect(sameWiring(planes[0]!, planes[1]!)).toBe(true);
    const { tables } = uniform(fabric);
    expect(tables.planes[1]).toBe(tables.planes[0]);
    const switches = fabric.nodes - fabric.endpoints;
    for (let s = 0; s < switches; s += 2) expect(tables.routes.rows[s + 1]).toEqual(tables.routes.rows[s]);
    expect(verifyRoutes(fabric, tables.routes, hops).reachable).toBe(true);
  });

  it('re-home the entries of missing cables and leave the others where they were', () => {
    const size = { leaves: 16, spines: 8, hostsPerLeaf: 8, rate: 1 };
    const whole = clos2(size);
    const hurt = clos2({ ...size, missing: (l, s) => l === 3 && s === 5 });
    const spineOf = (fabric: Fabric) => {
      const plane = planesOf(fabric, nextHops(fabric))[0]!;
      const state = createState(plane, [{ units: groupUnits(plane, new Int32Array(128)), priority: 1 }], [1]);
      nominalTables(state);
      return state.choice.map((e) => (e < 0 ? -1 : plane.to[e]!));
    };
    const before = spineOf(whole);
    const after = spineOf(hurt);
    const switches = 24;
    let moved = 0;
    for (let i = 0; i < before.length; i++) if (i % switches < size.leaves && before[i] !== after[i]) moved++;
    // Leaf 3 towards the 15 destinations of spine 5 elsewhere, and 15 leaves towards its own one of them.
    expect(moved).toBe(30);
  });
});

/**
 * Smallest largest load over all tables of 3 leaves with one host, 2 spines and 2 cables a pair, by trying them:
 * weights[i] of the pairs (0,1) (0,2) (1,0) (1,2) (2,0) (2,1).
 */
function bestOfAllTables(weights: readonly number[]): number {
  const weightOf = (s: number, d: number) => weights[2 * s + (d > s ? d - 1 : d)]!;
  // Loads of up cable (leaf, spine, cable) at 4 leaf + 2 spine + cable, and of down cable 12 further on.
  const choices = [0, 1, 2].map((d) => {
    const [a, b] = [0, 1, 2].filter((s) => s !== d) as [number, number];
    const loads: number[][] = [];
    for (let code = 0; code < 64; code++) {
      const load = new Array<number>(24).fill(0);
      const downCable = [(code >> 4) & 1, (code >> 5) & 1];
      for (const [s, up] of [
        [a, code & 3],
        [b, (code >> 2) & 3],
      ] as const) {
        load[4 * s + up]! += weightOf(s, d);
        load[12 + 4 * d + (up & 2) + downCable[up >> 1]!]! += weightOf(s, d);
      }
      loads.push(load);
    }
    return loads;
  });
  let best = Infinity;
  for (const x of choices[0]!) {
    for (const y of choices[1]!) {
      for (const z of choices[2]!) {
        let worst = 0;
        for (let e = 0; e < 24 && worst < best; e++) worst = Math.max(worst, x[e]! + y[e]! + z[e]!);
        best = Math.min(best, worst);
      }
    }
  }
  return best;
}

/** Two copies of a one-plane fabric as planes 0 and 1, nodes in turn. */
function twice(one: Fabric): Fabric {
  const cables: CableInput[] = [];
  for (let l = 0; l < one.links; l++) {
    const r = one.linkReverse[l]!;
    if (l > r) continue;
    for (const plane of [0, 1]) {
      const a = 2 * one.linkFrom[l]! + plane;
      const b = 2 * one.linkTo[l]! + plane;
      cables.push({ a, aPort: one.linkPort[l]!, b, bPort: one.linkPort[r]!, rate: one.linkRate[l]! });
    }
  }
  const endpoints = 2 * one.endpoints;
  return buildFabric({
    name: 'twice',
    transport: 'infiniband',
    planes: 2,
    layers: one.layers,
    nodes: Array.from({ length: 2 * one.nodes }, (_, n) => ({
      name: `n${n}`,
      kind: one.kind[n >> 1]!,
      tier: one.tier[n >> 1]!,
      plane: n & 1,
    })),
    cables,
    hostNames: Array.from({ length: endpoints }, (_, e) => `h${e}`),
    hostOf: Array.from({ length: endpoints }, (_, e) => e),
    nicOf: new Array(endpoints).fill(0),
  });
}

/** The state's entries applied to the bare demand. */
function replay(state: TableState, units: Parameters<typeof createState>[1][number]['units']): TableState {
  const fresh = createState(state.plane, [{ units, priority: 1 }], [1e7]);
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
