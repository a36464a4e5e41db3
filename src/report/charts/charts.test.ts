import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { planSpec } from '../../plan/library.ts';
import { cellLoads, fabricMaps } from '../map.ts';
import { loadsUnder, planRoutings } from '../routings.ts';
import { carry, selectLinks } from '../selection.ts';
import { ticks } from './kit.ts';
import { kneeOf } from './plan-charts.ts';
import { shape, svgText } from './shape.ts';

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
      }
    }
  });
});
