import { RunningMedian, Window } from '../numeric/robust.ts';
import { CourseKeeper } from './course.ts';
import { DriftWatch } from './drift.ts';
import { confidenceOf, type FoundList } from './found.ts';
import type { SeriesName, SeriesSummary } from './types.ts';

/** Points that say what is usual, the newest of them that say where the series is now, and the fewest to judge by. */
const WINDOW = 128;
const RECENT = 33;
const FEWEST = 24;
const FEWEST_AGAIN = 7;
/** Standard deviations above the recent median that make a spike. */
const THRESHOLD = 8;
/** Points back at the usual level that end a spike; points above it that make it a divergence. */
const CALM = 3;
const DIVERGED = 96;
/** A rise by half a percent over a thousand points is the least that is called a drift. */
const LEAST_DRIFT = Math.log(1.005);
/** Noise is measured again after so many points. */
const MEASURE_EVERY = 64;

export interface LevelOptions {
  readonly name: Extract<SeriesName, 'loss' | 'gradNorm'>;
  /** The smallest ratio to the usual value that is a spike. */
  readonly least: number;
  /** Watched for a slow rise as well. */
  readonly drift: boolean;
}

/** A spike that is not over yet. */
interface Open {
  readonly step: number;
  readonly line: number;
  readonly index: number;
  readonly base: number;
  readonly noise: number;
  peak: number;
  last: number;
  above: number;
  calm: number;
}

/**
 * Watches loss or gradient norm, point by point and in fixed memory: spikes, values that are not finite, levels that
 * stay up (divergence) and slow rises. Works on logarithms, so that sizes are ratios and the long tail of gradient
 * norms is short.
 */
export class LevelWatch {
  readonly #options: LevelOptions;
  readonly #found: FoundList;
  readonly #window = new Window(WINDOW);
  readonly #recent = new RunningMedian(RECENT);
  readonly #after = new Window(RECENT);
  readonly #course = new CourseKeeper();
  readonly #drift: DriftWatch;
  #index = 0;
  #first = Number.NaN;
  #last = Number.NaN;
  #noise = 0;
  /** The noise is known from before a restart. */
  #known = false;
  #unmeasured = 0;
  #open: Open | null = null;
  #nan: { step: number; endStep: number; line: number; index: number; count: number } | null = null;

  constructor(options: LevelOptions, found: FoundList) {
    this.#options = options;
    this.#found = found;
    this.#drift = new DriftWatch(options.name, LEAST_DRIFT, found);
  }

  add(step: number, value: number, line: number): void {
    const index = this.#index++;
    this.#course.add(step, value);
    if (!Number.isFinite(value)) {
      this.#notFinite(step, line, index);
      return;
    }
    if (this.#nan !== null) this.#endNan();
    if (Number.isNaN(this.#first)) this.#first = value;
    this.#last = value;
    // A loss of 0 or below has no logarithm; nothing that is trained on cross entropy gets there.
    if (value > 0) this.#judge(step, Math.log(value), line, index);
  }

  /** After a restart the level is that of earlier steps and is learned anew; the noise is what it was. */
  restart(): void {
    if (this.#open !== null) this.#close(this.#open, 'spike');
    this.#known ||= this.#window.length >= FEWEST;
    this.#window.clear();
    this.#recent.clear();
    this.#drift.clear();
    this.#unmeasured = -FEWEST;
  }

  finish(): SeriesSummary | null {
    if (this.#nan !== null) this.#endNan();
    if (this.#open !== null)
      this.#close(this.#open, this.#open.above > DIVERGED / 2 ? 'divergence' : 'spike');
    this.#drift.finish();
    if (this.#index === 0) return null;
    return {
      name: this.#options.name,
      points: this.#index,
      first: Number.isNaN(this.#first) ? 0 : this.#first,
      last: Number.isNaN(this.#last) ? 0 : this.#last,
      course: this.#course.course,
    };
  }

  #judge(step: number, x: number, line: number, index: number): void {
    if (this.#open !== null) {
      this.#during(this.#open, step, x);
      return;
    }
    if (this.#recent.length >= (this.#known ? FEWEST_AGAIN : FEWEST)) {
      const rise = x - this.#recent.value;
      if (rise > this.#needed()) {
        this.#open = {
          step, line, index, base: this.#recent.value, noise: this.#noise, peak: x, last: step, above: 1, calm: 0,
        }; // biome-ignore format: one line
        this.#after.clear();
        this.#after.push(x);
        return;
      }
    }
    this.#accept(step, line, index, x);
  }

  #needed(): number {
    return Math.max(THRESHOLD * this.#noise, Math.log(this.#options.least));
  }

  #accept(step: number, line: number, index: number, x: number): void {
    this.#window.push(x);
    this.#recent.push(x);
    const young = this.#window.length < WINDOW && (!this.#known || this.#window.length >= FEWEST);
    if (++this.#unmeasured >= MEASURE_EVERY || young) {
      this.#noise = this.#window.noise();
      this.#unmeasured = 0;
    }
    if (this.#options.drift) this.#drift.add(step, line, index, x, this.#noise);
  }

  #during(open: Open, step: number, x: number): void {
    this.#after.push(x);
    const calm = x - open.base <= Math.max(THRESHOLD * open.noise, Math.log(this.#options.least)) / 2;
    if (!calm) {
      open.peak = Math.max(open.peak, x);
      open.last = step;
      open.above += open.calm + 1;
      open.calm = 0;
    } else if (++open.calm >= CALM) {
      this.#close(open, 'spike');
      return;
    }
    if (open.above >= DIVERGED) this.#close(open, 'divergence');
  }

  #close(open: Open, kind: 'spike' | 'divergence'): void {
    this.#open = null;
    const stays = kind === 'divergence';
    const size = stays ? this.#after.median() : open.peak;
    this.#found.add({
      kind,
      series: this.#options.name,
      step: open.step,
      endStep: open.last,
      line: open.line,
      index: open.index,
      measure: 'ratio',
      size: Math.exp(Math.max(0, size - open.base)),
      confidence: confidenceOf(
        (open.peak - open.base) / Math.max(THRESHOLD * open.noise, Math.log(this.#options.least)),
      ),
    });
    if (!stays) return;
    this.#window.clear();
    this.#recent.clear();
    this.#drift.clear();
    for (let i = this.#after.length - 1; i >= 0; i--) {
      this.#window.push(this.#after.newest(i));
      this.#recent.push(this.#after.newest(i));
    }
    this.#noise = this.#window.noise();
  }

  #notFinite(step: number, line: number, index: number): void {
    if (this.#nan === null) this.#nan = { step, endStep: step, line, index, count: 1 };
    else {
      this.#nan.endStep = step;
      this.#nan.count++;
    }
  }

  #endNan(): void {
    const { step, endStep, line, index, count } = this.#nan!;
    this.#nan = null;
    this.#found.add({
      kind: 'nan', series: this.#options.name, step, endStep, line, index, measure: 'steps', size: count, confidence: 0.999,
    }); // biome-ignore format: one line
  }
}
