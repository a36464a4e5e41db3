import { RunningMedian, Window } from '../numeric/robust.ts';
import { CourseKeeper } from './course.ts';
import { DriftWatch } from './drift.ts';
import { confidenceOf, type FoundList } from './found.ts';
import type { SeriesSummary } from './types.ts';

const WINDOW = 128;
const RECENT = 33;
const FEWEST = 24;
const MEASURE_EVERY = 64;
/** A step this many times as long as usual is a stall. */
const STALL = 3;
/** Noise is taken to be at least this, in logarithms. */
const LEAST_NOISE = 0.01;
/**
 * The same where slowdowns are looked for: steps of healthy machines hop between levels that are up to 5 % apart, for
 * hundreds of steps (measured: 700 steps of a small model on one H100, 38 runs; docs/inspect.md).
 */
const LEAST_HOPS = 0.025;
/** CUSUM (Page 1954): drift allowance and threshold in standard deviations; one point counts at most CLIP of them. */
const ALLOWANCE = 2;
const ALARM = 25;
const CLIP = 6;
/** The least rise over a thousand points that is called a drift. */
const LEAST_DRIFT = Math.log(1.03);
/** Points whose median says that a slowdown is over. */
const BACK = 8;

interface Slow {
  readonly step: number;
  readonly line: number;
  readonly index: number;
  readonly base: number;
  readonly noise: number;
  last: number;
  count: number;
  sum: number;
}

/**
 * Watches the seconds of a step: stalls (single steps that take several times as long), slowdowns (steps that stay
 * longer, found by a CUSUM against the level before), slow drift. Fixed memory.
 */
export class SpeedWatch {
  readonly #found: FoundList;
  readonly #window = new Window(WINDOW);
  readonly #recent = new RunningMedian(RECENT);
  readonly #back = new Window(BACK);
  readonly #course = new CourseKeeper();
  readonly #drift: DriftWatch;
  #index = 0;
  #first = Number.NaN;
  #last = Number.NaN;
  #noise = LEAST_NOISE;
  #unmeasured = 0;
  #cusum = 0;
  /** Points since the CUSUM left zero, the newest last: where a slowdown began, and what is not yet usual. */
  #rising: { step: number; line: number; index: number; x: number }[] = [];
  #slow: Slow | null = null;

  constructor(found: FoundList) {
    this.#found = found;
    this.#drift = new DriftWatch('speed', LEAST_DRIFT, found);
  }

  /** Seconds that a step usually takes now; NaN while too few are known. */
  get usual(): number {
    return this.#window.length >= FEWEST ? Math.exp(this.#slow?.base ?? this.#recent.value) : Number.NaN;
  }

  /** `seconds` of one step, of which the log line stands for `stride`. True when it was a stall. */
  add(step: number, seconds: number, stride: number, line: number): boolean {
    if (!(seconds > 0) || !Number.isFinite(seconds)) return false;
    const index = this.#index++;
    this.#course.add(step, seconds);
    if (Number.isNaN(this.#first)) this.#first = seconds;
    this.#last = seconds;
    const x = Math.log(seconds);
    if (this.#window.length < FEWEST) {
      this.#accept(step, line, index, x);
      return false;
    }
    const level = this.#slow === null ? this.#recent.value : this.#slow.sum / this.#slow.count;
    if (x - level > Math.log(STALL) && x - level > CLIP * this.#noise) {
      const extra = (seconds - Math.exp(level)) * stride;
      this.stall(step, line, index, extra, (x - level) / Math.log(STALL));
      return true;
    }
    if (this.#slow !== null) this.#during(this.#slow, step, x);
    else this.#watch(step, line, index, x);
    return false;
  }

  stall(step: number, line: number, index: number, seconds: number, strength: number): void {
    this.#found.add({
      kind: 'stall', series: 'speed', step, endStep: step, line, index,
      measure: 'seconds', size: seconds, confidence: confidenceOf(strength),
    }); // biome-ignore format: one line
  }

  get index(): number {
    return this.#index;
  }

  restart(): void {
    if (this.#slow !== null) this.#endSlow(this.#slow);
    this.#cusum = 0;
    this.#rising = [];
    this.#window.clear();
    this.#recent.clear();
    this.#drift.clear();
  }

  finish(): SeriesSummary | null {
    if (this.#slow !== null) this.#endSlow(this.#slow);
    this.#drift.finish();
    if (this.#index === 0) return null;
    return {
      name: 'speed',
      points: this.#index,
      first: this.#first,
      last: this.#last,
      course: this.#course.course,
    };
  }

  #accept(step: number, line: number, index: number, x: number): void {
    this.#window.push(x);
    this.#recent.push(x);
    if (++this.#unmeasured >= MEASURE_EVERY || this.#window.length < WINDOW) {
      this.#noise = Math.max(LEAST_NOISE, this.#window.noise());
      this.#unmeasured = 0;
    }
    this.#drift.add(step, line, index, x, this.#noise);
  }

  #watch(step: number, line: number, index: number, x: number): void {
    const noise = Math.max(LEAST_HOPS, this.#noise);
    const z = Math.min(CLIP, (x - this.#recent.value) / noise);
    this.#cusum = Math.max(0, this.#cusum + z - ALLOWANCE);
    if (this.#cusum === 0) {
      // A false start: these points were usual after all.
      for (const held of this.#rising) this.#accept(held.step, held.line, held.index, held.x);
      this.#rising = [];
      this.#accept(step, line, index, x);
      return;
    }
    this.#rising.push({ step, line, index, x });
    if (this.#cusum < ALARM) return;
    const [begin] = this.#rising;
    this.#slow = {
      ...begin!,
      base: this.#recent.value,
      noise,
      last: step,
      count: this.#rising.length,
      sum: this.#rising.reduce((s, r) => s + r.x, 0),
    };
    this.#rising = [];
    this.#cusum = 0;
    this.#back.clear();
  }

  #during(slow: Slow, step: number, x: number): void {
    this.#back.push(x);
    const half = (slow.base + slow.sum / slow.count) / 2;
    if (this.#back.length === BACK && this.#back.median() < half) {
      this.#endSlow(slow);
      return;
    }
    if (x >= half) {
      slow.last = step;
      slow.count++;
      slow.sum += x;
    }
  }

  #endSlow(slow: Slow): void {
    this.#slow = null;
    const shift = slow.sum / slow.count - slow.base;
    this.#found.add({
      kind: 'slowdown', series: 'speed', step: slow.step, endStep: slow.last, line: slow.line, index: slow.index,
      measure: 'ratio', size: Math.exp(shift), confidence: confidenceOf((shift * Math.sqrt(slow.count)) / (slow.noise * ALARM / CLIP)),
    }); // biome-ignore format: one line
  }
}
