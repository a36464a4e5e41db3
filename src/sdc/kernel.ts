import type { Numbers } from './types.ts';

/** Where a product stands: the layer (-1 for the output), which one, and whether it is on the way forward. */
export interface Site {
  readonly layer: number;
  readonly forward: boolean;
}

/** Called with each product's output (rows x columns, at the begin of `c`) before anything reads it: here faults strike. */
export type Strike = (c: Numbers, rows: number, columns: number, site: Site) => void;

/**
 * Matrix products of the lab, m x k by k x n. Sums are double, results are rounded to the array's own precision: as a
 * tensor core does it, and the same on every engine. With `check` each product is held against its checksum.
 */
export class Kernel {
  strike: Strike | null = null;
  check = false;
  /** Products whose checksum did not hold. */
  mismatches = 0;

  /** C = A B; A is m x k (or k x m transposed), B k x n (or n x k transposed). Row-major. O(m n k). */
  multiply(
    c: Numbers,
    a: Numbers,
    b: Numbers,
    m: number,
    n: number,
    k: number,
    site: Site,
    transposeA = false,
    transposeB = false,
  ): void {
    const aRow = transposeA ? 1 : k;
    const aColumn = transposeA ? m : 1;
    const bRow = transposeB ? 1 : n;
    const bColumn = transposeB ? k : 1;
    for (let i = 0; i < m; i++) {
      for (let j = 0; j < n; j++) {
        let sum = 0;
        for (let l = 0; l < k; l++) sum += a[i * aRow + l * aColumn]! * b[l * bRow + j * bColumn]!;
        c[i * n + j] = sum;
      }
    }
    this.strike?.(c, m, n, site);
    if (this.check && !this.#sound(c, a, b, m, n, k, aRow, aColumn, bRow, bColumn)) this.mismatches++;
  }

  /**
   * Huang and Abraham's test (IEEE ToC C-33, 1984): C 1 = A (B 1), row by row, allowing for the rounding of the m n
   * results to single precision. O(m n + m k + k n).
   */
  #sound(
    c: Numbers,
    a: Numbers,
    b: Numbers,
    m: number,
    n: number,
    k: number,
    aRow: number,
    aColumn: number,
    bRow: number,
    bColumn: number,
  ): boolean {
    const sums = new Float64Array(k);
    for (let l = 0; l < k; l++) {
      let sum = 0;
      for (let j = 0; j < n; j++) sum += b[l * bRow + j * bColumn]!;
      sums[l] = sum;
    }
    for (let i = 0; i < m; i++) {
      let found = 0;
      let size = 0;
      for (let j = 0; j < n; j++) {
        found += c[i * n + j]!;
        size += Math.abs(c[i * n + j]!);
      }
      let expected = 0;
      for (let l = 0; l < k; l++) expected += a[i * aRow + l * aColumn]! * sums[l]!;
      if (!(Math.abs(found - expected) <= size * SINGLE + TINY)) return false;
    }
    return true;
  }
}

/** Half a unit in the last place of single precision, doubled for the sums' own rounding. */
const SINGLE = 2 / (1 << 24);
/** Below this single precision loses digits (subnormals). */
const TINY = 1e-36; // literal: the format's, not physics
