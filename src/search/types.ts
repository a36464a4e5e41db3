import type { Result } from '../base/result.ts';
import type { Plan } from '../plan/types.ts';
import type { Parallelism, Recompute, Schedule, Spec } from '../spec/types.ts';
import type { CommunicationTable, Step, StepJob } from '../step/types.ts';

/** One way to split the job: what a search chooses. Everything else stays as the spec has it. */
export interface ParallelPlan {
  readonly tensor: number;
  readonly pipeline: number;
  readonly context: number;
  readonly data: number;
  readonly expert: number;
  readonly microbatch: number;
  readonly recompute: Recompute;
  readonly zero: Parallelism['zero'];
  /** Data ranks to a copy of the state; absent: all. */
  readonly shard?: number;
  readonly schedule: Schedule;
  readonly virtualStages: number;
  readonly sequence: boolean;
}

export type Objective = 'time' | 'cost' | 'energy';

/** What must hold of a plan besides that it fits. */
export interface Limits {
  /** Watts of the site. */
  readonly power: number;
  /** Seconds of the whole run. */
  readonly runSeconds: number;
}

/** What a GPU costs and draws at the site, of which cost and power of a plan are multiples. */
export interface GpuRates {
  /** USD an hour. */
  readonly hour: number;
  /** Watts at the grid, with its share of network and cooling. */
  readonly watts: number;
}

/** What a search asks of the step model (plan/estimate.ts). */
export interface StepEstimator {
  readonly evaluator: {
    evaluate(job: StepJob, table: CommunicationTable): Step;
    /** Never above what `evaluate` says; without a table, whatever the network. */
    least(job: StepJob, table?: CommunicationTable): number;
    memory(job: StepJob): { readonly most: number; readonly capacity: number };
  };
  job(spec: Spec): StepJob;
  table(spec: Spec): Result<CommunicationTable>;
}

/** A plan and what it comes to, estimated without a fabric. */
export interface ScoredPlan {
  readonly plan: ParallelPlan;
  readonly gpus: number;
  /** Of a step, and of the whole run without failures. */
  readonly stepSeconds: number;
  readonly runSeconds: number;
  readonly mfu: number;
  readonly usd: number;
  readonly watts: number;
  readonly joules: number;
  /** Bytes of the fullest GPU. */
  readonly memory: number;
  /** Share of a GPU's memory that is free. */
  readonly headroom: number;
}

export interface SearchOutcome {
  /** Plans that model, batch and cluster allow; that fit memory and limits; that were worked out in full. */
  readonly considered: number;
  readonly fitting: number;
  readonly evaluated: number;
  /** Best of each split (tensor, pipeline, context, data, expert), by the objective. */
  readonly best: readonly ScoredPlan[];
  /** Plans that no other beats in run time, cost, power and memory head-room at once; fastest first. */
  readonly pareto: readonly ScoredPlan[];
}

/** A plan that went through the whole pipeline: its own network, placement and routes. */
export interface Finalist extends ScoredPlan {
  /** What the search expected of a step. */
  readonly estimatedSeconds: number;
  readonly network: {
    readonly topology: string;
    readonly planes: number;
    readonly layers: number;
    readonly switches: number;
    /** Bytes of a step between leaves. */
    readonly crossLeafBytes: number;
    /** Largest load of a link over what no table of whole destinations can beat. */
    readonly ratioToWhole: number;
  };
  /** What makes it faster or slower than the plan it is compared with, widest first. */
  readonly why: string;
}

export interface ParetoPlan extends ScoredPlan {
  readonly why: string;
}

/** The plan's `search`. */
export interface Search {
  readonly objective: Objective;
  readonly limits: { readonly watts: number | null; readonly runSeconds: number | null };
  readonly rates: GpuRates;
  readonly considered: number;
  readonly fitting: number;
  readonly evaluated: number;
  /** The spec's own plan, through the whole pipeline; null where the spec's own contradicts itself. */
  readonly own: (ScoredPlan & { readonly fits: boolean }) | null;
  readonly best: readonly Finalist[];
  readonly pareto: readonly ParetoPlan[];
  /** The plan nearest to the spec's own, where that does not work. */
  readonly nearest: (ScoredPlan & { readonly changes: readonly string[] }) | null;
}

/** What `search --json` prints: the spec's own plan, and what was found. */
export interface PlanWithSearch extends Partial<Plan> {
  readonly search: Search;
}
