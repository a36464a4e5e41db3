import { describe, expect, it } from 'vitest';
import { loadHighs } from './highs.ts';
import type { LinearProgram } from './solver.ts';

/** Dense rows to columns; every variable at least 0. */
function program(cost: number[], rows: { lower: number; row: number[]; upper: number }[]): LinearProgram {
  const index: number[] = [];
  const value: number[] = [];
  const start = [0];
  for (let c = 0; c < cost.length; c++) {
    rows.forEach((r, i) => {
      if (r.row[c] !== 0) {
        index.push(i);
        value.push(r.row[c]!);
      }
    });
    start.push(index.length);
  }
  return {
    columns: cost.length,
    rows: rows.length,
    cost: Float64Array.from(cost),
    columnLower: new Float64Array(cost.length),
    columnUpper: new Float64Array(cost.length).fill(Infinity),
    rowLower: Float64Array.from(rows, (r) => r.lower),
    rowUpper: Float64Array.from(rows, (r) => r.upper),
    start: Int32Array.from(start),
    index: Int32Array.from(index),
    value: Float64Array.from(value),
  };
}

describe('HiGHS behind the solver seam', () => {
  it('solves a textbook programme: minimise 2x + 3y, x + y >= 4, x + 3y >= 6', async () => {
    const solver = await loadHighs();
    const s = solver.solve(
      program(
        [2, 3],
        [
          { lower: 4, row: [1, 1], upper: Infinity },
          { lower: 6, row: [1, 3], upper: Infinity },
        ],
      ),
    );
    // The corner x = 3, y = 1; duals 3/2 and 1/2, since 4 * 3/2 + 6 * 1/2 = 9.
    expect(s.status).toBe('optimal');
    expect(s.objective).toBeCloseTo(9, 9);
    expect([...s.x].map((x) => Math.round(x * 1e9) / 1e9)).toEqual([3, 1]);
    expect([...s.dual].map((x) => Math.round(x * 1e9) / 1e9)).toEqual([1.5, 0.5]);
  });

  it('tells infeasible from unbounded', async () => {
    const solver = await loadHighs();
    expect(solver.solve(program([1], [{ lower: 1, row: [0], upper: Infinity }])).status).toBe('infeasible');
    expect(solver.solve(program([-1], [{ lower: 0, row: [1], upper: Infinity }])).status).toBe('unbounded');
  });

  it('gives the same answer twice', async () => {
    const solver = await loadHighs();
    const lp = program(
      [1, 1, 1],
      [
        { lower: 1, row: [1, 1, 0], upper: Infinity },
        { lower: 1, row: [0, 1, 1], upper: Infinity },
        { lower: 1, row: [1, 0, 1], upper: Infinity },
      ],
    );
    expect(solver.solve(lp)).toEqual(solver.solve(lp));
  });
});
