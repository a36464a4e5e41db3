import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { damagedTree } from '../../test/support/damaged-tree.ts';
import { clos2, clos3 } from '../../test/support/fabrics.ts';
import type { Fabric } from '../fabric/types.ts';
import { stream } from '../numeric/random.ts';
import { moduloTables } from '../routes/modulo.ts';
import { nextHops } from '../routes/next-hops.ts';
import { verifyRoutes } from '../routes/verify.ts';
import {
  effectiveBandwidth,
  permutationPatterns,
  shiftPatterns,
  type UnitPattern,
  workloadEndpoints,
} from './effective.ts';
import { flowBasedRoutes, pinPattern, tablesOfPins } from './flow-based.ts';

const roce = (fabric: Fabric): Fabric => ({ ...fabric, transport: 'roce' });
const ROOM = { tableEntries: 100000, policyEntries: 100000 };

describe('flow-based routing', () => {
  it('runs every permutation free of contention when uplinks are at least the hosts of a leaf', () => {
    const sizes = fc.record({
      leaves: fc.integer({ min: 2, max: 9 }),
      spines: fc.integer({ min: 1, max: 7 }),
      cables: fc.integer({ min: 1, max: 3 }),
      spare: fc.nat(2),
      seed: fc.nat(10000),
    });
    fc.assert(
      fc.property(sizes, ({ leaves, spines, cables, spare, seed }) => {
        const hostsPerLeaf = Math.max(1, spines * cables - spare);
        const fabric = roce(clos2({ leaves, spines, cables, hostsPerLeaf }));
        const hops = nextHops(fabric);
        const [pattern] = permutationPatterns(workloadEndpoints(fabric, hops), seed, 1);
        const made = flowBasedRoutes(fabric, hops, pattern!, moduloTables(fabric, hops), ROOM);
        expect(made.ok && made.value.contentionFree).toBe(true);
        expect(made.ok && made.value.bandwidth.mean).toBe(1);
        expect(made.ok && verifyRoutes(fabric, made.value.routes, hops).deadlockFree).toBe(true);
      }),
      { numRuns: 150 },
    );
  });

  it('spreads several flows a host evenly', () => {
    const fabric = roce(clos2({ leaves: 6, spines: 4, hostsPerLeaf: 4 }));
    const hops = nextHops(fabric);
    const members = workloadEndpoints(fabric, hops);
    const many: UnitPattern = {
      src: Int32Array.from([...members, ...members, ...members]),
      dst: Int32Array.from([5, 9, 14].flatMap((k) => [...members].map((m) => (m + k) % 24))),
    };
    const made = flowBasedRoutes(fabric, hops, many, moduloTables(fabric, hops), ROOM);
    expect(made.ok && made.value.bandwidth.worstLoad).toBe(3);
  });

  it('reaches at least 0.98 of the ceiling of a pattern on the damaged tree, as pins and as tables', () => {
    for (const seed of [1, 2]) {
      const fabric = damagedTree(seed);
      const hops = nextHops(fabric);
      const members = workloadEndpoints(fabric, hops);
      const base = moduloTables(fabric, hops);
      for (const patterns of [shiftPatterns(members, 29), permutationPatterns(members, seed, 20)]) {
        let reached = 0;
        let ceiling = 0;
        for (const pattern of patterns) {
          const pins = pinPattern(fabric, hops, pattern, base);
          const tables = tablesOfPins(fabric, pins)!;
          const made = effectiveBandwidth(fabric, hops, tables, [pattern]);
          expect(made.mean).toBe(effectiveBandwidth(fabric, hops, pins, [pattern]).mean);
          reached += made.mean;
          ceiling += made.ceiling;
          expect(made.mean).toBeGreaterThan(0.97 * made.ceiling);
        }
        expect(reached).toBeGreaterThan(0.985 * ceiling);
      }
    }
  });

  it('pins live up/down paths on three layers and on any damage, and gives unroutable flows none', () => {
    fc.assert(
      fc.property(fc.nat(1000), fc.boolean(), (seed, three) => {
        const whole = three ? clos3(4) : clos2({ leaves: 5, spines: 3, hostsPerLeaf: 3 });
        const linkAlive = whole.linkAlive.slice();
        const random = stream(seed, 'damage');
        for (let l = 0; l < whole.links; l++) {
          const inner = whole.linkFrom[l]! >= whole.endpoints && whole.linkTo[l]! >= whole.endpoints;
          if (inner && random.below(6) === 0) linkAlive[l] = linkAlive[whole.linkReverse[l]!] = 0;
        }
        const fabric = { ...whole, linkAlive };
        const hops = nextHops(fabric);
        const [pattern] = permutationPatterns(workloadEndpoints(fabric, hops), seed, 1);
        const pins = pinPattern(fabric, hops, pattern!, moduloTables(fabric, hops));
        const { src, dst } = pattern!;
        const joined = [...src.keys()].filter((i) => {
          const [a, b] = [hops.leafOf[src[i]!]!, hops.leafOf[dst[i]!]!];
          return a !== b && hops.list(a, b) !== 0;
        });
        expect([...pins.src]).toEqual(joined.map((i) => src[i]!));
        for (let p = 0; p < pins.src.length; p++) {
          let node = hops.leafOf[pins.src[p]!]!;
          let fell = false;
          for (let i = pins.start[p]!; i < pins.start[p + 1]!; i++) {
            const link = pins.links[i]!;
            expect([fabric.linkFrom[link], linkAlive[link]]).toEqual([node, 1]);
            expect(fell && fabric.linkDirection[link] === 1).toBe(false);
            fell ||= fabric.linkDirection[link] === -1;
            node = fabric.linkTo[link]!;
          }
          expect(node).toBe(hops.leafOf[pins.dst[p]!]!);
        }
      }),
      { numRuns: 40 },
    );
  });

  it('is refused where it cannot be expressed', () => {
    const fabric = clos2({ leaves: 3, spines: 2, hostsPerLeaf: 2 });
    const hops = nextHops(fabric);
    const [pattern] = shiftPatterns(workloadEndpoints(fabric, hops), 100);
    const base = moduloTables(fabric, hops);
    const codes = (f: Fabric, policyEntries: number) => {
      const made = flowBasedRoutes(f, hops, pattern!, base, { tableEntries: 100, policyEntries });
      return made.ok ? [] : made.issues.map((i) => i.code);
    };
    expect(codes(fabric, 100)).toEqual(['transport-cannot']);
    expect(codes(roce(fabric), 0)).toEqual(['pins-refused']);
    expect(codes(roce(fabric), 100)).toEqual([]);
  });

  it('has no tables for pins that part again on the way to one destination', () => {
    const fabric = roce(clos2({ leaves: 2, spines: 2, hostsPerLeaf: 2 }));
    const hops = nextHops(fabric);
    const pattern = { src: Int32Array.of(0, 1), dst: Int32Array.of(2, 2) };
    const pins = pinPattern(fabric, hops, pattern, moduloTables(fabric, hops));
    expect(tablesOfPins(fabric, pins)).toBeNull();
  });
});
