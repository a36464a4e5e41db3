import type { Efficiency } from '../catalog/types.ts';
import type { PreparedTrial } from '../step/types.ts';

/** What of an efficiency entry is fitted to whole steps: factors on its three kinds of tables. */
export const FITTED = ['gemm', 'attention', 'memory'] as const;

/** A published step and how much it counts. */
export interface Weighted {
  readonly trial: PreparedTrial;
  readonly weight: number;
}

export interface Sensitivity {
  /** log(computed / measured) of each trial. */
  readonly residuals: Float64Array;
  /**
   * The same when the constants are fitted to all trials but this one: r / (1 - h), h the leverage of the trial (PRESS;
   * Allen 1974). Exact where the model is linear in the logarithms, which it nearly is.
   */
  readonly leftOut: Float64Array;
}

const STEP = 1e-4; // literal: of a logarithm, for differences
const ROUNDS = 12;

/**
 * Fits the factors by Gauss and Newton on log(computed / measured), least squares with weights. Both sides are
 * logarithms, so that a trial of a minute counts as much as one of a second. O(rounds * trials).
 */
export function fitEfficiency(trials: readonly Weighted[], start: Efficiency): Efficiency {
  let efficiency = start;
  for (let round = 0; round < ROUNDS; round++) {
    const { residuals, slopes } = linearise(trials, efficiency);
    const delta = solve(...normal(trials, slopes, residuals));
    efficiency = scaled(
      efficiency,
      delta.map((d) => Math.max(-0.5, Math.min(0.5, d))),
    );
    if (delta.every((d) => Math.abs(d) < STEP)) break;
  }
  return efficiency;
}

/** Residuals of given constants, and what they would be for each trial if it had been left out of the fit. */
export function sensitivity(trials: readonly Weighted[], efficiency: Efficiency): Sensitivity {
  const { residuals, slopes } = linearise(trials, efficiency);
  const [matrix] = normal(trials, slopes, residuals);
  const leftOut = residuals.map((r, i) => {
    const row = slopes.map((s) => s[i]!);
    const along = solve(matrix, row);
    const leverage = trials[i]!.weight * row.reduce((sum, s, j) => sum + s * along[j]!, 0);
    return r / (1 - Math.min(0.99, leverage));
  });
  return { residuals, leftOut };
}

/** A true refit without one trial: what `sensitivity` predicts, at the price of a fit. */
export function refitWithout(trials: readonly Weighted[], index: number, start: Efficiency): number {
  const rest = trials.filter((_, i) => i !== index);
  return logError(trials[index]!.trial, fitEfficiency(rest, start));
}

function logError(trial: PreparedTrial, efficiency: Efficiency): number {
  return Math.log(trial.run(efficiency).seconds / trial.trial.seconds);
}

function linearise(
  trials: readonly Weighted[],
  efficiency: Efficiency,
): { residuals: Float64Array; slopes: Float64Array[] } {
  const errors = (e: Efficiency): Float64Array =>
    Float64Array.from(trials, ({ trial }) => logError(trial, e));
  const residuals = errors(efficiency);
  const slopes = FITTED.map((_, j) => {
    const moved = errors(
      scaled(
        efficiency,
        FITTED.map((_, k) => (k === j ? STEP : 0)),
      ),
    );
    return moved.map((r, i) => (r - residuals[i]!) / STEP);
  });
  return { residuals, slopes };
}

function scaled(efficiency: Efficiency, logs: readonly number[]): Efficiency {
  const scale = { ...efficiency.scale };
  FITTED.forEach((name, j) => {
    scale[name] *= Math.exp(logs[j]!);
  });
  return { ...efficiency, scale };
}

/** Weighted normal equations: matrix, and right side for the step that takes the residuals down. */
function normal(
  trials: readonly Weighted[],
  slopes: readonly Float64Array[],
  residuals: Float64Array,
): [number[][], number[]] {
  const weighted = (a: Float64Array, b: Float64Array): number =>
    trials.reduce((sum, { weight }, i) => sum + weight * a[i]! * b[i]!, 0);
  const matrix = slopes.map((a) => slopes.map((b) => weighted(a, b)));
  return [matrix, slopes.map((a) => -weighted(a, residuals))];
}

/** Gauss with pivots; the matrices are three by three. */
function solve(matrix: readonly (readonly number[])[], right: readonly number[]): number[] {
  const n = right.length;
  const a = matrix.map((row, i) => [...row, right[i]!]);
  for (let c = 0; c < n; c++) {
    let pivot = c;
    for (let r = c + 1; r < n; r++) if (Math.abs(a[r]![c]!) > Math.abs(a[pivot]![c]!)) pivot = r;
    [a[c], a[pivot]] = [a[pivot]!, a[c]!];
    for (let r = 0; r < n; r++) {
      if (r === c || a[c]![c] === 0) continue;
      const f = a[r]![c]! / a[c]![c]!;
      for (let k = c; k <= n; k++) a[r]![k]! -= f * a[c]![k]!;
    }
  }
  return a.map((row, i) => (row[i] === 0 ? 0 : row[n]! / row[i]!));
}
