import { gammaQ } from '../numeric/gamma.ts';
import { pow } from '../numeric/power.ts';

/** Times between faults, of which some are only known to be longer (censored). Seconds. */
export interface Gaps {
  readonly failed: Float64Array;
  readonly censored: Float64Array;
}

export interface LifetimeFit {
  /** Mean of the exponential. */
  readonly mean: number;
  readonly shape: number;
  readonly scale: number;
  /** Standard error of the shape, from the curvature of the likelihood. */
  readonly shapeError: number;
  /** Twice the gain in log-likelihood of Weibull over exponential, and the probability of as much by chance. */
  readonly likelihoodRatio: number;
  readonly pValue: number;
}

/** Shapes outside of this are no lifetimes. */
const SHAPES = [0.05, 20] as const;

/**
 * Exponential and Weibull by maximum likelihood with right censoring. The Weibull shape is the root of the profile score, which
 * rises with the shape, by bisection. O(gaps).
 */
export function fitLifetimes(gaps: Gaps): LifetimeFit {
  const { failed } = gaps;
  const n = failed.length;
  const total = sum(failed) + sum(gaps.censored);
  const mean = total / n;
  const meanLog = failed.reduce((s, t) => s + Math.log(t), 0) / n;
  const score = (k: number) => {
    const { powers, weighted } = moments(gaps, k, mean);
    return weighted / powers - 1 / k - (meanLog - Math.log(mean));
  };
  let [low, high] = SHAPES as readonly [number, number];
  for (let i = 0; i < 60; i++) {
    const mid = (low + high) / 2;
    if (score(mid) < 0) low = mid;
    else high = mid;
  }
  const shape = (low + high) / 2;
  const scale = mean * pow(moments(gaps, shape, mean).powers / n, 1 / shape);
  const exponential = -n * Math.log(mean) - n;
  const weibull = (k: number) => {
    const s = mean * pow(moments(gaps, k, mean).powers / n, 1 / k);
    return n * (Math.log(k) - k * Math.log(s)) + (k - 1) * n * meanLog - n;
  };
  const step = shape * CURVATURE_STEP;
  const curvature = (2 * weibull(shape) - weibull(shape + step) - weibull(shape - step)) / (step * step);
  const likelihoodRatio = Math.max(0, 2 * (weibull(shape) - exponential));
  return {
    mean,
    shape,
    scale,
    shapeError: curvature > 0 ? 1 / Math.sqrt(curvature) : 0,
    likelihoodRatio,
    pValue: gammaQ(0.5, likelihoodRatio / 2),
  };
}

const CURVATURE_STEP = 1e-3;

/** Sums of (t/unit)^k and of (t/unit)^k ln(t/unit) over all gaps; the unit keeps the powers in range. */
function moments({ failed, censored }: Gaps, k: number, unit: number) {
  let powers = 0;
  let weighted = 0;
  for (const list of [failed, censored]) {
    for (const t of list) {
      if (t <= 0) continue;
      const log = Math.log(t / unit);
      const power = Math.exp(k * log);
      powers += power;
      weighted += power * log;
    }
  }
  return { powers, weighted };
}

function sum(list: Float64Array): number {
  return list.reduce((s, x) => s + x, 0);
}

export interface ExponentialTest {
  /** Kolmogorov-Smirnov distance to the exponential of the same mean, and Stephens' modified statistic. */
  readonly distance: number;
  readonly statistic: number;
  /** Above the 5 % point for an estimated mean (Stephens 1974): not exponential. */
  readonly rejected: boolean;
}

const STEPHENS_5_PERCENT = 1.094;

/** Are these times exponential? Kolmogorov-Smirnov with the mean taken from them. O(n log n). */
export function testExponential(times: Float64Array): ExponentialTest {
  const sorted = times.slice().sort();
  const n = sorted.length;
  const mean = sum(sorted) / n;
  let distance = 0;
  sorted.forEach((t, i) => {
    const expected = -Math.expm1(-t / mean);
    distance = Math.max(distance, expected - i / n, (i + 1) / n - expected);
  });
  const root = Math.sqrt(n);
  const statistic = (distance - 0.2 / n) * (root + 0.26 + 0.5 / root);
  return { distance, statistic, rejected: statistic > STEPHENS_5_PERCENT };
}
