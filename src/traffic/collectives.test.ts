import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { directPattern, hierarchicalPattern } from './direct.ts';
import { rankLayout } from './layout.ts';
import type { Pattern } from './pattern.ts';
import { ringPattern } from './ring.ts';
import { type GroupShape, groupShape } from './shapes.ts';
import { firstParent, secondParent, treeAllReducePattern } from './tree.ts';

/** Groups on whole nodes with `perNode` members on each, or on a scattered choice of ranks. */
function evenShape(nodes: number, perNode: number): GroupShape {
  const layout = rankLayout(nodes * 8, 8);
  if (!layout.ok) throw new Error('no layout');
  const members = Array.from(
    { length: nodes * perNode },
    (_, m) => Math.floor(m / perNode) * 8 + (m % perNode),
  );
  return groupShape(Int32Array.from(members), layout.value);
}
const even = fc
  .tuple(fc.integer({ min: 1, max: 7 }), fc.integer({ min: 1, max: 8 }))
  .filter(([n, m]) => n * m > 1);
const uneven = fc
  .uniqueArray(fc.integer({ min: 0, max: 39 }), { minLength: 2, maxLength: 20 })
  .map((members) => {
    const layout = rankLayout(40, 8);
    if (!layout.ok) throw new Error('no layout');
    return groupShape(Int32Array.from(members), layout.value);
  });
const shape = fc.oneof(
  even.map(([n, m]) => evenShape(n, m)),
  uneven,
);

/** Sums by pair, as 'from>to'. */
function pairs(pattern: Pattern): Map<string, number> {
  const sums = new Map<string, number>();
  for (let k = 0; k < pattern.count; k++) {
    const key = `${pattern.from[k]}>${pattern.to[k]}`;
    sums.set(key, (sums.get(key) ?? 0) + pattern.share[k]!);
  }
  return sums;
}

function expectSamePairs(a: Map<string, number>, b: Map<string, number>): void {
  expect([...a.keys()].sort()).toEqual([...b.keys()].sort());
  for (const [key, value] of a) expect(value).toBeCloseTo(b.get(key)!, 10);
}

/** Sent by each member: over NVLink and over the network. */
function sent(pattern: Pattern, { size, slot }: GroupShape): { near: number[]; far: number[] } {
  const near = Array.from({ length: size }, () => 0);
  const far = Array.from({ length: size }, () => 0);
  for (let k = 0; k < pattern.count; k++) {
    const from = pattern.from[k]!;
    (slot[from] === slot[pattern.to[k]!] ? near : far)[from]! += pattern.share[k]!;
  }
  return { near, far };
}

/**
 * Reduce-scatter of the algorithm itself, chunk by chunk: rings of members, each with its part of the vector;
 * returns what crossed each pair and checks that at the end every chunk has every member's part exactly once.
 */
function simulateRings(
  rings: readonly (readonly number[])[],
  nic: (ring: number, from: number, to: number) => string,
) {
  const sums = new Map<string, number>();
  for (const [r, ring] of rings.entries()) {
    const n = ring.length;
    // parts[position][chunk]: whose contributions the member at that position holds summed.
    const parts = ring.map((member) => Array.from({ length: n }, () => [member]));
    for (let step = 0; step < n - 1; step++) {
      const messages = ring.map((_, p) => ({
        chunk: (p - step + n) % n,
        set: parts[p]![(p - step + n) % n]!,
      }));
      for (const [p, { chunk, set }] of messages.entries()) {
        const q = (p + 1) % n;
        parts[q]![chunk] = [...parts[q]![chunk]!, ...set];
        const key = nic(r, ring[p]!, ring[q]!);
        sums.set(key, (sums.get(key) ?? 0) + 1 / n / rings.length);
      }
    }
    for (let p = 0; p < n; p++) {
      const owned = parts[p]![(p + 1) % n]!;
      expect([...owned].sort((a, b) => a - b)).toEqual([...ring].sort((a, b) => a - b));
    }
  }
  return sums;
}

describe('ring', () => {
  test('on whole nodes is m complete rings, one from each slot', () => {
    fc.assert(
      fc.property(even, ([nodes, m]) => {
        fc.pre(nodes > 1);
        const s = evenShape(nodes, m);
        const rings = Array.from({ length: m }, (_, k) =>
          Array.from({ length: nodes * m }, (_, p) => Math.floor(p / m) * m + ((k + p) % m)),
        );
        // Between nodes a ring goes through the NICs of its slot on both sides.
        const nic = (k: number, from: number, to: number) => {
          const crossing = s.slot[from] !== s.slot[to];
          return crossing ? `${s.slot[from]! * m + k}>${s.slot[to]! * m + k}` : `${from}>${to}`;
        };
        expectSamePairs(pairs(ringPattern(s)), simulateRings(rings, nic));
      }),
    );
  });

  test('on uneven nodes is one ring in member order', () => {
    fc.assert(
      fc.property(uneven, (s) => {
        fc.pre(s.perNode === 0);
        const ring = Array.from({ length: s.size }, (_, i) => i);
        expectSamePairs(
          pairs(ringPattern(s)),
          simulateRings([ring], (_, from, to) => `${from}>${to}`),
        );
      }),
    );
  });
});

test('ring, hierarchical and direct: every member sends and receives (n - 1) / n of the vector', () => {
  fc.assert(
    fc.property(shape, (s) => {
      for (const pattern of [ringPattern(s), hierarchicalPattern(s), directPattern(s)]) {
        if (pattern === null) continue;
        const received = Array.from({ length: s.size }, () => 0);
        const { near, far } = sent(pattern, s);
        for (let k = 0; k < pattern.count; k++) received[pattern.to[k]!]! += pattern.share[k]!;
        for (let m = 0; m < s.size; m++) {
          expect(near[m]! + far[m]!).toBeCloseTo((s.size - 1) / s.size, 10);
          expect(received[m]).toBeCloseTo((s.size - 1) / s.size, 10);
        }
      }
    }),
  );
});

test('what the network carries a rank: ring (n-1)/n/m, hierarchical (N-1)/N/m, direct (n-m)/n', () => {
  fc.assert(
    fc.property(even, ([nodes, m]) => {
      fc.pre(nodes > 1);
      const s = evenShape(nodes, m);
      const far = (p: Pattern) => sent(p, s).far[0]!;
      const n = nodes * m;
      expect(far(ringPattern(s))).toBeCloseTo((n - 1) / n / m, 10);
      expect(far(hierarchicalPattern(s)!)).toBeCloseTo((nodes - 1) / nodes / m, 10);
      expect(far(directPattern(s))).toBeCloseTo((n - m) / n, 10);
    }),
  );
});

describe('double binary tree', () => {
  test('both are trees of logarithmic depth with two children at most', () => {
    for (let count = 1; count <= 70; count++) {
      for (const parent of [firstParent, secondParent]) {
        const children = Array.from({ length: count }, () => 0);
        let roots = 0;
        for (let v = 0; v < count; v++) {
          let steps = 0;
          for (let u = v; u >= 0; u = parent(u, count))
            expect(++steps).toBeLessThanOrEqual(Math.log2(count) + 2);
          if (parent(v, count) < 0) roots++;
          else children[parent(v, count)]!++;
        }
        expect(roots).toBe(1);
        expect(Math.max(...children)).toBeLessThanOrEqual(2);
      }
    }
  });

  test('whoever forwards in one is a leaf of the other, but one vertex where the count is odd', () => {
    for (let count = 2; count <= 70; count++) {
      const inner = (parent: typeof firstParent) => {
        const set = new Set<number>();
        for (let v = 0; v < count; v++) if (parent(v, count) >= 0) set.add(parent(v, count));
        return set;
      };
      const first = inner(firstParent);
      const both = [...inner(secondParent)].filter((v) => first.has(v));
      expect(both.length).toBeLessThanOrEqual(count % 2);
    }
  });

  test('2 (N - 1) vectors cross the network, and 2 (m - 1) the NVLinks of each node', () => {
    fc.assert(
      fc.property(even, ([nodes, m]) => {
        const s = evenShape(nodes, m);
        const { near, far } = sent(treeAllReducePattern(s), s);
        const sum = (x: number[]) => x.reduce((a, b) => a + b, 0);
        expect(sum(far)).toBeCloseTo(2 * (nodes - 1), 10);
        expect(sum(near)).toBeCloseTo(2 * (m - 1) * nodes, 10);
      }),
    );
  });
});
