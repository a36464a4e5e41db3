import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { forEachGroup, groupCount, groupSize } from './groups.ts';
import { DIMENSIONS, expertGroups, groupsAlong, rankSpace } from './ranks.ts';
import type { Groups } from './types.ts';

const sizes = fc.record({
  tensor: fc.constantFrom(1, 2, 3, 4),
  context: fc.constantFrom(1, 2, 3),
  data: fc.constantFrom(1, 2, 4, 6, 8),
  pipeline: fc.constantFrom(1, 2, 3),
});
const order = fc.shuffledSubarray([...DIMENSIONS], { minLength: 4 });

/** The groups as sorted lists of sorted members. */
function listed(groups: Groups): number[][] {
  const lists: number[][] = [];
  forEachGroup(groups, (members) => lists.push(Array.from(members)));
  return lists;
}
const normal = (lists: number[][]) =>
  lists.map((l) => [...l].sort((a, b) => a - b)).sort((a, b) => a[0]! - b[0]!);

/** Coordinates of a rank, by division. */
function coordinates(s: Record<string, number>, by: readonly string[], rank: number): Record<string, number> {
  const c: Record<string, number> = {};
  let rest = rank;
  for (const d of by) {
    c[d] = rest % s[d]!;
    rest = Math.floor(rest / s[d]!);
  }
  return c;
}

/** Ranks by the value of a key, in rank order: the obvious way to make groups. */
function grouped(ranks: number, key: (rank: number) => string): number[][] {
  const lists = new Map<string, number[]>();
  for (let r = 0; r < ranks; r++) lists.set(key(r), [...(lists.get(key(r)) ?? []), r]);
  return [...lists.values()];
}

describe('groups', () => {
  test('along dimensions are the ranks that agree in all others', () => {
    fc.assert(
      fc.property(sizes, order, fc.subarray([...DIMENSIONS]), (s, by, along) => {
        const space = rankSpace({ ...s, order: by });
        if (!space.ok) throw new Error('no space');
        const groups = groupsAlong(space.value, along);
        expect(groupSize(groups) * groupCount(groups)).toBe(space.value.ranks);
        const rest = DIMENSIONS.filter((d) => !along.includes(d));
        const expected = grouped(space.value.ranks, (r) => {
          const c = coordinates(s, by, r);
          return rest.map((d) => c[d]).join();
        });
        expect(normal(listed(groups))).toEqual(normal(expected));
      }),
    );
  });

  test('of experts are blocks of the combined (tensor, data) index, in its order; replicas hold the same ones', () => {
    let strided = 0;
    fc.assert(
      fc.property(sizes, order, fc.constantFrom(1, 2, 3, 4, 6, 8, 12, 16), (s, by, expert) => {
        fc.pre((s.tensor * s.data) % expert === 0);
        const space = rankSpace({ ...s, order: by });
        if (!space.ok) throw new Error('no space');
        const made = expertGroups(space.value, expert);
        if (!made.ok) return;
        strided++;
        const where = (r: number) => {
          const c = coordinates(s, by, r);
          const q = c.tensor! + s.tensor * c.data!;
          return { ...c, block: Math.floor(q / expert), position: q % expert } as Record<string, number>;
        };
        const key =
          (...names: string[]) =>
          (r: number) =>
            names.map((n) => where(r)[n]).join();
        const { ranks } = space.value;
        const lists = listed(made.value.groups);
        expect(normal(lists)).toEqual(normal(grouped(ranks, key('block', 'context', 'pipeline'))));
        for (const list of lists) expect(list.map((r) => where(r).position)).toEqual(list.map((_, i) => i));
        expect(normal(listed(made.value.replicas.shard))).toEqual(
          normal(grouped(ranks, key('position', 'pipeline'))),
        );
      }),
    );
    expect(strided).toBeGreaterThan(20);
  });

  test('of experts that no strides can say give an issue', () => {
    const space = rankSpace({
      tensor: 4,
      context: 1,
      data: 3,
      pipeline: 2,
      order: ['tensor', 'pipeline', 'data', 'context'],
    });
    if (!space.ok) throw new Error('no space');
    const made = expertGroups(space.value, 6);
    expect(made.ok).toBe(false);
    expect(made.issues[0]).toMatchObject({ code: 'expert-groups', path: ['parallelism', 'expert'] });
  });
});

test('an order that does not name each dimension once is refused', () => {
  const made = rankSpace({
    tensor: 2,
    context: 1,
    data: 2,
    pipeline: 1,
    order: ['tensor', 'data', 'data', 'pipeline'],
  });
  expect(made.issues[0]?.code).toBe('rank-order');
});
