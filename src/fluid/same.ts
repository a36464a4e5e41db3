/**
 * For each item the first one that is equal to it in all its data (itself where there is none before). O(items * the
 * data up to the first difference).
 */
export function firstEqual(items: readonly unknown[]): number[] {
  const firsts: number[] = [];
  return items.map((item, i) => {
    const first = firsts.find((k) => equal(items[k], item));
    if (first !== undefined) return first;
    firsts.push(i);
    return i;
  });
}

/** Plain data: numbers, null, arrays of either kind, and objects of these. */
function equal(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (ArrayBuffer.isView(a) && ArrayBuffer.isView(b))
    return sameNumbers(a as Float64Array, b as Float64Array);
  const keys = Object.keys(a);
  if (keys.length !== Object.keys(b).length) return false;
  return keys.every((k) => equal((a as Record<string, unknown>)[k], (b as Record<string, unknown>)[k]));
}

function sameNumbers(a: Float64Array, b: Float64Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
