import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { linkName } from '../../fabric/names.ts';
import { planSpec } from '../../plan/library.ts';
import { cellLoads, fabricMaps } from '../map.ts';
import { loadsUnder, planRoutings } from '../routings.ts';
import { carry, selectLinks } from '../selection.ts';
import { waysThrough } from '../ways.ts';
import { ticks, widthOf } from './kit.ts';
import { drawMarks } from './marks.ts';
import { kneeOf } from './plan-charts.ts';
import { type Shape, shape, svgText } from './shape.ts';

describe('shapes', () => {
  it('are well-formed text whatever names hold', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (name) => {
        const text = svgText(shape('text', { 'data-name': name }, name));
        expect(text.match(/</g)?.length).toBe(name === '' ? 1 : 2);
        expect(text).not.toMatch(/\p{Cc}(?!$)/u);
      }),
    );
  });
});

describe('ticks', () => {
  it('are few, ascending, and inside', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 1e6, noNaN: true }),
        fc.double({ min: 1e-3, max: 1e9, noNaN: true }),
        (low, span) => {
          const list = ticks(low, low + span);
          expect(list.length).toBeLessThan(12);
          for (let i = 1; i < list.length; i++) expect(list[i]!).toBeGreaterThan(list[i - 1]!);
        },
      ),
    );
  });
});

describe('marks', () => {
  const boxOf = ({ attributes: { x, y }, children }: Shape) => {
    const width = widthOf(String(children[0])) * 1.08;
    return { x1: Number(x), x2: Number(x) + width, y1: Number(y) - 11, y2: Number(y) + 3 };
  };

  it('keep their labels off one another and inside, where there is room', () => {
    const room = { left: 78, right: 718, top: 40, bottom: 274 };
    const at = (x: number, y: number, label: string) => ({ x, y, label });
    const marks = [
      at(300, 150, 'this job'),
      at(304, 152, 'crossover'),
      at(310, 149, 'ceiling: pipeline'),
      at(716, 270, 'the last'),
    ];
    const curve = [
      [78, 270],
      [400, 120],
      [716, 60],
    ] as const;
    const labels = drawMarks(marks, [curve], room, [])
      .filter((s) => s.tag === 'text')
      .map(boxOf);
    labels.forEach((a, i) => {
      expect(a.x1).toBeGreaterThanOrEqual(room.left);
      expect(a.x2).toBeLessThanOrEqual(room.right);
      for (const b of labels.slice(i + 1))
        expect(a.x1 < b.x2 && b.x1 < a.x2 && a.y1 < b.y2 && b.y1 < a.y2).toBe(false);
    });
  });
});

describe('the knee of a curve', () => {
  const point = (pinned: number, maxLoad: number) => ({ pinned, maxLoad, ratio: maxLoad });
  it('is where more pins begin to gain less', () => {
    expect(kneeOf([point(0, 10), point(1, 9), point(2, 3), point(4, 2.9), point(8, 2.8)]).pinned).toBe(2);
    expect(kneeOf([point(0, 10), point(1, 9.9), point(2, 9.7), point(4, 2)]).pinned).toBe(0);
  });
});

describe('the maps of a fabric', () => {
  it('hold every link between switches once, and its load; a cell’s users carry its bytes', async () => {
    const result = await planSpec(readFileSync('examples/small-32.yaml', 'utf8'));
    if (!result.ok) throw new Error('the example has a plan');
    const { fabric, hops } = result.value.artefacts.fabric;
    const { flows } = result.value.artefacts.placed;
    const maps = fabricMaps(fabric);
    expect(new Set(maps.links).size).toBe(result.value.plan.fabric.interSwitchLinks);
    expect(maps.links.length).toBe(result.value.plan.fabric.interSwitchLinks);
    for (const { routes } of planRoutings(result.value)) {
      const load = loadsUnder(result.value, routes);
      const loads = cellLoads(fabric, maps, load);
      const carried = carry(fabric, hops, flows, routes, load);
      for (let cell = 0; cell < maps.cells; cell++) {
        const links = [...maps.links.subarray(maps.start[cell]!, maps.start[cell + 1]!)];
        expect(loads.up[cell]).toBeCloseTo(Math.max(...links.map((l) => load[l]! / fabric.linkRate[l]!)), 5);
        const { operations } = selectLinks(carried, links);
        const bytes = operations.rows.reduce((sum, row) => sum + (row[1] as { value: number }).value, 0);
        const expected = links.reduce((sum, l) => sum + load[l]!, 0);
        expect(Math.abs(bytes - expected)).toBeLessThanOrEqual(1e-9 * expected + 1e-3);
        // On the links themselves the ways of their users carry just that; NICs that a path has are on it too.
        const ways = waysThrough(carried, links).table.rows;
        const own = new Set(links.map((l) => linkName(fabric, l)));
        const there = ways.filter((row) => own.has(row[0] as string));
        const sum = there.reduce((total, row) => total + (row[1] as { value: number }).value, 0);
        expect(Math.abs(sum - expected)).toBeLessThanOrEqual(1e-9 * expected + 1e-3);
      }
    }
  });
});
