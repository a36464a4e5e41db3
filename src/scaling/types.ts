import type { Checks } from '../plan/types.ts';
import type { ParallelPlan } from '../search/types.ts';
import type { ComputeOptimal } from './loss.ts';
import type { Scalability } from './scalability.ts';

/** What `scale --json` prints: the scaling, and what the spec expects of it. */
export interface ScalingReport {
  readonly scaling: Scaling;
  /** Absent where nothing is expected. */
  readonly checks?: Pick<Checks, 'expectations'>;
}

/** The plan's `scaling`: the same job on one machine made better, and on more of them. SI; USD. */
export interface Scaling {
  readonly base: ScalePoint;
  /** More machines. */
  readonly out: ScalePath;
  /** One machine made better, each way by itself. */
  readonly up: readonly ScalePath[];
  /** Universal scalability of the path out; null with fewer than three sizes that work. */
  readonly scalability: Scalability | null;
  /** What `out` must add to match each better machine. */
  readonly equivalents: readonly Equivalent[];
  readonly crossover: Crossover | null;
  readonly frontier: Frontier;
  /** Days of the reach of every point. */
  readonly reachDays: number;
  readonly notes: readonly string[];
}

export interface ScalePath {
  readonly id: 'out' | 'gpu' | 'domain' | 'memory' | 'kernels';
  readonly title: string;
  /** By rising factor, the base first. */
  readonly points: readonly ScalePoint[];
  /** Where more of it ends to pay, and why; null where fewer than two points work. */
  readonly ceiling: Ceiling | null;
}

export interface ScalePoint {
  readonly label: string;
  /** Of the thing that grows on this path; 1 is the base. */
  readonly factor: number;
  /** That work: a split may leave some idle. */
  readonly gpus: number;
  /** How the job is split, and what that achieves; absent where it cannot run so. */
  readonly split?: ParallelPlan;
  readonly result?: ScaleResult;
  /** Why it cannot, with what to change. */
  readonly problem?: string;
}

export interface ScaleResult {
  readonly stepSeconds: number;
  /** Of the whole run, failures included where they are known. */
  readonly runSeconds: number;
  readonly tokensPerSecond: number;
  readonly tokensPerSecondPerGpu: number;
  readonly mfu: number;
  readonly ettr: number | null;
  readonly usdPerToken: number | null;
  /** Seconds of a step by what they go to: 'compute', 'tensor', 'expert', 'pipeline', 'data', 'bubble', 'optimizer'. */
  readonly parts: Readonly<Record<string, number>>;
  /** Best model for as many days of this, and its loss. */
  readonly reach: ComputeOptimal;
}

export type CeilingCause = 'pipeline' | 'network' | 'compute' | 'optimizer' | 'failures' | 'impossible';

export interface Ceiling {
  /** False: every step of the path still pays; this is the last, and what takes most of it. */
  readonly reached: boolean;
  /** The last point that pays. */
  readonly factor: number;
  readonly gpus: number;
  /** Throughput that doubling from there gains; null where there is nothing beyond. */
  readonly doubling: number | null;
  readonly cause: CeilingCause;
  readonly why: string;
}

/** A better machine, and how many of the present GPUs do the same. */
export interface Equivalent {
  readonly path: ScalePath['id'];
  readonly label: string;
  readonly speedup: number;
  /** null: no number of them does. */
  readonly gpus: number | null;
  readonly usdPerToken: number | null;
  readonly outUsdPerToken: number | null;
}

/** The size from which the better machine gains more than twice the machines do. */
export interface Crossover {
  readonly gpus: number;
  readonly doubling: number;
  readonly path: ScalePath['id'];
  readonly label: string;
  readonly speedup: number;
}

/** Where data movement ends further gains: by this job's own curve, and by published estimates. */
export interface Frontier {
  /** GPUs from which a doubling gains less than the least that pays, by the fit; null: not by this job's curve. */
  readonly gpus: number | null;
  /** FLOP of this job, and of the largest one of the published run time at the largest size that works. */
  readonly jobFlops: number;
  readonly largestFlops: number;
  readonly publishedUtilisation: number;
  readonly publishedLatency: number;
}
