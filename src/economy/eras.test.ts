import fc from 'fast-check';
import { expect, it } from 'vitest';
import { builtin } from '../catalog/catalog.ts';
import { eras } from './eras.ts';
import { fitTrend, project } from './trend.ts';

it('fits what grew exponentially exactly, and says so by a range of no width', () => {
  fc.assert(
    fc.property(
      fc.double({ min: -0.2, max: 1, noNaN: true }),
      fc.double({ min: 1, max: 1e6, noNaN: true }),
      (growth, start) => {
        const at = (year: number) => start * Math.exp(Math.log(1 + growth) * (year - 2000));
        const trend = fitTrend([2000, 2003, 2010, 2012].map((year) => ({ year, value: at(year) })));
        expect(trend.growth).toBeCloseTo(growth, 9);
        const p = project(trend, 2020);
        expect(p.value / at(2020)).toBeCloseTo(1, 9);
        expect(p.low / p.value).toBeCloseTo(1, 6);
        expect(p.high / p.value).toBeCloseTo(1, 6);
      },
    ),
  );
});

it('the range of a regression is the textbook’s', () => {
  // ln y = 0, 1, 1 at x = 0, 1, 2: slope 0.5, residuals -1/6, 1/3, -1/6, s = sqrt(1/6), t(1) = 6.314.
  const trend = fitTrend([
    { year: 0, value: 1 },
    { year: 1, value: Math.E },
    { year: 2, value: Math.E },
  ]);
  const p = project(trend, 3);
  const off = 6.314 * Math.sqrt(1 / 6) * Math.sqrt(1 + 1 / 3 + 4 / 2);
  expect(Math.log(p.value)).toBeCloseTo(2 / 3 + 1, 9);
  expect(Math.log(p.high / p.value)).toBeCloseTo(off, 9);
  expect(Math.log(p.value / p.low)).toBeCloseTo(off, 9);
});

it('names every disagreement of the chart with its sources and with itself', () => {
  const e = eras(builtin());
  const disagrees = e.comparisons
    .filter((c) => !c.agrees)
    .map((c) => `${c.era} ${c.measure} ${c.sourced.year}`);
  expect(disagrees).toEqual([
    'internet energy 2000',
    'internet traffic 2000',
    'internet data-centres 2016',
    'internet pue 2007',
    'mobile-cloud traffic 2010',
    'ai traffic 2025',
    'ai data-centres 2024',
    'ai pue 2024',
  ]);
  expect(e.chart.map((c) => c.growth?.traffic ?? null)).toEqual([null, 10_000, 50_000]);
  expect(e.arithmetic[0]).toContain('400 TWh is 2 times 200 and 40 times 10');
  expect(e.arithmetic[1]).toContain('50,000 times 20,000 (not 500,000 times)');
  expect(e.fits.filter((f) => f.projections.length === 0).map((f) => f.trend.points)).toEqual([2, 2]);
});

it('says where a cluster stands', () => {
  const load = { siteWatts: 20e6, pue: 1.3, networkRate: 1e15, insideRate: 1e15 };
  const c = eras(builtin(), load).cluster!;
  // 20 MW over a year are 0.1752 TWh.
  expect(c.powerShare).toBeCloseTo(0.1752 / 415, 9);
  expect(c.networkPerDay).toBe(86_400);
  expect(c.clustersForChart).toBeCloseTo(1e9 / 172_800, 6);
});
