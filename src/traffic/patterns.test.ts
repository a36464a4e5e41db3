import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parsePattern, patternPairs } from './patterns.ts';
import type { PatternEndpoints, PatternSpec } from './types.ts';

/** `hosts` servers of `rails` NICs, endpoint = host * rails + rail. */
function endpoints(hosts: number, rails: number): PatternEndpoints {
  const count = hosts * rails;
  return {
    count,
    host: Int32Array.from({ length: count }, (_, e) => Math.floor(e / rails)),
    rail: Int32Array.from({ length: count }, (_, e) => e % rails),
  };
}

function pairs(spec: PatternSpec, hosts: number, rails: number, seed = 1): [number, number][] {
  const made = patternPairs(spec, endpoints(hosts, rails), seed);
  if (!made.ok) throw new Error(made.issues[0]!.message);
  return Array.from(made.value.src, (s, k) => [s, made.value.dst[k]!]);
}

test('counts: all pairs between hosts, pairs of a rail, one each', () => {
  expect(pairs({ kind: 'all-to-all' }, 4, 3)).toHaveLength(12 * 9);
  expect(pairs({ kind: 'same-rail' }, 4, 3)).toHaveLength(3 * 4 * 3);
  expect(pairs({ kind: 'permutation' }, 4, 3)).toHaveLength(12);
  expect(pairs({ kind: 'shift', by: 1 }, 4, 3).slice(0, 4)).toEqual([
    [0, 3],
    [3, 6],
    [6, 9],
    [9, 0],
  ]);
  expect(pairs({ kind: 'incast', senders: 3 }, 8, 2)).toHaveLength(6);
  expect(pairs({ kind: 'random' }, 8, 2)).toHaveLength(16);
});

test('a permutation sends and receives once at every endpoint; nothing leaves its rail or stays in its host', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 2, max: 20 }),
      fc.integer({ min: 1, max: 4 }),
      fc.integer(),
      (hosts, rails, seed) => {
        const permutation = pairs({ kind: 'permutation' }, hosts, rails, seed);
        expect(new Set(permutation.map((p) => p[0])).size).toBe(hosts * rails);
        expect(new Set(permutation.map((p) => p[1])).size).toBe(hosts * rails);
        for (const [a, b] of [...permutation, ...pairs({ kind: 'random' }, hosts, rails, seed)]) {
          expect(a % rails).toBe(b % rails);
          expect(Math.floor(a / rails)).not.toBe(Math.floor(b / rails));
        }
        expect(pairs({ kind: 'permutation' }, hosts, rails, seed)).toEqual(permutation);
      },
    ),
  );
});

describe('texts', () => {
  test.each(['all-to-all', 'same-rail', 'permutation', 'random', 'shift:7', 'incast:12'])(
    '%s is read',
    (text) => {
      expect(parsePattern(text).ok).toBe(true);
    },
  );
  test.each(['', 'shift', 'shift:0', 'shift:x', 'incast:-1', 'permutation:3', 'all'])(
    '"%s" is refused',
    (text) => {
      const made = parsePattern(text);
      expect(made.issues[0]?.code).toBe('traffic-pattern');
    },
  );
});

test('what does not fit is an issue', () => {
  const codes = (spec: PatternSpec, hosts: number, rails: number) =>
    patternPairs(spec, endpoints(hosts, rails), 1).issues.map((i) => i.code);
  expect(codes({ kind: 'incast', senders: 8 }, 8, 1)).toEqual(['pattern-too-small']);
  expect(codes({ kind: 'shift', by: 8 }, 8, 1)).toEqual(['pattern-too-small']);
  expect(codes({ kind: 'permutation' }, 1, 4)).toEqual(['pattern-too-small']);
  expect(codes({ kind: 'shift', by: 9 }, 8, 1)).toEqual([]);
});
