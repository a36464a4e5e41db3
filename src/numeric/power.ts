/**
 * x to the y for x >= 0: powers of the engine go through here, since `Math.pow` and `**` differ between engines.
 * Whole exponents up to 64 by repeated squaring, the rest as exp(y log x), good to about 1e-15 * |y log x|.
 */
export function pow(x: number, y: number): number {
  if (Number.isInteger(y) && Math.abs(y) <= LARGEST_WHOLE) return y < 0 ? 1 / whole(x, -y) : whole(x, y);
  return x === 0 ? (y > 0 ? 0 : Number.POSITIVE_INFINITY) : Math.exp(y * Math.log(x));
}

const LARGEST_WHOLE = 64;

function whole(base: number, exponent: number): number {
  let result = 1;
  for (let b = base, e = exponent; e > 0; e = Math.floor(e / 2), b *= b) if (e % 2 === 1) result *= b;
  return result;
}
