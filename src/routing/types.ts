import type { Issue } from '../base/issue.ts';
import type { Routes } from '../routes/types.ts';

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
