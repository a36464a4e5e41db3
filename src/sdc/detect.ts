import { log } from '../numeric/elementary.ts';
import { RunningMedian, Window } from '../numeric/robust.ts';
import type { StepResult } from './trainer.ts';
import { DETECTORS, type Detector } from './types.ts';

/** Steps that say what is usual, standard deviations beyond it that make a spike, and the least ratio that does. */
const WINDOW = 32;
const THRESHOLD = 8;
const LEAST = 1.1;

/** A series that spikes: above its recent median by many robust standard deviations. */
class Spikes {
  readonly #median = new RunningMedian(WINDOW);
  readonly #window = new Window(WINDOW);

  /** True when x stands out; what stands out is not learned from. */
  add(x: number): boolean {
    if (!(x > 0) || x === Number.POSITIVE_INFINITY) return false;
    const value = log(x);
    if (this.#median.length === WINDOW) {
      const needed = Math.max(THRESHOLD * this.#window.noise(), log(LEAST));
      if (value - this.#median.value > needed) return true;
    }
    this.#median.push(value);
    this.#window.push(value);
    return false;
  }
}

/** Runs the lab's detectors over a training, and keeps the first step at which each spoke. */
export class Detectors {
  readonly #loss = new Spikes();
  readonly #norm = new Spikes();

  /** Which detectors speak at this step. */
  look(step: StepResult): Readonly<Record<Detector, boolean>> {
    return {
      nan: !Number.isFinite(step.loss) || !Number.isFinite(step.gradNorm),
      loss: this.#loss.add(step.loss),
      gradNorm: this.#norm.add(step.gradNorm),
      abft: step.mismatches > 0,
      replay: !step.replayAgrees,
    };
  }
}

/** Nothing of each. */
export function perDetector<T>(of: (d: Detector) => T): Record<Detector, T> {
  return Object.fromEntries(DETECTORS.map((d) => [d, of(d)])) as Record<Detector, T>;
}
