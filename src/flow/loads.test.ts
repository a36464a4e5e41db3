import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { clos2, clos3 } from '../../test/support/fabrics.ts';
import { isSwitch } from '../fabric/builder.ts';
import { linkName } from '../fabric/names.ts';
import type { Fabric, Flows } from '../fabric/types.ts';
import { hash4, stream } from '../numeric/random.ts';
import { moduloTables, tableLink } from '../routes/modulo.ts';
import { nextHops } from '../routes/next-hops.ts';
import type { EcmpRoutes, NextHops, PinnedRoutes, Routes } from '../routes/types.ts';
import { adaptiveShare } from './adaptive.ts';
import { busiest } from './bottleneck.ts';
import { ALL_PAIRS, enumerateAllPairs } from './enumerate.ts';
import { LoadEngine, linkLoads, linkLoadsByOperation } from './loads.ts';
import { summarise, switchLinks } from './summary.ts';
import { LoadSums } from './sums.ts';
import type { Unrouted } from './types.ts';
import { flowKeys, walkerOf } from './walk.ts';

function flowsOf(
  list: readonly (readonly [src: number, dst: number, bytes: number, operation?: number])[],
  operations = ['a'],
): Flows {
  return {
    count: list.length,
    src: Int32Array.from(list, (x) => x[0]),
    dst: Int32Array.from(list, (x) => x[1]),
    bytes: Float64Array.from(list, (x) => x[2]),
    operation: Uint16Array.from(list, (x) => x[3] ?? 0),
    invocations: new Float64Array(list.length).fill(1),
    operations,
  };
}

function allPairs(fabric: Fabric): Flows {
  const list: [number, number, number][] = [];
  for (let s = 0; s < fabric.endpoints; s++) {
    for (let d = 0; d < fabric.endpoints; d++) if (s !== d) list.push([s, d, 1]);
  }
  return flowsOf(list, [ALL_PAIRS]);
}

function damage(fabric: Fabric, seed: number, permille: number): Fabric {
  const linkAlive = fabric.linkAlive.slice();
  for (let l = 0; l < fabric.links; l++) {
    const cable = Math.min(l, fabric.linkReverse[l]!);
    if (hash4(cable, seed, 0, 0) % 1000 < permille) linkAlive[l] = 0;
  }
  return { ...fabric, linkAlive };
}

/** Adaptive loads one flow at a time, splitting recursively. */
function spreadOracle(fabric: Fabric, hops: NextHops, flows: Flows): Float64Array {
  const load = new Float64Array(fabric.links);
  const push = (node: number, dst: number, bytes: number): void => {
    const out = new Int32Array(256);
    const n = hops.candidates(node, dst, out);
    for (let i = 0; i < n; i++) {
      load[out[i]!]! += bytes / n;
      if (isSwitch(fabric, fabric.linkTo[out[i]!]!)) push(fabric.linkTo[out[i]!]!, dst, bytes / n);
    }
  };
  const out = new Int32Array(256);
  for (let f = 0; f < flows.count; f++) {
    const source = hops.leafOf[flows.src[f]!]!;
    if (source < 0 || hops.candidates(source, flows.dst[f]!, out) === 0) continue;
    load[fabric.linkReverse[hops.edge[flows.src[f]!]!]!]! += flows.bytes[f]!;
    push(source, flows.dst[f]!, flows.bytes[f]!);
  }
  return load;
}

function randomFlows(fabric: Fabric, seed: number, count: number, operations: number): Flows {
  const random = stream(seed, 'test flows');
  const list: [number, number, number, number][] = [];
  for (let i = 0; i < count; i++) {
    const src = random.below(fabric.endpoints);
    const dst = random.below(fabric.endpoints);
    if (src !== dst) list.push([src, dst, 1 + random.below(9), random.below(operations)]);
  }
  return flowsOf(
    list,
    Array.from({ length: operations }, (_, o) => `operation ${o}`),
  );
}

const close = (a: Float64Array, b: Float64Array) => {
  for (let l = 0; l < a.length; l++) expect(a[l]).toBeCloseTo(b[l]!, 9);
};

describe('linkLoads', () => {
  it('follows a table link by link', () => {
    const fabric = clos2({ leaves: 3, spines: 2, hostsPerLeaf: 2 });
    const hops = nextHops(fabric);
    const routes = moduloTables(fabric, hops);
    const load = linkLoads(fabric, hops, flowsOf([[0, 5, 7]]), routes);
    const up = tableLink(fabric, routes, hops, hops.leafOf[0]!, 5);
    const down = tableLink(fabric, routes, hops, fabric.linkTo[up]!, 5);
    const expected = new Float64Array(fabric.links);
    for (const l of [fabric.linkStart[0]!, up, down, hops.edge[5]!]) expected[l] = 7;
    expect(load).toEqual(expected);
    expect(summarise(fabric, load)).toMatchObject({ maxLoad: 7 / 50e9, link: Math.min(up, down) });
    expect(linkName(fabric, up)).toBe('leaf0:4 -> spine1:1');
  });

  it('splits adaptively as one flow after the other would', () => {
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 0, max: 300 }), fc.boolean(), (seed, permille, deep) => {
        const base = deep ? clos3(4) : clos2({ leaves: 5, spines: 3, hostsPerLeaf: 2, cables: 2 });
        const fabric = damage(base, seed, permille);
        const hops = nextHops(fabric);
        const flows = randomFlows(fabric, seed, 60, 2);
        const load = linkLoads(fabric, hops, flows, { kind: 'adaptive' });
        close(load, spreadOracle(fabric, hops, flows));
      }),
      { numRuns: 60 },
    );
  });

  it('conserves bytes under every policy: in by NICs, out by NICs, and level by level', () => {
    fc.assert(
      fc.property(
        fc.nat(),
        fc.integer({ min: 0, max: 300 }),
        fc.integer({ min: 1, max: 3 }),
        (seed, permille, queuePairs) => {
          const fabric = damage(clos3(4), seed, permille);
          const hops = nextHops(fabric);
          const flows = randomFlows(fabric, seed, 80, 3);
          const policies: Routes[] = [
            moduloTables(fabric, hops),
            { kind: 'adaptive' },
            { kind: 'ecmp', seed, queuePairs },
          ];
          for (const routes of policies) {
            const unrouted: Unrouted = { flows: 0, bytes: 0 };
            const load = linkLoads(fabric, hops, flows, routes, { unrouted });
            for (let n = fabric.endpoints; n < fabric.nodes; n++) {
              let balance = 0;
              for (let l = fabric.linkStart[n]!; l < fabric.linkStart[n + 1]!; l++) {
                balance += load[l]! - load[fabric.linkReverse[l]!]!;
              }
              expect(balance).toBeCloseTo(0, 6);
            }
            let sent = unrouted.bytes;
            for (let e = 0; e < fabric.endpoints; e++) sent += load[fabric.linkStart[e]!]!;
            expect(sent).toBeCloseTo(
              flows.bytes.reduce((a, b) => a + b, 0),
              6,
            );
            const parts = linkLoadsByOperation(fabric, hops, flows, routes);
            close(
              load,
              Float64Array.from(load, (_, l) => parts.reduce((sum, part) => sum + part[l]!, 0)),
            );
          }
        },
      ),
      { numRuns: 40 },
    );
  });

  it('draws ECMP lots that differ by tier, seed and queue pair but not by order', () => {
    const fabric = clos3(8);
    const hops = nextHops(fabric);
    const flows = allPairs(fabric);
    const routes: EcmpRoutes = { kind: 'ecmp', seed: 3, queuePairs: 1 };
    const load = linkLoads(fabric, hops, flows, routes);
    const other = linkLoads(fabric, hops, flows, { ...routes, seed: 4 });
    expect(load).not.toEqual(other);
    // Uniform demand over thousands of flows a link: a polarised hash would leave links empty.
    const used = [...load].filter((bytes) => bytes > 0).length;
    expect(used).toBe(fabric.links);
    const even = summarise(fabric, linkLoads(fabric, hops, flows, { kind: 'adaptive' })).maxLoad;
    expect(summarise(fabric, load).maxLoad / even).toBeLessThan(1.5);
  });

  it('puts under ECMP on links what walking every queue pair does, to the last bit', () => {
    fc.assert(
      fc.property(
        fc.nat(),
        fc.integer({ min: 0, max: 200 }),
        fc.constantFrom(1, 3, 4, 16),
        fc.constantFrom(1, 0.1),
        fc.boolean(),
        (seed, permille, queuePairs, unit, deep) => {
          const base = deep ? clos3(4) : clos2({ leaves: 3, spines: 3, hostsPerLeaf: 4, cables: 2 });
          const fabric = damage(base, seed, permille);
          const hops = nextHops(fabric);
          const whole = randomFlows(fabric, seed, 200, 3);
          const flows = { ...whole, bytes: whole.bytes.map((b) => b * unit) };
          const routes: EcmpRoutes = { kind: 'ecmp', seed, queuePairs };
          const walker = walkerOf(fabric, hops, routes);
          const keyOf = flowKeys(flows, routes);
          const load = new Float64Array(fabric.links);
          for (let o = 0; o < flows.operations.length; o++) {
            for (let f = 0; f < flows.count; f++) {
              for (let q = 0; flows.operation[f] === o && q < queuePairs; q++) {
                const length = walker.walk(flows.src[f]!, flows.dst[f]!, keyOf(f, q));
                for (let h = 0; h < length; h++) load[walker.path[h]!]! += flows.bytes[f]! / queuePairs;
              }
            }
          }
          const sums = new LoadSums(fabric.links);
          const engine = new LoadEngine(fabric, hops, flows);
          engine.addInner(routes, sums);
          expect(sums.step).toEqual(load);
          expect(sums.busiestOnce(fabric.linkRate)).toEqual(busiest(fabric, sums.once, switchLinks(fabric)));
          sums.forget();
          for (let o = 0; o < flows.operations.length; o++) engine.addInner(routes, sums, o);
          expect(sums.step).toEqual(load);
        },
      ),
      { numRuns: 100 },
    );
  });

  it('pins override the base for their pair only', () => {
    const fabric = clos2({ leaves: 2, spines: 2, hostsPerLeaf: 2 });
    const hops = nextHops(fabric);
    const flows = flowsOf([
      [0, 2, 5],
      [1, 2, 3],
      [0, 3, 2],
    ]);
    const up = fabric.linkStart[hops.leafOf[0]!]! + 2;
    const down = fabric.linkReverse[fabric.linkStart[hops.leafOf[2]!]! + 2]!;
    const base = linkLoads(fabric, hops, flows, { kind: 'adaptive' });
    const pinned: PinnedRoutes = {
      kind: 'pinned',
      base: { kind: 'adaptive' },
      src: Int32Array.of(0),
      dst: Int32Array.of(2),
      start: Uint32Array.of(0, 2),
      links: Uint32Array.of(up, down),
    };
    const load = linkLoads(fabric, hops, flows, pinned);
    expect(base[up]).toBe(5);
    expect(load[up]).toBe(5 + 2.5);
    expect(load[up + 1]).toBe(2.5);
    expect(load[down]).toBe(7.5);
  });

  it('counts what has no path instead of losing it', () => {
    const fabric = clos2({ leaves: 2, spines: 1, hostsPerLeaf: 1, missing: (leaf) => leaf === 1 });
    const hops = nextHops(fabric);
    for (const routes of [
      moduloTables(fabric, hops),
      { kind: 'adaptive' },
      { kind: 'ecmp', seed: 1, queuePairs: 4 },
    ] as Routes[]) {
      const unrouted: Unrouted = { flows: 0, bytes: 0 };
      const load = linkLoads(fabric, hops, flowsOf([[0, 1, 8]]), routes, { unrouted });
      expect(unrouted).toEqual({ flows: 1, bytes: 8 });
      expect(load.every((x) => x === 0)).toBe(true);
    }
  });
});

describe('enumerateAllPairs', () => {
  it('equals the loads of the same flows listed one by one', () => {
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 0, max: 250 }), fc.boolean(), (seed, permille, deep) => {
        const base = deep ? clos3(4) : clos2({ leaves: 4, spines: 3, hostsPerLeaf: 3, cables: 2 });
        const fabric = damage(base, seed, permille);
        const hops = nextHops(fabric);
        const flows = allPairs(fabric);
        for (const routes of [moduloTables(fabric, hops), { kind: 'ecmp', seed, queuePairs: 1 } as const]) {
          const unrouted: Unrouted = { flows: 0, bytes: 0 };
          const listed = linkLoads(fabric, hops, flows, routes, { unrouted });
          const enumerated = enumerateAllPairs(fabric, hops, routes);
          expect(enumerated.flows).toBe(flows.count - unrouted.flows);
          expect([...enumerated.load]).toEqual([...listed]);
        }
      }),
      { numRuns: 40 },
    );
  });

  it('finds every link of a full tree equally loaded under destination-modulo', () => {
    const fabric = clos2({ leaves: 8, spines: 8, hostsPerLeaf: 8 });
    const hops = nextHops(fabric);
    const { load } = enumerateAllPairs(fabric, hops, moduloTables(fabric, hops));
    const inner = [...load].filter(
      (_, l) => isSwitch(fabric, fabric.linkFrom[l]!) && isSwitch(fabric, fabric.linkTo[l]!),
    );
    expect(new Set(inner)).toEqual(new Set([(8 * 7 * 8) / 8]));
  });
});

describe('adaptiveShare', () => {
  it('is the load of one unit on each link', () => {
    const fabric = damage(clos3(4), 5, 80);
    const hops = nextHops(fabric);
    for (const [src, dst] of [
      [0, 1],
      [0, 3],
      [0, 15],
      [9, 2],
    ] as const) {
      const load = linkLoads(fabric, hops, flowsOf([[src, dst, 1]]), { kind: 'adaptive' });
      for (let l = 0; l < fabric.links; l++) {
        if (!isSwitch(fabric, fabric.linkFrom[l]!) || !isSwitch(fabric, fabric.linkTo[l]!)) continue;
        expect(adaptiveShare(fabric, hops, hops.leafOf[src]!, hops.leafOf[dst]!, l)).toBeCloseTo(
          load[l]!,
          12,
        );
      }
    }
  });
});
