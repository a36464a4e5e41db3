import { RunningMedian } from '../numeric/robust.ts';
import type { MeasuredEttr } from './types.ts';

const RECENT = 65;
const FEWEST = 16;
/** A step this many times as long as usual was waited for, not worked on. */
const WAITED = 5;
/** Steps whose time is remembered in case they are done again. */
const REMEMBERED = 1 << 16;

/** Splits the time of a run into what it kept, what it did again and what it waited. Fixed memory. */
export class RunClock {
  readonly #perStep = new RunningMedian(RECENT);
  /** Ring of the last steps: the step, and the productive seconds up to and with it. */
  readonly #steps = new Float64Array(REMEMBERED);
  readonly #kept = new Float64Array(REMEMBERED);
  #added = 0;
  #first = Number.NaN;
  #last = Number.NaN;
  #productive = 0;
  #repeated = 0;
  #waiting = 0;

  get span(): number | null {
    return this.#last > this.#first ? this.#last - this.#first : null;
  }

  /** Seconds a step usually takes; NaN while too few are known. */
  get usual(): number {
    return this.#perStep.length >= FEWEST ? this.#perStep.value : Number.NaN;
  }

  /**
   * A step that went on from the one before. Returns the seconds that passed beyond what is usual when it waited, else 0.
   */
  step(step: number, steps: number, time: number): number {
    const seconds = this.#pass(time);
    if (!(seconds >= 0)) return 0;
    const usual = this.usual * steps;
    const waited = seconds > WAITED * usual ? seconds - usual : 0;
    this.#productive += seconds - waited;
    this.#waiting += waited;
    if (waited === 0) this.#perStep.push(seconds / steps);
    this.#remember(step);
    return waited;
  }

  /** The run came back at `step` after it had been at `from`: what lay between is done again. Returns the seconds down. */
  restart(step: number, from: number, stride: number, time: number): number {
    const lost = this.#since(step, from);
    this.#productive -= lost;
    this.#repeated += lost;
    const seconds = this.#pass(time);
    const usual = Number.isNaN(this.usual) ? 0 : Math.min(this.usual * stride, Math.max(0, seconds));
    if (seconds >= 0) {
      this.#productive += usual;
      this.#waiting += seconds - usual;
    }
    this.#remember(step);
    return seconds >= 0 ? seconds - usual : 0;
  }

  #pass(time: number): number {
    if (Number.isNaN(time)) return time;
    if (Number.isNaN(this.#first)) this.#first = time;
    const seconds = time - this.#last;
    if (!(time <= this.#last)) this.#last = time;
    return seconds;
  }

  #remember(step: number): void {
    const place = this.#added++ % REMEMBERED;
    this.#steps[place] = step;
    this.#kept[place] = this.#productive;
  }

  /** Productive seconds of the steps from `step` on. */
  #since(step: number, from: number): number {
    const oldest = Math.max(0, this.#added - REMEMBERED);
    for (let i = this.#added - 1; i >= oldest; i--) {
      if (this.#steps[i % REMEMBERED]! < step) return this.#productive - this.#kept[i % REMEMBERED]!;
    }
    // Further back than is remembered: the steps at their usual time.
    const usual = this.usual;
    return Number.isNaN(usual) ? 0 : Math.min(this.#productive, (from - step + 1) * usual);
  }

  ettr(basis: MeasuredEttr['basis']): MeasuredEttr | null {
    const total = this.#productive + this.#repeated + this.#waiting;
    if (!(total > 0)) return null;
    return {
      basis,
      ettr: this.#productive / total,
      totalSeconds: total,
      productiveSeconds: this.#productive,
      repeatedSeconds: this.#repeated,
      waitingSeconds: this.#waiting,
    };
  }
}
