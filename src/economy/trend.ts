import type { Projection, Trend, YearValue } from './types.ts';

/** At least two different years with values above 0. */
export function fitTrend(points: readonly YearValue[]): Trend {
  const n = points.length;
  const years = points.map((p) => p.year);
  const centre = years.reduce((s, y) => s + y, 0) / n;
  const logs = points.map((p) => Math.log(p.value));
  const level = logs.reduce((s, x) => s + x, 0) / n;
  let spread = 0;
  let product = 0;
  for (let i = 0; i < n; i++) {
    spread += (years[i]! - centre) * (years[i]! - centre);
    product += (years[i]! - centre) * (logs[i]! - level);
  }
  const rate = product / spread;
  let squares = 0;
  for (let i = 0; i < n; i++) {
    const off = logs[i]! - level - rate * (years[i]! - centre);
    squares += off * off;
  }
  return {
    points: n,
    firstYear: Math.min(...years),
    lastYear: Math.max(...years),
    growth: Math.exp(rate) - 1,
    scatter: n > 2 ? Math.sqrt(squares / (n - 2)) : 0,
    centre,
    level,
    spread,
  };
}

/** Student's t for 90 % between both ends, by degrees of freedom from 1; beyond the list the normal's 1.645 is near. */
const T90 = [6.314, 2.92, 2.353, 2.132, 2.015, 1.943, 1.895, 1.86, 1.833, 1.812];

/** The fitted growth carried on, with the prediction interval of the regression. At least three points. */
export function project(trend: Trend, year: number): Projection {
  const ahead = year - trend.centre;
  const log = trend.level + Math.log(1 + trend.growth) * ahead;
  const value = Math.exp(log);
  const freedom = trend.points - 2;
  const t = T90[freedom - 1] ?? 1.645;
  const off = t * trend.scatter * Math.sqrt(1 + 1 / trend.points + (ahead * ahead) / trend.spread);
  return { year, value, low: Math.exp(log - off), high: Math.exp(log + off) };
}
