/** The incomplete gamma function and its inverse: tails of Poisson, chi-square and normal distributions. */

/** ln Gamma(x), x > 0 (Lanczos, g = 7, nine terms): relative error below 1e-13. */
function logGamma(x: number): number {
  if (x < 0.5) return Math.log(Math.PI / Math.sin(Math.PI * x)) - logGamma(1 - x);
  const t = x + 6.5;
  let sum = LANCZOS[0]!;
  for (let i = 1; i < LANCZOS.length; i++) sum += LANCZOS[i]! / (x + i - 1);
  return Math.log(Math.sqrt(2 * Math.PI) * sum) + (x - 0.5) * Math.log(t) - t;
}

const LANCZOS = [
  0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059,
  12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
];

/** Regularised lower incomplete gamma P(a, x): the series below a + 1, the continued fraction above (Lentz). */
export function gammaP(a: number, x: number): number {
  if (x <= 0) return 0;
  const front = Math.exp(a * Math.log(x) - x - logGamma(a));
  if (x < a + 1) {
    let term = 1 / a;
    let sum = term;
    for (let n = 1; n < MOST_TERMS && term > sum * Number.EPSILON; n++) {
      term *= x / (a + n);
      sum += term;
    }
    return front * sum;
  }
  return 1 - front * upperFraction(a, x);
}

/** Regularised upper incomplete gamma Q(a, x) = 1 - P(a, x), without loss where it is small. */
export function gammaQ(a: number, x: number): number {
  if (x < a + 1) return 1 - gammaP(a, x);
  return Math.exp(a * Math.log(x) - x - logGamma(a)) * upperFraction(a, x);
}

function upperFraction(a: number, x: number): number {
  let b = x + 1 - a;
  let c = 1 / TINY;
  let d = 1 / b;
  let h = d;
  for (let n = 1; n < MOST_TERMS; n++) {
    const an = -n * (n - a);
    b += 2;
    d = 1 / nonZero(an * d + b);
    c = nonZero(b + an / c);
    const factor = c * d;
    h *= factor;
    if (Math.abs(factor - 1) < Number.EPSILON) break;
  }
  return h;
}

const nonZero = (x: number): number => (Math.abs(x) < TINY ? TINY : x);
const TINY = 1e-300;
const MOST_TERMS = 100_000;

/** x with P(a, x) = p, by bisection: about 1e-12 of x. */
export function gammaQuantile(a: number, p: number): number {
  let low = 0;
  let high = a + 1;
  while (gammaP(a, high) < p) high *= 2;
  for (let i = 0; i < 80 && high - low > high * 1e-13; i++) {
    const mid = (low + high) / 2;
    if (gammaP(a, mid) < p) low = mid;
    else high = mid;
  }
  return (low + high) / 2;
}
