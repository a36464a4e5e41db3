import type { Values } from './cost.ts';
import type { Lever, LeverName, Levers } from './levers.ts';
import type { Money, Sensitivity } from './types.ts';

export function valuesOf(levers: Levers): Values {
  return Object.fromEntries(entries(levers).map(([name, lever]) => [name, lever.value])) as Values;
}

function entries(levers: Levers): [LeverName, Lever][] {
  return Object.entries(levers) as [LeverName, Lever][];
}

/**
 * A cost with the range its prices leave open: each price moved alone to either end, and the moves added as
 * independent errors are, by the root of their squares.
 */
export function ranged(levers: Levers, cost: (values: Values) => number): Money {
  const values = valuesOf(levers);
  const usd = cost(values);
  let up = 0;
  let down = 0;
  for (const [name, { low, high }] of entries(levers)) {
    const ends = [cost({ ...values, [name]: low }) - usd, cost({ ...values, [name]: high }) - usd];
    const rise = Math.max(0, ...ends);
    const fall = Math.min(0, ...ends);
    up += rise * rise;
    down += fall * fall;
  }
  return { usd, low: usd - Math.sqrt(down), high: usd + Math.sqrt(up) };
}

/** The tornado: every price that is not certain, moved alone to either end, the widest first. */
export function sensitivity(levers: Levers, cost: (values: Values) => number): Sensitivity[] {
  const values = valuesOf(levers);
  const rows = entries(levers)
    .filter(([, lever]) => lever.low < lever.high)
    .map(([name, lever]) => ({
      ...lever,
      usdAtLow: cost({ ...values, [name]: lever.low }),
      usdAtHigh: cost({ ...values, [name]: lever.high }),
    }));
  const width = (s: Sensitivity) => Math.abs(s.usdAtHigh - s.usdAtLow);
  return rows.sort((a, b) => width(b) - width(a) || (a.id < b.id ? -1 : 1));
}
