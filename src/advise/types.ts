import type { Advice, Catalog } from '../catalog/types.ts';
import type { Change, Plan } from '../plan/types.ts';
import type { Spec } from '../spec/types.ts';

/** What a lever may look at. */
export interface LeverInput {
  readonly spec: Spec;
  /** The plan of the spec that the lever starts from. */
  readonly plan: Plan;
  readonly catalog: Catalog;
}

/** The changes that make up an optimisation on this job, or why it has none here. */
export type Lever = (input: LeverInput) => readonly Change[] | string;

/** What a changed job comes to. */
export interface Outcome {
  readonly stepSeconds: number;
  /** A step's seconds over its tokens: what stays comparable where the tokens of a step change. */
  readonly secondsPerToken: number;
  readonly runSeconds: number;
  readonly usd: number;
  readonly joules: number;
  /** Share of a GPU's memory that is free; below 0 the plan does not fit. */
  readonly headroom: number;
  readonly fits: boolean;
}

/** Shares saved of what the job takes as it is: 0.1 is 10 % less, below 0 is more. */
export interface Gain {
  /** Of the time of a token. */
  readonly time: number;
  readonly cost: number;
  readonly energy: number;
}

export interface AdviceItem extends Omit<Advice, 'date' | 'confidence' | 'note'> {
  /**
   * tried: planned again with the change. idle: nothing to change here. impossible: the changed job has no plan.
   * literature: no plan can compute it, only its sources say what it gains.
   */
  readonly status: 'tried' | 'idle' | 'impossible' | 'literature';
  /** Why it was not tried, or has no plan. */
  readonly reason?: string;
  /** Field and new value, for reading: 'training.precision: fp8'. */
  readonly changes?: readonly string[];
  /** Share of the run's tokens that the change is for. */
  readonly share?: number;
  readonly outcome?: Outcome;
  readonly gain?: Gain;
}

export interface Combination {
  readonly ids: readonly string[];
  readonly outcome: Outcome;
  readonly gain: Gain;
  /** What the time saved would be if the gains of its parts multiplied. */
  readonly expected: number;
}

/** The plan's `advice`. */
export interface AdviceReport {
  readonly own: Outcome;
  /** By gain in time, the tried first. */
  readonly items: readonly AdviceItem[];
  /** Best two and best set of software, and that set with the best of hardware, each planned as a whole. */
  readonly pair: Combination | null;
  readonly set: Combination | null;
  readonly withHardware: Combination | null;
  /** Jobs that were planned to find all this. */
  readonly evaluated: number;
}

/** What `advise --json` prints. */
export interface PlanWithAdvice extends Plan {
  readonly advice: AdviceReport;
}
