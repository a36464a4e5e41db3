import type { IssueInput } from '../base/issue.ts';

/** Different distances from step to step that are counted to find the usual one. */
const DISTANCES = 64;
const KNOWN_AFTER = 8;
/** Points that have to go on from an earlier step before it is a restart: fewer where times tell as well. */
const SEEN = 3;
const SEEN_TIMED = 2;

export type Arrival =
  | { readonly kind: 'next'; readonly steps: number }
  | { readonly kind: 'first' }
  /** The run came back, having been at `from`: the points that were held back for it, before the one now given. */
  | { readonly kind: 'restart'; readonly again: readonly Point[]; readonly from: number }
  /** Held back until the next point tells what it is. */
  | { readonly kind: 'held' };

export interface Point {
  readonly step: number;
  readonly time: number;
  readonly value: number;
  readonly line: number;
}

/**
 * The order of one series' steps: tells a restart (the steps go back and go on from there) from a line that stands out
 * of order or twice, which is said and left out. Missing steps are said, never filled.
 */
export class StepOrder {
  readonly #say: ((issue: IssueInput) => void) | null;
  readonly #distances = new Map<number, number>();
  #high = -1;
  #time = Number.NaN;
  #points = 0;
  #held: Point[] = [];

  /** Null: another series of the same log says it. */
  constructor(say: ((issue: IssueInput) => void) | null) {
    this.#say = say;
  }

  /** Steps from one logged step to the next, mostly. */
  get stride(): number {
    let stride = 1;
    let most = 0;
    for (const [distance, count] of this.#distances) {
      if (count > most) {
        most = count;
        stride = distance;
      }
    }
    return stride;
  }

  arrive(point: Point): Arrival {
    const { step } = point;
    if (this.#points++ === 0) return this.#go(point, { kind: 'first' });
    if (step <= this.#high) return this.#back(point);
    this.#dropHeld();
    return this.#go(point, { kind: 'next', steps: step - this.#high });
  }

  finish(): void {
    this.#dropHeld();
  }

  /** A point that is not beyond the last one: the run began again if it goes on from there, and later, if that is known. */
  #back(point: Point): Arrival {
    const last = this.#held[this.#held.length - 1];
    if (last !== undefined && point.step <= last.step) this.#dropHeld();
    const again = this.#held;
    const timed = !Number.isNaN(point.time) && !Number.isNaN(this.#time);
    const later = !timed || (again[0]?.time ?? point.time) > this.#time;
    if (later && again.length + 1 >= (timed ? SEEN_TIMED : SEEN)) {
      const from = this.#high;
      this.#held = [];
      return this.#go(point, { kind: 'restart', again, from });
    }
    this.#held.push(point);
    if (this.#held.length > SEEN) this.#drop(this.#held.shift()!);
    return { kind: 'held' };
  }

  #dropHeld(): void {
    for (const point of this.#held) this.#drop(point);
    this.#held = [];
  }

  #go(point: Point, arrival: Arrival): Arrival {
    if (arrival.kind === 'next') this.#distance(arrival.steps, point);
    this.#high = point.step;
    if (!Number.isNaN(point.time)) this.#time = point.time;
    return arrival;
  }

  #distance(steps: number, { step, line }: Point): void {
    const stride = this.stride;
    if (this.#points > KNOWN_AFTER && steps > stride) {
      this.#say?.({
        code: 'gap',
        severity: 'warning',
        line,
        message: `steps ${this.#high + stride} to ${step - stride} are missing`,
      });
    }
    const count = this.#distances.get(steps);
    if (count !== undefined || this.#distances.size < DISTANCES) this.#distances.set(steps, (count ?? 0) + 1);
  }

  #drop({ step, line }: Point): void {
    const twice = step === this.#high;
    this.#say?.({
      code: twice ? 'duplicate-step' : 'unordered-step',
      severity: 'warning',
      line,
      message: twice
        ? `step ${step} stands here a second time; this one is left out`
        : `step ${step} stands after step ${this.#high}; it is left out`,
    });
  }
}
