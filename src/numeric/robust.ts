/** The last values of a series, with what robust statistics ask of them. Fixed memory; values are finite. */
export class Window {
  readonly size: number;
  #filled = 0;
  #next = 0;
  readonly #values: Float64Array;
  readonly #scratch: Float64Array;

  constructor(size: number) {
    this.size = size;
    this.#values = new Float64Array(size);
    this.#scratch = new Float64Array(size);
  }

  get length(): number {
    return this.#filled;
  }

  push(value: number): void {
    this.#values[this.#next] = value;
    this.#next = (this.#next + 1) % this.size;
    if (this.#filled < this.size) this.#filled++;
  }

  clear(): void {
    this.#filled = 0;
    this.#next = 0;
  }

  /** The i-th newest value, 0 the last one. */
  newest(i: number): number {
    return this.#values[(this.#next - 1 - i + 2 * this.size) % this.size]!;
  }

  /** Median of the newest `count` values (all when fewer are there). O(count log count). */
  median(count = this.size): number {
    const n = Math.min(count, this.#filled);
    for (let i = 0; i < n; i++) this.#scratch[i] = this.newest(i);
    return middle(this.#scratch, n);
  }

  /**
   * Standard deviation of the noise around whatever trend: the larger of 1.4826 MAD of successive differences over
   * sqrt 2, which no trend touches, and 1.4826 MAD around the line through the medians of both halves, which noise that
   * comes in waves does touch. O(n log n).
   */
  noise(): number {
    const n = this.#filled;
    if (n < 4) return 0;
    for (let i = 0; i + 1 < n; i++) this.#scratch[i] = Math.abs(this.newest(i) - this.newest(i + 1));
    const differences = middle(this.#scratch, n - 1) * (MAD_TO_SIGMA * Math.SQRT1_2);
    const half = Math.floor(n / 2);
    for (let i = 0; i < half; i++) this.#scratch[i] = this.newest(i);
    const late = middle(this.#scratch, half);
    for (let i = half; i < n; i++) this.#scratch[i - half] = this.newest(i);
    const early = middle(this.#scratch, n - half);
    const slope = (late - early) / (n / 2);
    const centre = (late + early) / 2;
    for (let i = 0; i < n; i++) {
      this.#scratch[i] = Math.abs(this.newest(i) - (centre + slope * ((n - 1) / 2 - i)));
    }
    return Math.max(differences, middle(this.#scratch, n) * MAD_TO_SIGMA);
  }
}

/** Median absolute deviation of a normal distribution to its standard deviation. */
const MAD_TO_SIGMA = 1.4826;

/** Median of the first n entries, which change places. O(n) on average (Hoare 1961, Find). */
function middle(values: Float64Array, n: number): number {
  const k = n >> 1;
  let left = 0;
  let right = n - 1;
  while (left < right) {
    const pivot = values[(left + right) >> 1]!;
    let i = left;
    let j = right;
    while (i <= j) {
      while (values[i]! < pivot) i++;
      while (values[j]! > pivot) j--;
      if (i > j) break;
      const t = values[i]!;
      values[i++] = values[j]!;
      values[j--] = t;
    }
    if (k <= j) right = j;
    else if (k >= i) left = i;
    else break;
  }
  const upper = values[k]!;
  if (n % 2 === 1) return upper;
  // Everything before k is at most as large: the other one of the two in the middle is the largest there.
  let lower = values[0]!;
  for (let i = 1; i < k; i++) if (values[i]! > lower) lower = values[i]!;
  return (lower + upper) / 2;
}

/** Median of the last `size` values, kept in order as they come and go. O(size) a value, without allocation. */
export class RunningMedian {
  readonly #size: number;
  readonly #ring: Float64Array;
  readonly #sorted: Float64Array;
  #filled = 0;
  #next = 0;

  constructor(size: number) {
    this.#size = size;
    this.#ring = new Float64Array(size);
    this.#sorted = new Float64Array(size);
  }

  clear(): void {
    this.#filled = 0;
    this.#next = 0;
  }

  push(value: number): void {
    const sorted = this.#sorted;
    let n = this.#filled;
    if (n === this.#size) {
      const old = this.#ring[this.#next]!;
      let i = 0;
      while (sorted[i]! < old) i++;
      for (n--; i < n; i++) sorted[i] = sorted[i + 1]!;
    }
    let i = n;
    for (; i > 0 && sorted[i - 1]! > value; i--) sorted[i] = sorted[i - 1]!;
    sorted[i] = value;
    this.#filled = n + 1;
    this.#ring[this.#next] = value;
    this.#next = this.#next + 1 === this.#size ? 0 : this.#next + 1;
  }

  /** NaN of nothing. */
  get value(): number {
    const n = this.#filled;
    if (n === 0) return Number.NaN;
    return n % 2 === 1 ? this.#sorted[(n - 1) / 2]! : (this.#sorted[n / 2 - 1]! + this.#sorted[n / 2]!) / 2;
  }

  get length(): number {
    return this.#filled;
  }
}
