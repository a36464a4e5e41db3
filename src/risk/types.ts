import type { FailureComponent, Fleet } from '../catalog/types.ts';
import type { Reliability } from '../spec/types.ts';
import type { EttrForm } from './ettr.ts';
import type { ExponentialTest, LifetimeFit } from './weibull.ts';

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

/** Shares of elapsed time, adding up to 1. */
export interface TimeShares {
  readonly useful: number;
  /** Compute that was done again. */
  readonly lost: number;
  /** Standing still for checkpoints. */
  readonly stalls: number;
  /** Lost to slow nodes. */
  readonly slow: number;
  readonly detection: number;
  readonly restart: number;
  /** In the queue, or for a spare. */
  readonly waiting: number;
  readonly maintenance: number;
}

export interface Quantiles {
  readonly p5: number;
  readonly p50: number;
  readonly p95: number;
}

/** Seeded Monte Carlo of whole runs. */
export interface Simulation {
  readonly runs: number;
  /** Useful over elapsed time, all runs together, and its standard error. */
  readonly ettr: number;
  readonly standardError: number;
  /** Of a run, on average. */
  readonly failures: number;
  readonly ettrQuantiles: Quantiles;
  readonly days: Quantiles & {
    readonly mean: number;
    readonly histogram: { readonly from: number; readonly to: number; readonly counts: readonly number[] };
  };
  readonly shares: TimeShares;
  /** Runs cut off before their work was done. */
  readonly unfinished: number;
}

/** What one more minute of a delay costs the whole run; null where the run would never end. */
export interface MinuteCost {
  readonly what: 'detection' | 'restart' | 'queue' | 'write';
  /** Change of the effective training time. */
  readonly ettr: number;
  readonly seconds: number | null;
  readonly gpuHours: number | null;
}

/** Nodes kept ready. */
export interface Spares {
  /** So many are enough with the probability `quantile`. */
  readonly needed: number;
  readonly quantile: number;
  /** So many are there. */
  readonly kept: number;
  /** Until a broken node is back, mean seconds; nodes under repair on average. */
  readonly repair: number;
  readonly underRepair: number;
}

export interface DetectorView {
  readonly id: string;
  readonly name: string;
  readonly on: boolean;
  readonly recall: number;
  readonly recallRange: readonly [number, number];
  readonly delay: number;
  readonly overhead: number;
  readonly overheadRange: readonly [number, number];
  /** Events a day that this one alone would miss, and seconds of the run that one of its finds takes back. */
  readonly missedPerDay: number;
  readonly rollback: number;
}

/** Silent data corruption in this job. */
export interface SilentCorruption {
  readonly perDay: number;
  readonly daysBetween: number;
  /** By every published rate. */
  readonly sources: readonly { readonly source: string; readonly perDay: number }[];
  /** Probability that at least one device of the job corrupts, by every published prevalence. */
  readonly faultyDevice: readonly { readonly source: string; readonly probability: number }[];
  readonly detectors: readonly DetectorView[];
  /** Of the detectors that are on, together. */
  readonly recall: number;
  readonly delay: number;
  readonly overhead: number;
  /** Seconds that a noticed event costs, and the share of all time that goes into them. */
  readonly rollback: number;
  readonly lostShare: number;
  /** Effective training time less what rollbacks and the detectors that are on take. */
  readonly ettr: number;
  readonly undetectedPerDay: number;
  readonly divergingPerDay: number;
  /**
   * Verified checkpoints: seconds of one (a step replayed, and the checkpoint), the best time between two, sqrt(cost / (silent
   * rate + half the rate of failures)) (Aupy et al., arXiv:1310.8486), and the share of time that both cost there.
   */
  readonly verification: { readonly cost: number; readonly interval: number; readonly overhead: number };
}

export interface StressFactor {
  readonly what: 'temperature' | 'age';
  readonly factor: number;
  readonly source: string;
}

/** From stress to fault to divergence. */
export interface StressChain {
  readonly factors: readonly StressFactor[];
  /** All of them together, on every fault of hardware. */
  readonly hardwareFactor: number;
  readonly powerDropFailuresPerDay: number;
  readonly hardwareFaultsPerDay: number;
  readonly silentShare: number;
  readonly silentPerDay: number;
  readonly divergingShare: number;
  readonly divergingPerDay: number;
  /** Where the silent rate, the diverging share and the effect of power drops come from. */
  readonly sources: { readonly silent: string; readonly diverging: string; readonly powerDrops: string };
}

/** Where `ettr` comes from. */
export type EttrMethod = EttrForm | 'monte-carlo';

/** The plan's `risk`. Times in seconds but for `days`. */
export interface Risk {
  /** Mean time between failures of the whole job. */
  readonly mttf: number;
  readonly checkpointInterval: number;
  /** Effective training time ratio: useful compute over elapsed time. */
  readonly ettr: number;
  readonly method: EttrMethod;
  /** Silent data corruptions a day in this job. */
  readonly sdcPerDay: number;
  /** Of the whole run, failures and all; null where it would never end. */
  readonly days: number | null;
  readonly failures: JobFailures;
  readonly checkpoint: CheckpointPlan;
  readonly closedForm: ClosedForm;
  /** Absent where a run would get nowhere. */
  readonly simulation?: Simulation;
  readonly spares: Spares;
  readonly minutes: readonly MinuteCost[];
  readonly silent: SilentCorruption;
  readonly stress: StressChain;
}

/** One fault of one machine, as a log has it. Seconds from the log's beginning. */
export interface Fault {
  readonly node: string;
  readonly start: number;
  /** Null: not over when the log ends. */
  readonly end: number | null;
  /** As written: level, class and description, or one of them. */
  readonly cause: string;
  /** The coarsest part of it, such as 'Hardware Failure'; null where the log has none. */
  readonly level: string | null;
}

/** Faults in order of their start. */
export interface FaultLog {
  readonly faults: readonly Fault[];
  /** Of the latest time in the log. */
  readonly last: number;
}

/** Faults of one cause. Times in seconds; between faults in seconds of one node. */
export interface CauseFit {
  readonly cause: string;
  readonly faults: number;
  readonly share: number;
  readonly mttf: number;
  /** 95 % confidence. */
  readonly mttfInterval: readonly [number, number];
  readonly repair: { readonly count: number; readonly mean: number; readonly median: number } | null;
}

/** A node that fails too often; `chance`: how often any node would by chance. */
export interface LemonNode {
  readonly node: string;
  readonly faults: number;
  readonly chance: number;
}

/** What a log of faults says. */
export interface FaultFit {
  readonly nodes: number;
  readonly failing: number;
  readonly span: number;
  readonly faults: number;
  readonly all: CauseFit;
  readonly levels: readonly CauseFit[];
  readonly components: readonly CauseFit[];
  /** Times up of nodes, exponential against Weibull; absent with too few faults. */
  readonly lifetimes?: LifetimeFit;
  /** Are times between faults of all nodes together exponential? */
  readonly arrivals?: ExponentialTest;
  readonly lemons: readonly LemonNode[];
  readonly lemonShare: number;
  /** What `reliability.failures` reads. */
  readonly fleet: Fleet;
}

export type FaultKind = 'nic-link' | 'nic' | 'switch-link' | 'leaf' | 'spine' | 'core' | 'plane' | 'node';

/** The job on its fabric less some parts, on the same machines. */
export interface Replanned {
  readonly stepSeconds: number;
  /** Bytes of a step that go over other NICs of their nodes; that no NIC can carry; that no route carries. */
  readonly diverted: number;
  readonly cutOff: number;
  readonly unrouted: number;
}

/** Plans the job again without parts of its fabric ('link:A:port', 'leaf:NAME', 'plane:2'), handed in by the plan. */
export type Replan = (without: readonly string[]) => Promise<Replanned>;

/** One kind of part failing on this fabric. */
export interface FabricFault {
  readonly kind: FaultKind;
  /** What was taken out, the busiest of its kind. */
  readonly part: string;
  readonly count: number;
  /** Failures a day of all of them; null: no rate is published. */
  readonly perDay: number | null;
  /** 'stops': some node is cut off, the job has to start again elsewhere. */
  readonly outcome: 'goes on' | 'stops';
  readonly stepSeconds: number | null;
  /** Step time after over before. */
  readonly slowdown: number | null;
  readonly diverted: number;
  /** Share of all time lost: that one at least is under repair, 1 - exp(-rate * repair), times what the slowdown takes. */
  readonly lostShare: number | null;
}

/** What the fabric's own failures do to the step. */
export interface FabricFaults {
  readonly stepSeconds: number;
  /** Seconds until a part is repaired. */
  readonly repair: number;
  readonly faults: readonly FabricFault[];
}

/** What happened in a simulated run. Seconds. */
export interface TimelineEvent {
  readonly at: number;
  /** The component that failed, or 'planned stop'. */
  readonly what: string;
  readonly lost: number;
  readonly down: number;
  readonly from: 'memory' | 'storage';
}
