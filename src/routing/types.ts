import type { Issue } from '../base/issue.ts';
import type { Flows, Repair } from '../fabric/types.ts';
import type {
  AllLids,
  LaneAssignment,
  PinnedRoutes,
  Routes,
  TableRoutes,
  Verification,
} from '../routes/types.ts';

/** Lower bounds on the largest load of a switch-to-switch link, in seconds (bytes over bytes per second). */
export interface Bounds {
  /** No routing over shortest up/down paths, however it splits, does better. */
  readonly fractional: number;
  /** 'cut' and 'linear-program' are exact; 'dual' is a certified lower bound. */
  readonly fractionalKind: 'cut' | 'linear-program' | 'dual';
  /** No table that sends a whole destination one way at each leaf does better. At least `fractional`. */
  readonly wholeDestination: number;
}

/** What one routing makes of the demand; the plan's `routing` and each of its baselines. */
export interface RoutingQuality {
  readonly strategy: string;
  readonly maxLoad: number;
  readonly fractionalBound: number;
  readonly wholeDestinationBound: number;
  readonly ratioToFractional: number;
  readonly ratioToWhole: number;
  /**
   * True only where the largest load meets a bound that holds for the routing: whole destinations for tables, the
   * fractional bound for what splits or moves single pairs.
   */
  readonly provedOptimal: boolean;
  readonly reachable: boolean;
  readonly deadlockFree: boolean;
  /** Largest number of entries at one switch: destinations in its table, and pins of single pairs. */
  readonly tableEntries: number;
  readonly policyEntries: number;
}

export interface Routed {
  readonly routes: Routes;
  readonly quality: RoutingQuality;
}

/** Stage 5's result. */
export interface RoutingOutcome {
  readonly chosen: Routed;
  /** The same object as chosen.quality: the plan's `routing`. */
  readonly quality: RoutingQuality;
  readonly bounds: Bounds;
  /** Every plain routing and the optimised tables, in the order modulo, ecmp, adaptive, static. */
  readonly baselines: readonly RoutingQuality[];
  /** Plain destination-modulo meets the whole-destination bound on every plane: nothing to gain. */
  readonly alreadyOptimal: boolean;
  /** Sentences for the report. */
  readonly notes: readonly string[];
  readonly issues: readonly Issue[];
}

/** Table sizes of the switch model. */
export interface SwitchLimits {
  readonly tableEntries: number;
  readonly policyEntries: number;
}

/** One traffic among several that one set of tables is to serve (or is judged by). */
export interface TrafficDemand {
  readonly label: string;
  readonly priority: number;
  /** True for unit demand: bytes are pairs, and loads are shown as pairs. */
  readonly unit: boolean;
  /** True when a flow stands for all senders of its leaf: tables cannot tell them apart. */
  readonly merged: boolean;
  readonly flows: Flows;
}

/** Largest load of a live switch-to-switch link, seconds (bytes over bytes per second), towards the top and back. */
export interface Loads {
  readonly up: number;
  readonly down: number;
  /** Flows that the tables do not join; they load nothing. */
  readonly unrouted: number;
}

/** One set of tables, measured and followed switch by switch. */
export interface JudgedTables {
  readonly name: string;
  readonly routes: TableRoutes;
  /** By demand. */
  readonly loads: readonly Loads[];
  readonly verification: Verification;
}

/** What tables to make where there is a choice. */
export interface TableChoices {
  /** Each port answers to 2^lmc LIDs, each with entries of its own; 0 to 7. */
  readonly lmc: number;
  /** What becomes of pairs without an up/down path: a way through one common leaf, or no entry. */
  readonly valleys: 'lane' | 'omit';
  /** Keep the current tables and change only entries whose way is gone; null: make tables anew. */
  readonly repair: 'few' | 'even' | null;
}

/** What a repair of the current tables changes. */
export interface RepairSummary {
  readonly policy: 'few' | 'even';
  /** Over all LIDs. */
  readonly changedEntries: number;
  readonly entries: number;
  readonly changedSwitches: number;
  readonly lostPairs: number;
}

/** Pairs without an up/down path, and what the tables do with them. */
export interface ValleySummary {
  readonly pairs: number;
  readonly leftOut: number;
  /** Of leaves with endpoints to workload endpoints: the rest has an aggregation node at one end. */
  readonly workloadPairs: number;
  /** Names of the leaves through which they run, one a plane that has such pairs. */
  readonly leaves: readonly string[];
  /** Virtual lanes that the tables need: 1 where all pairs together close no circle. */
  readonly lanesNeeded: number;
  readonly deadlockFree: boolean;
}

/** What all LIDs of a port together reach when the bytes of a pair are split evenly over them. */
export interface SpreadLoads {
  readonly lids: number;
  /** By demand. */
  readonly loads: readonly Loads[];
  /** By demand: no tables of whole (destination, LID) do better, seconds. */
  readonly bounds: readonly number[];
}

/** Tables for several demands at once, next to what was there before. */
export interface PatternRouting {
  readonly demands: readonly (Omit<TrafficDemand, 'flows' | 'merged'> & {
    readonly bounds: Bounds;
    readonly unroutable: number;
  })[];
  /** Current tables if given, a repair of these, then the plain engines. */
  readonly before: readonly JudgedTables[];
  /** With LMC: of the base LIDs, which is what NCCL uses. */
  readonly after: JudgedTables;
  /** By LID offset; the first is after.routes. */
  readonly byOffset: readonly TableRoutes[];
  /** With LMC only. */
  readonly spread: SpreadLoads | null;
  /** Where current tables were given. */
  readonly repair: RepairSummary | null;
  readonly valley: ValleySummary;
  /** Bytes per second of most links between switches: seconds x rate is pairs for unit demand. */
  readonly rate: number;
  /** Entries that one switch can hold. */
  readonly entriesLimit: number;
  /** Seconds that making the tables took, by the context's clock; never part of a result. */
  readonly tableSeconds: number;
  readonly notes: readonly string[];
}

export interface EffectiveBandwidth {
  /** Mean over the patterns of the mean over a pattern's flows of 1 / (largest load on the flow's path), 0 to 1. */
  readonly mean: number;
  /** Mean over the patterns of the most that any routing could reach: see effectiveCeiling. */
  readonly ceiling: number;
  /** Largest load of a link between switches in any pattern, in flows. */
  readonly worstLoad: number;
  /** By pattern. */
  readonly values: Float64Array;
}

/** A path for every queue pair of a set of flows. */
export interface FlowRouting {
  readonly routes: PinnedRoutes & { readonly base: TableRoutes };
  readonly bandwidth: EffectiveBandwidth;
  /** True when no link between switches carries two of the flows. */
  readonly contentionFree: boolean;
  /** Most pins that pass through one switch, which must hold a policy route for each. */
  readonly policyEntries: number;
}

/** What the backups of one kind of failure do, over all of them. */
export interface BackupSummary {
  readonly kind: 'link' | 'switch';
  readonly count: number;
  /** Entries changed, over all failures, and by the one that changes most. */
  readonly changes: number;
  readonly mostChanges: number;
  /** Largest load of a link in any of them with one unit from every workload endpoint to every other, seconds. */
  readonly maxLoad: number;
  /** The failed part that leads to it. */
  readonly worst: string;
  readonly lostPairs: number;
}

/** Tables of a subnet, followed over all LIDs. */
export interface SubnetCheck {
  /** By LID offset of an endpoint; the first is the base LID. */
  readonly verifications: readonly Verification[];
  readonly lids: AllLids;
  /** Entries that no packet should follow, as the dump's reader found them. */
  readonly faults: readonly TableFault[];
  /** Where one lane is not enough: how many are; null where it is. */
  readonly lanes: LaneAssignment | null;
  /** Sentences on what is wrong; empty when nothing is. */
  readonly wrong: readonly string[];
}

/** One kind of faulty entry: how many, and the first few in words. */
export interface TableFault {
  readonly kind: string;
  readonly count: number;
  readonly examples: readonly string[];
}

/** A repair with what its difference costs by itself; null where it was not priced (see MOST_PRICED). */
export interface PricedRepair extends Repair {
  /** Endpoints that it leaves without a cable to a switch, and flows that no up/down path carries because of it. */
  readonly cutOff: number;
  readonly unroutable: number;
  /** Relative loss of the workload's busiest link, with the best routes that a cut allows. */
  readonly best: number | null;
  /** The same when every switch splits evenly over its live ports. */
  readonly even: number | null;
}
