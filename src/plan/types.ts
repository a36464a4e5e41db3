import type { Context } from '../base/context.ts';
import type { Constant } from '../catalog/types.ts';
import type { Economy } from '../economy/types.ts';
import type {
  DesignAlternative,
  Fabric,
  FabricSummary,
  Flows,
  Placement,
  PlacementReport,
  ScopeBytes,
} from '../fabric/types.ts';
import type { Profile } from '../profile/types.ts';
import type { FabricFaults, Risk, TimelineEvent } from '../risk/types.ts';
import type { NextHops } from '../routes/types.ts';
import type { RoutingOutcome, RoutingQuality } from '../routing/types.ts';
import type {
  DefaultTaken,
  Facility,
  GeneratedNetwork,
  ImportedNetwork,
  Parallelism,
  Reliability,
  RoutingSpec,
  Spec,
  TrafficSpec,
  Training,
} from '../spec/types.ts';
import type { CommunicationTable, Step, StepJob } from '../step/types.ts';
import type { Traffic } from '../traffic/types.ts';
import type { Operation, Workload } from '../workload/types.ts';

/**
 * The plan: one JSON object in SI units, with no time, date, path, host or worker count in it. A section that
 * was not asked for is absent, never empty.
 */
export interface Plan {
  readonly version: 1;
  readonly spec: PlanSpec;
  readonly assumptions: Assumptions;
  readonly workload: PlanWorkload;
  readonly traffic: PlanTraffic;
  readonly fabric: PlanFabric;
  readonly profile?: Profile;
  readonly routing?: PlanRouting;
  readonly step?: Step;
  /** Only where the step does not fit its GPUs: the nearest plan that does; null where none was found. */
  readonly fitting?: FittingPlan | null;
  readonly risk?: Risk;
  readonly economy?: Economy;
  readonly checks?: Checks;
}

/** A plan that fits, as changes of one that does not: the fewest doublings and changed choices, the faster of equals. */
export interface FittingPlan {
  /** Such as 'recompute: none -> full'; a cluster that is too small in any plan grows as well. */
  readonly changes: readonly string[];
  readonly gpus: number;
  /** Of a step, estimated without a fabric. */
  readonly stepSeconds: number;
  /** Bytes of the fullest GPU, and the share of its memory that is free. */
  readonly memory: number;
  readonly headroom: number;
}

/** Finds the nearest plan that fits: a search, which stands above the plan and is handed in. */
export type FindFitting = (spec: Spec, context: Context) => FittingPlan | null | Promise<FittingPlan | null>;

/** What was asked, with every default filled in. */
export interface PlanSpec {
  readonly name: string;
  readonly seed: number;
  readonly model: string;
  readonly modelName: string;
  readonly training: Training;
  readonly parallelism: Parallelism;
  readonly traffic: TrafficSpec;
  readonly node: string;
  readonly nodeName: string;
  readonly gpus: number;
  readonly gpusPerNode: number;
  readonly network: GeneratedNetwork | Pick<ImportedNetwork, 'kind' | 'transport'>;
  readonly placement: string;
  readonly routing: RoutingSpec;
  readonly reliability: Reliability;
  readonly facility: Facility;
}

export interface Assumptions {
  readonly constants: readonly Constant[];
  readonly defaults: readonly DefaultTaken[];
}

export interface PlanWorkload extends Omit<Workload, 'operations' | 'stageStride'> {
  readonly operations: readonly OperationSummary[];
}

export interface OperationSummary
  extends Pick<
    Operation,
    'id' | 'title' | 'kind' | 'phase' | 'dimension' | 'bytesPerRank' | 'overlaps' | 'forwarding'
  > {
  readonly groups: number;
  readonly groupSize: number;
  readonly countByStage: readonly number[];
}

/** Bytes of one step by how far they go. */
export interface PlanTraffic {
  readonly total: Omit<ScopeBytes, 'operation'>;
  readonly operations: readonly ScopeBytes[];
}

export interface PlanFabric extends FabricSummary {
  readonly transport: string;
  readonly switchModel: string | null;
  readonly placement: PlacementReport;
  readonly alternatives: readonly DesignAlternative[];
}

/** The chosen routing, with the bounds, and every plain one beside it. */
export interface PlanRouting extends RoutingQuality {
  readonly fractionalKind: RoutingOutcome['bounds']['fractionalKind'];
  /** Plain destination-modulo already meets the whole-destination bound. */
  readonly alreadyOptimal: boolean;
  readonly baselines: readonly RoutingQuality[];
  readonly notes: readonly string[];
}

export interface Checks {
  readonly noJam: NoJam;
  readonly expectations: readonly ExpectationOutcome[];
}

export interface ExpectationOutcome {
  readonly expectation: string;
  readonly met: boolean;
  readonly found: number;
}

/** Every link within 1.05 of its ideal time and p99 slowdown at most 1.2, or what jams. */
export interface NoJam {
  readonly holds: boolean;
  readonly idealSeconds: number;
  readonly jammedLinks: number;
  /** 99 of 100 flows end within this multiple of their time under the best routing (see simulate/slowdown.ts). */
  readonly p99Slowdown: number;
  /** Flows of operations too large to simulate, which p99Slowdown does not count; 0 as a rule. */
  readonly flowsLeftOut: number;
  /** The worst of them. */
  readonly jams: readonly { readonly link: string; readonly slowdown: number }[];
}

/** The stages' full results, for files, drawings and later stages; the plan is what people and tools read. */
export interface Artefacts {
  readonly workload: Workload;
  readonly traffic: Traffic;
  readonly fabric: DesignedFabric;
  readonly placed: Placed;
  readonly profile?: Profile;
  readonly routing?: RoutingOutcome;
  readonly step?: StepOutcome;
  readonly risk?: Risk;
  readonly economy?: Economy;
}

/** A step, and what it was worked out from: the job with the skew of its experts, and the communication. */
export interface StepOutcome {
  readonly step: Step;
  readonly job: StepJob;
  readonly table: CommunicationTable;
}

/** What a plan is made for: the spec, and what is taken out of its fabric ('link:A-B', 'leaf:X', 'plane:2'). */
export interface PlanRequest {
  readonly spec: Spec;
  readonly without: readonly string[];
  /**
   * What breaks while the job is running, named alike: ranks stay where they are, and flows that lose an end go over other
   * NICs of their nodes.
   */
  readonly failed?: readonly string[];
}

/**
 * Every what-if in the product is one of these, applied by this one function: an advice item, a slider, a sweep
 * axis, a dead link.
 */
export type Change =
  | { readonly kind: 'set'; readonly path: readonly (string | number)[]; readonly value: unknown }
  | { readonly kind: 'without'; readonly what: string }
  | { readonly kind: 'fail'; readonly what: string };

/** What evaluating a spec gives. */
export interface Evaluation {
  readonly plan: Plan;
  readonly artefacts: Artefacts;
  readonly timings: readonly StageTime[];
}

/** Seconds of one stage, as `--timings` writes them; 0 and `remembered` when nothing had to be computed. */
export interface StageTime {
  readonly stage: string;
  readonly seconds: number;
  readonly remembered: boolean;
}

/** One file of a plan's folder, its text in pieces. */
export interface ArtefactFile {
  readonly name: string;
  readonly chunks: Iterable<string>;
}

/** A network as it stands: designed or imported, less what was taken out, with its next hops. */
export interface DesignedFabric {
  readonly fabric: Fabric;
  readonly hops: NextHops;
  readonly summary: FabricSummary;
  /** Empty for an imported fabric and where the spec left nothing to choose. */
  readonly alternatives: readonly DesignAlternative[];
}

/** Where the ranks are, and what that makes of the demand: flows between endpoints. */
export interface Placed {
  readonly flows: Flows;
  /** One entry an operation; all bytes are of one step. */
  readonly scopes: readonly ScopeBytes[];
  readonly placement: Placement;
  readonly report: PlacementReport;
  /** Where parts broke under the job: bytes of a step over other NICs of their nodes, and bytes that none can carry. */
  readonly diverted?: number;
  readonly cutOff?: number;
}

/** One design under the same failures. */
export interface DesignFaults {
  readonly name: string;
  readonly faults: FabricFaults;
}

/** Everything that is known of the failures of one job. */
export interface JobRisk {
  readonly name: string;
  readonly risk: Risk;
  /** The first simulated run; its first events where there are many. */
  readonly timeline: readonly TimelineEvent[];
  /** The same job without the stress, where there is any. */
  readonly unstressed?: Pick<Risk, 'mttf' | 'ettr' | 'sdcPerDay' | 'days'>;
  readonly fabric?: FabricFaults;
  readonly designs?: readonly DesignFaults[];
}
