/**
 * The q-quantile of values that are sorted: of n the ceil(q n)-th, so that it is one of them; the median of an even
 * number is the lower of the two in the middle.
 */
export function quantile(sorted: ArrayLike<number>, q: number): number {
  return sorted[quantileAt(sorted.length, q)]!;
}

/** Position of a quantile among n sorted values. */
export function quantileAt(n: number, q: number): number {
  return Math.max(0, Math.ceil(q * n) - 1);
}
