import { expect, test } from 'vitest';
import { rankLayout } from './layout.ts';
import { groupShape, ShapeTable } from './shapes.ts';

test('rank order fills nodes, the last one perhaps in part', () => {
  const made = rankLayout(10, 4);
  if (!made.ok) throw new Error('no layout');
  expect(Array.from(made.value.node)).toEqual([0, 0, 0, 0, 1, 1, 1, 1, 2, 2]);
  expect(Array.from(made.value.rankAt)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, -1, -1]);
});

test('a rank map puts ranks where it says', () => {
  const made = rankLayout(4, 2, [5, 0, 1, 4]);
  if (!made.ok) throw new Error('no layout');
  expect(made.value).toMatchObject({
    nodes: 3,
    node: Int32Array.of(2, 0, 0, 2),
    index: Int32Array.of(1, 0, 1, 0),
  });
  expect(Array.from(made.value.rankAt)).toEqual([1, 2, -1, -1, 3, 0]);
});

test('a wrong rank map gives every issue', () => {
  expect(rankLayout(3, 2, [0, 1]).issues.map((i) => i.code)).toEqual(['rank-map-length']);
  const issues = rankLayout(5, 2, [0, 0, -1, 1.5, 1e9]).issues;
  expect(issues.map((i) => i.code)).toEqual([
    'rank-map-twice',
    'rank-map-entry',
    'rank-map-entry',
    'rank-map-entry',
  ]);
  expect(issues[0]!.path).toEqual(['cluster', 'placement', 1]);
});

test('shapes number nodes as they are met and sort their members by index', () => {
  const made = rankLayout(24, 8);
  if (!made.ok) throw new Error('no layout');
  const shape = groupShape(Int32Array.of(17, 3, 16, 8), made.value);
  expect(shape).toMatchObject({ size: 4, nodes: 3, perNode: 0 });
  expect(Array.from(shape.slot)).toEqual([0, 1, 0, 2]);
  expect(Array.from(shape.byNode)).toEqual([2, 0, 1, 3]);
  expect(Array.from(shape.start)).toEqual([0, 2, 3, 4]);
});

test('shifted groups share one shape, others do not', () => {
  const made = rankLayout(64, 8);
  if (!made.ok) throw new Error('no layout');
  const table = new ShapeTable(made.value);
  const found = [
    [0, 1, 8, 9],
    [32, 33, 56, 57],
    [1, 0, 8, 9],
    [0, 1, 8, 16],
    [2, 3, 10, 11],
    [40, 41, 0, 1],
  ].map((members) => table.find(Int32Array.from(members)));
  expect(found).toEqual([0, 0, 1, 2, 3, 0]);
});
