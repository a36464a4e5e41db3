import fc from 'fast-check';
import { expect, test } from 'vitest';
import { buildDemand, demandCsv } from './demand.ts';

const entries = fc.array(
  fc.tuple(fc.integer({ min: 0, max: 9 }), fc.integer({ min: 0, max: 6 }), fc.integer({ min: 1, max: 1000 })),
  { maxLength: 60 },
);

test('CSR equals sums in a map, columns ascending', () => {
  fc.assert(
    fc.property(entries, (list) => {
      const sums = new Map<number, number>();
      for (const [r, c, b] of list) sums.set(r * 100 + c, (sums.get(r * 100 + c) ?? 0) + b);
      const demand = buildDemand(
        'rank',
        'x',
        10,
        {
          count: list.length,
          row: list.map((e) => e[0]),
          column: list.map((e) => e[1]),
          bytes: list.map((e) => e[2]),
        },
        7,
      );
      const found: [number, number][] = [];
      for (let r = 0; r < 10; r++) {
        for (let k = demand.start[r]!; k < demand.start[r + 1]!; k++)
          found.push([r * 100 + demand.column[k]!, demand.bytes[k]!]);
      }
      expect(found).toEqual([...sums.entries()].sort((a, b) => a[0] - b[0]));
      expect(demand.start).toHaveLength(11);
    }),
  );
});

test('CSV has a header and a line a pair', () => {
  const demand = buildDemand('node', 'x', 3, {
    count: 3,
    row: [2, 0, 2],
    column: [0, 1, 0],
    bytes: [1.5, 1e9, 2],
  });
  expect([...demandCsv(demand)].join('')).toBe('from,to,bytes\n0,1,1000000000\n2,0,3.5\n');
  expect([...demandCsv(demand, (r) => `node${r}`)].join('')).toContain('node2,node0,3.5\n');
});
