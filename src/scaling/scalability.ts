/**
 * Universal scalability (Gunther): throughput of n machines X(n) = rate n / (1 + contention (n - 1) + coherency n (n - 1)).
 * Contention is what waits for its turn (alone it is Amdahl's serial part), coherency what every pair must agree on; with
 * coherency above 0 throughput peaks at n = sqrt((1 - contention) / coherency) and then falls.
 */
export interface Scalability {
  /** Throughput of one machine by itself, extrapolated. */
  readonly rate: number;
  readonly contention: number;
  readonly coherency: number;
  /** Machines at the peak; null where throughput never falls. */
  readonly peak: number | null;
  /** Root of the mean squared relative error over the points. */
  readonly error: number;
}

/**
 * Fits the three numbers to (machines, throughput) points by least squares of relative errors: n / X is linear in them,
 *   n / X(n) = c0 + c1 (n - 1) + c2 n (n - 1), all c >= 0, rate = 1 / c0, contention = c1 / c0, coherency = c2 / c0.
 * With three unknowns the active set is found by trying all of them. null with fewer than three points. O(points).
 */
export function fitScalability(
  machines: readonly number[],
  throughput: readonly number[],
): Scalability | null {
  if (machines.length < 3) return null;
  const rows = machines.map((n, i) => {
    const perThroughput = n / throughput[i]!;
    return [1, n - 1, n * (n - 1)].map((term) => term / perThroughput);
  });
  let best: { c: readonly number[]; squares: number } | null = null;
  // c0 is always there: without it one machine would have no finite rate.
  for (const active of [[0], [0, 1], [0, 2], [0, 1, 2]]) {
    const c = leastSquares(rows, active);
    if (c === null || c.some((value) => value < 0) || c[0] === 0) continue;
    const squares = sumOfSquares(rows, c);
    // A further term must earn its place beyond rounding.
    if (best === null || squares < best.squares * (1 - NEGLIGIBLE)) best = { c, squares };
  }
  if (best === null) return null;
  const [c0, c1, c2] = best.c as [number, number, number];
  const contention = c1 / c0;
  const coherency = c2 / c0;
  return {
    rate: 1 / c0,
    contention,
    coherency,
    peak: coherency > 0 && contention < 1 ? Math.sqrt((1 - contention) / coherency) : null,
    error: Math.sqrt(best.squares / machines.length),
  };
}

const NEGLIGIBLE = 0.001;

/** Throughput that the fit gives n machines. */
export function throughputOf({ rate, contention, coherency }: Scalability, n: number): number {
  return (rate * n) / (1 + contention * (n - 1) + coherency * n * (n - 1));
}

/** c of length 3 with zeros off `active`, minimising sum (row . c - 1)^2 by the normal equations, columns scaled; null if singular. */
function leastSquares(rows: readonly (readonly number[])[], active: readonly number[]): number[] | null {
  const scale = active.map((k) => Math.max(...rows.map((row) => Math.abs(row[k]!))));
  if (scale.some((s) => s === 0)) return null;
  const size = active.length;
  const system = active.map((k, i) => [
    ...active.map((m, j) =>
      rows.reduce((sum, row) => sum + (row[k]! / scale[i]!) * (row[m]! / scale[j]!), 0),
    ),
    rows.reduce((sum, row) => sum + row[k]! / scale[i]!, 0),
  ]);
  if (!eliminate(system, size)) return null;
  const c = [0, 0, 0];
  for (const [i, k] of active.entries()) c[k] = system[i]![size]! / scale[i]!;
  return c;
}

/** Gauss-Jordan with row pivots, in place; false when singular. */
function eliminate(system: number[][], size: number): boolean {
  for (let column = 0; column < size; column++) {
    let pivot = column;
    for (let r = column + 1; r < size; r++)
      if (Math.abs(system[r]![column]!) > Math.abs(system[pivot]![column]!)) pivot = r;
    if (Math.abs(system[pivot]![column]!) < SINGULAR) return false;
    [system[column], system[pivot]] = [system[pivot]!, system[column]!];
    const row = system[column]!;
    for (let r = 0; r < size; r++) {
      if (r === column) continue;
      const factor = system[r]![column]! / row[column]!;
      for (let k = column; k <= size; k++) system[r]![k]! -= factor * row[k]!;
    }
    for (let k = size; k >= column; k--) row[k]! /= row[column]!;
  }
  return true;
}

/** Of sums of scaled columns, which are at most the number of points. */
const SINGULAR = 1e-13; // literal: a rounding limit, no physics

function sumOfSquares(rows: readonly (readonly number[])[], c: readonly number[]): number {
  let sum = 0;
  for (const row of rows) {
    const off = row[0]! * c[0]! + row[1]! * c[1]! + row[2]! * c[2]! - 1;
    sum += off * off;
  }
  return sum;
}
