import type { FailureComponent, Fleet } from '../catalog/types.ts';
import type { Reliability } from '../spec/types.ts';
import type { EttrForm } from './ettr.ts';

/** What risk reads of the job: its machines, and the run when nothing breaks. Seconds and bytes. */
export interface Job {
  readonly gpus: number;
  readonly gpusPerNode: number;
  /** Links between NICs and leaves, and leaves, of the fabric at hand. */
  readonly links: number;
  readonly leaves: number;
  readonly stepSeconds: number;
  /** Of the whole run without failures. */
  readonly runSeconds: number;
  /** Weights and optimizer state of the whole job. */
  readonly checkpointBytes: number;
}

export interface RiskInput {
  readonly job: Job;
  readonly reliability: Reliability;
  readonly seed: number;
}

/** Failures of one component over the whole job. */
export interface ComponentRate {
  readonly component: FailureComponent;
  readonly perDay: number;
  readonly share: number;
}

/** The rates of a fleet put on this job. */
export interface JobFailures {
  readonly fleet: Pick<Fleet, 'id' | 'name' | 'source' | 'confidence'>;
  readonly perDay: number;
  readonly perNodeDay: number;
  readonly components: readonly ComponentRate[];
  /** Probability that nothing interrupts the job for a day. */
  readonly surviveDay: number;
  /** Mean time between failures by job size: the rate grows with the size, surviving a day falls exponentially. */
  readonly sizes: readonly SizePoint[];
  /** The same of other fleets, at the size of this job. */
  readonly fleets: readonly FleetPoint[];
}

export interface SizePoint {
  readonly gpus: number;
  readonly perDay: number;
  readonly mttf: number;
  readonly surviveDay: number;
  /** Published at this size, with where from: they contradict each other. */
  readonly published: readonly PublishedMttf[];
}

export interface PublishedMttf {
  readonly mttf: number;
  readonly what: string;
}

export interface FleetPoint {
  readonly fleet: string;
  readonly name: string;
  readonly mttf: number;
}

/** How progress is kept: bytes, times, and the interval by each formula. */
export interface CheckpointPlan {
  readonly kind: 'blocking' | 'async';
  readonly bytes: number;
  /** Bytes a second. */
  readonly storage: number;
  /** Until a checkpoint is safe in storage. */
  readonly writeSeconds: number;
  /** That the job stands still for one. */
  readonly stallSeconds: number;
  readonly intervals: { readonly young: number; readonly daly: number; readonly exact: number };
  /** The interval was given, not chosen. */
  readonly given: boolean;
}

/** Effective training time in closed form, blocking checkpoints and nothing else. */
export interface ClosedForm {
  readonly form: EttrForm;
  readonly value: number;
  readonly firstOrder: number;
  readonly exact: number;
  /** N r (u0 + dt/2). */
  readonly load: number;
  readonly limit: number;
}

/** The plan's `risk`. Times in seconds but for `days`. */
export interface Risk {
  /** Mean time between failures of the whole job. */
  readonly mttf: number;
  readonly checkpointInterval: number;
  /** Effective training time ratio: useful compute over elapsed time. */
  readonly ettr: number;
  /** Silent data corruptions a day in this job. */
  readonly sdcPerDay: number;
  /** Of the whole run, failures and all. */
  readonly days: number;
  readonly failures: JobFailures;
  readonly checkpoint: CheckpointPlan;
  readonly closedForm: ClosedForm;
}
