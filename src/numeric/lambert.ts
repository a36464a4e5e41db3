/**
 * W0(-exp(-1 - d)) for d >= 0: the principal branch of Lambert's function, told by its distance from the branch point so
 * that no digits are lost near it. With eta = 1 + d + W it is the positive root of eta + exp(-eta) - 1 = d, found by Newton
 * from above (convex, so each step stays above): relative error about 1e-15 / sqrt(d).
 */
export function lambertFromBranch(d: number): number {
  if (d <= 0) return -1;
  let eta = d + Math.sqrt(2 * d);
  for (let i = 0; i < STEPS; i++) {
    const step = (eta + Math.expm1(-eta) - d) / -Math.expm1(-eta);
    eta -= step;
    if (Math.abs(step) <= eta * Number.EPSILON) break;
  }
  return eta - 1 - d;
}

/** Quadratic convergence needs six; the rest is for values that rounding makes oscillate. */
const STEPS = 20;
