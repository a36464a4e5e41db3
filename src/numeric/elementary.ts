/**
 * exp and log of sums and products alone, so that they have the same bits on every engine: `Math.exp` and `Math.log`
 * may differ in their last digit, which a long computation that feeds on itself would amplify.
 */

const LN2_HIGH = 0.6931471803691238; // The upper 32 bits of ln 2 (fdlibm), so that k times it is exact.
const LN2_LOW = 1.9082149292705877e-10;

const bits = new DataView(new ArrayBuffer(8));

/** 2 to a whole power from -1022 to 1023. */
function powerOfTwo(k: number): number {
  bits.setUint32(0, (k + 1023) << 20);
  bits.setUint32(4, 0);
  return bits.getFloat64(0);
}

/** Relative error below 1e-15. 0 below the smallest number, Infinity above the largest. */
export function exp(x: number): number {
  if (Number.isNaN(x)) return x;
  if (x > 709.78) return Number.POSITIVE_INFINITY;
  if (x < -745.2) return 0;
  const k = Math.round(x * Math.LOG2E);
  const r = x - k * LN2_HIGH - k * LN2_LOW;
  // Taylor to the 13th power: |r| <= ln(2) / 2, so the rest is below 1e-17.
  let p = 1;
  for (let i = 13; i > 0; i--) p = 1 + (r / i) * p;
  const half = k >> 1;
  return p * powerOfTwo(half) * powerOfTwo(k - half);
}

/** Relative error below 1e-15 for normal numbers above 0. */
export function log(x: number): number {
  if (!(x > 0)) return x === 0 ? Number.NEGATIVE_INFINITY : Number.NaN;
  if (x === Number.POSITIVE_INFINITY) return x;
  bits.setFloat64(0, x);
  const high = bits.getUint32(0);
  let k = (high >>> 20) - 1023;
  bits.setUint32(0, (high & 0xfffff) | (1023 << 20));
  let m = bits.getFloat64(0);
  if (m > Math.SQRT2) {
    m /= 2;
    k++;
  }
  // log m = 2 artanh s, |s| < 0.172: the series to s^23 leaves less than 1e-19.
  const s = (m - 1) / (m + 1);
  const s2 = s * s;
  let sum = 0;
  for (let i = 23; i > 0; i -= 2) sum = 1 / i + s2 * sum;
  return k * LN2_HIGH + (k * LN2_LOW + 2 * s * sum);
}
