import type { Course } from './types.ts';

/** Even, so that neighbours can be joined. */
const PIECES = 512;

/** Keeps a series in at most PIECES pieces: when they are full, neighbours are joined. O(1) a point. */
export class CourseKeeper {
  #perPiece = 1;
  #pieces = 0;
  #inLast = 0;
  readonly #steps = new Float64Array(PIECES);
  readonly #low = new Float64Array(PIECES);
  readonly #high = new Float64Array(PIECES);
  readonly #sum = new Float64Array(PIECES);
  readonly #count = new Float64Array(PIECES);

  add(step: number, value: number): void {
    if (this.#pieces === 0 || this.#inLast === this.#perPiece) this.#open(step);
    const p = this.#pieces - 1;
    this.#inLast++;
    if (!Number.isFinite(value)) return;
    this.#low[p] = Math.min(this.#low[p]!, value);
    this.#high[p] = Math.max(this.#high[p]!, value);
    this.#sum[p] = this.#sum[p]! + value;
    this.#count[p] = this.#count[p]! + 1;
  }

  #open(step: number): void {
    if (this.#pieces === PIECES) this.#join();
    const p = this.#pieces++;
    this.#inLast = 0;
    this.#steps[p] = step;
    this.#low[p] = Number.POSITIVE_INFINITY;
    this.#high[p] = Number.NEGATIVE_INFINITY;
    this.#sum[p] = 0;
    this.#count[p] = 0;
  }

  #join(): void {
    for (let p = 0; p < PIECES / 2; p++) {
      const a = 2 * p;
      const b = a + 1;
      this.#steps[p] = this.#steps[a]!;
      this.#low[p] = Math.min(this.#low[a]!, this.#low[b]!);
      this.#high[p] = Math.max(this.#high[a]!, this.#high[b]!);
      this.#sum[p] = this.#sum[a]! + this.#sum[b]!;
      this.#count[p] = this.#count[a]! + this.#count[b]!;
    }
    this.#pieces = PIECES / 2;
    this.#perPiece *= 2;
  }

  get course(): Course {
    const kept = Array.from({ length: this.#pieces }, (_, p) => p).filter((p) => this.#count[p]! > 0);
    return {
      pointsPerPiece: this.#perPiece,
      steps: kept.map((p) => this.#steps[p]!),
      low: kept.map((p) => this.#low[p]!),
      high: kept.map((p) => this.#high[p]!),
      mean: kept.map((p) => this.#sum[p]! / this.#count[p]!),
    };
  }
}
