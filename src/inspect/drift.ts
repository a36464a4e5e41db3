import { Window } from '../numeric/robust.ts';
import { confidenceOf, type FoundList } from './found.ts';
import type { SeriesName } from './types.ts';

/** Points of a block, and blocks that are looked at together. */
const BLOCK = 128;
const BLOCKS = 8;
const SPAN = BLOCK * BLOCKS;
/** Of the 28 pairs of 8 blocks, how many more must rise than fall (Mann-Kendall; by chance below one in 1,000). */
const RISING = 24;
/** A block's median is uncertain by 1.25 sigma / sqrt(BLOCK); the rise must be this many of that. */
const MEDIAN_ERROR = 1.25 / Math.sqrt(BLOCK);
const ERRORS = 8;

interface Rise {
  readonly step: number;
  readonly line: number;
  readonly index: number;
  endStep: number;
  size: number;
  strength: number;
}

/** Finds a slow rise: medians of blocks that go up one after the other, by much more than they are uncertain. */
export class DriftWatch {
  readonly #series: SeriesName;
  readonly #least: number;
  readonly #found: FoundList;
  readonly #block = new Window(BLOCK);
  readonly #medians = new Window(BLOCKS);
  /** Where the last points were. */
  readonly #steps = new Float64Array(SPAN);
  readonly #lines = new Float64Array(SPAN);
  readonly #indices = new Float64Array(SPAN);
  #added = 0;
  #rise: Rise | null = null;

  /** `least`: the smallest rise of the logarithm over eight blocks that is worth a word. */
  constructor(series: SeriesName, least: number, found: FoundList) {
    this.#series = series;
    this.#least = least;
    this.#found = found;
  }

  add(step: number, line: number, index: number, x: number, noise: number): void {
    const place = this.#added++ % SPAN;
    this.#steps[place] = step;
    this.#lines[place] = line;
    this.#indices[place] = index;
    this.#block.push(x);
    if (this.#block.length < BLOCK) return;
    this.#medians.push(this.#block.median());
    this.#block.clear();
    if (this.#medians.length === BLOCKS) this.#judge(step, noise);
  }

  /** Begins anew, as after a restart; a rise that was seen ends. */
  clear(): void {
    this.finish();
    this.#block.clear();
    this.#medians.clear();
    this.#added = 0;
  }

  finish(): void {
    const rise = this.#rise;
    if (rise === null) return;
    this.#rise = null;
    this.#found.add({
      kind: 'drift',
      series: this.#series,
      step: rise.step,
      endStep: rise.endStep,
      line: rise.line,
      index: rise.index,
      measure: 'ratio',
      size: Math.exp(rise.size),
      confidence: confidenceOf(rise.strength),
    });
  }

  #judge(step: number, noise: number): void {
    let score = 0;
    let lowest = 0;
    for (let i = 0; i < BLOCKS; i++) {
      for (let j = i + 1; j < BLOCKS; j++) {
        score += Math.sign(this.#medians.newest(i) - this.#medians.newest(j));
      }
      if (this.#medians.newest(i) < this.#medians.newest(lowest)) lowest = i;
    }
    const size = this.#medians.newest(0) - this.#medians.newest(lowest);
    const needed = Math.max(this.#least, ERRORS * MEDIAN_ERROR * noise);
    if (score < RISING || size < needed) {
      this.finish();
      return;
    }
    if (this.#rise === null) {
      // The middle of the lowest block is where it turned.
      const at = (this.#added - (lowest * BLOCK + BLOCK / 2)) % SPAN;
      this.#rise = {
        step: this.#steps[at]!,
        line: this.#lines[at]!,
        index: this.#indices[at]!,
        endStep: step,
        size,
        strength: size / needed,
      };
      return;
    }
    this.#rise.endStep = step;
    this.#rise.size = Math.max(this.#rise.size, size);
    this.#rise.strength = Math.max(this.#rise.strength, size / needed);
  }
}
