import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Forwarding } from '../workload/types.ts';
import { allToAllPattern, dispatchPattern } from './exchange.ts';
import { rankLayout } from './layout.ts';
import type { Pattern } from './pattern.ts';
import { type GroupShape, groupShape } from './shapes.ts';
import type { ExpertShares } from './types.ts';

const forwarding = fc.constantFrom<Forwarding>('none', 'sender', 'receiver');
const shape = fc
  .uniqueArray(fc.integer({ min: 0, max: 31 }), { minLength: 2, maxLength: 14 })
  .map((members) => {
    const layout = rankLayout(32, 8);
    if (!layout.ok) throw new Error('no layout');
    return groupShape(Int32Array.from(members), layout.value);
  });
/** Tokens as the sets of members that they need. */
const group = shape.chain((s) =>
  fc.record({
    shape: fc.constant(s),
    tokens: fc.array(fc.subarray(Array.from({ length: s.size }, (_, i) => i)), {
      minLength: 1,
      maxLength: 8,
    }),
  }),
);

type Matrix = Map<string, number>;

function matrix(pattern: Pattern): Matrix {
  const sums: Matrix = new Map();
  for (let k = 0; k < pattern.count; k++) sums.set(`${pattern.from[k]}>${pattern.to[k]}`, pattern.share[k]!);
  return sums;
}

/** The member of a node that has the index of another, or stands in for it. */
function relay({ size, slot, index }: GroupShape, like: number, node: number): number {
  const there = Array.from({ length: size }, (_, m) => m)
    .filter((m) => slot[m] === node)
    .sort((a, b) => index[a]! - index[b]!);
  return there.find((m) => index[m] === index[like]) ?? there[index[like]! % there.length]!;
}

/** Shares when every rank has these very tokens. */
function sharesOf({ size, nodes, slot }: GroupShape, tokens: readonly (readonly number[])[]): ExpertShares {
  const rank = new Float64Array(size);
  const node = new Float64Array(nodes);
  for (const needed of tokens) {
    for (const m of needed) rank[m]! += 1 / tokens.length;
    for (const n of new Set(needed.map((m) => slot[m]!))) node[n]! += 1 / tokens.length;
  }
  return { rank, node, sampled: tokens.length };
}

/** Every copy of every token sent one by one. */
function simulateDispatch(s: GroupShape, tokens: readonly (readonly number[])[], how: Forwarding): Matrix {
  const sums: Matrix = new Map();
  const copy = (from: number, to: number) => {
    if (from !== to) sums.set(`${from}>${to}`, (sums.get(`${from}>${to}`) ?? 0) + 1 / tokens.length);
  };
  for (let from = 0; from < s.size; from++) {
    for (const needed of tokens) {
      const away = needed.filter((m) => s.slot[m] !== s.slot[from]);
      for (const m of needed) if (s.slot[m] === s.slot[from]) copy(from, m);
      if (how === 'receiver') {
        for (const node of new Set(away.map((m) => s.slot[m]!))) copy(from, relay(s, from, node));
        for (const m of away) copy(relay(s, from, s.slot[m]!), m);
      } else {
        for (const m of away) {
          const through = how === 'sender' ? relay(s, m, s.slot[from]!) : from;
          copy(from, through);
          copy(through, m);
        }
      }
    }
  }
  return sums;
}

function expectSame(a: Matrix, b: Matrix): void {
  expect([...a.keys()].sort()).toEqual([...b.keys()].sort());
  for (const [key, value] of a) expect(value).toBeCloseTo(b.get(key)!, 10);
}

describe('dispatch', () => {
  test('is what sending every copy of every token gives', () => {
    fc.assert(
      fc.property(group, forwarding, ({ shape: s, tokens }, how) => {
        expectSame(matrix(dispatchPattern(s, how, sharesOf(s, tokens))), simulateDispatch(s, tokens, how));
      }),
    );
  });

  test('crosses to every other node once a token with forwarding at the receiver', () => {
    fc.assert(
      fc.property(group, ({ shape: s, tokens }) => {
        const shares = sharesOf(s, tokens);
        const pattern = dispatchPattern(s, 'receiver', shares);
        const crossing = new Float64Array(s.nodes);
        for (let k = 0; k < pattern.count; k++) {
          const to = s.slot[pattern.to[k]!]!;
          if (s.slot[pattern.from[k]!] !== to) crossing[to]! += pattern.share[k]!;
        }
        for (let n = 0; n < s.nodes; n++) {
          const outside = s.size - (s.start[n + 1]! - s.start[n]!);
          expect(crossing[n]).toBeCloseTo(outside * shares.node[n]!, 10);
        }
      }),
    );
  });
});

describe('all-to-all', () => {
  test('keeps to one index over the network once forwarded, and every member gets its share', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 4 }),
        fc.integer({ min: 1, max: 8 }),
        forwarding,
        (nodes, m, how) => {
          const layout = rankLayout(nodes * 8, 8);
          if (!layout.ok) throw new Error('no layout');
          const members = Array.from({ length: nodes * m }, (_, i) => Math.floor(i / m) * 8 + (i % m));
          const s = groupShape(Int32Array.from(members), layout.value);
          const pattern = allToAllPattern(s, how);
          const balance = new Float64Array(s.size);
          let far = 0;
          for (let k = 0; k < pattern.count; k++) {
            const [from, to] = [pattern.from[k]!, pattern.to[k]!];
            balance[to]! += pattern.share[k]!;
            balance[from]! -= pattern.share[k]!;
            if (s.slot[from] === s.slot[to]) continue;
            far += pattern.share[k]!;
            if (how !== 'none') expect(s.index[from]).toBe(s.index[to]);
          }
          for (const b of balance) expect(b).toBeCloseTo(0, 10);
          expect(far).toBeCloseTo(s.size - m, 10);
        },
      ),
    );
  });
});
