import { lambertFromBranch } from '../numeric/lambert.ts';

/**
 * The best compute time between two blocking checkpoints. Failures are Poisson with mean time M, a checkpoint
 * stops the job for `write` seconds; restart and queue do not change the optimum, only the total. Seconds throughout.
 */

/** First order (Young, CACM 17(9), 1974): sqrt(2 w M). */
export function youngInterval(write: number, mttf: number): number {
  return Math.sqrt(2 * write * mttf);
}

/** Higher order (Daly, FGCS 22(3), 2006, eq. 37); M itself from w = 2 M on. */
export function dalyInterval(write: number, mttf: number): number {
  if (write >= 2 * mttf) return mttf;
  const x = write / (2 * mttf);
  return Math.sqrt(2 * write * mttf) * (1 + Math.sqrt(x) / 3 + x / 9) - write;
}

/** The minimum of (exp((tau + w) / M) - 1) / tau: tau = M (1 + W0(-exp(-1 - w/M))), W0 Lambert's function. */
export function exactInterval(write: number, mttf: number): number {
  return mttf * (1 + lambertFromBranch(write / mttf));
}

/**
 * Wall time over compute time at interval tau, restart and queue aside (Daly's complete model): a segment of tau + w
 * is repeated until no failure falls into it.
 */
export function stretch(interval: number, write: number, mttf: number): number {
  return (mttf * Math.expm1((interval + write) / mttf)) / interval;
}
