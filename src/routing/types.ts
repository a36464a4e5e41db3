import type { TableRoutes, PinnedRoutes } from '../routes/types.ts';

/** Lower bounds on the largest load of a switch-to-switch link, in seconds (bytes over bytes per second). */
export interface Bounds {
  /** No routing, however it splits, does better. */
  readonly fractional: number;
  /** 'cut' is exact on a regular fabric; 'linear-program' exact; 'dual' a certified lower bound. */
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
  /** True only where the table's largest load and the bound meet. */
  readonly provedOptimal: boolean;
  readonly reachable: boolean;
  readonly deadlockFree: boolean;
  /** Largest number of entries at one switch, and the limit of its model. */
  readonly tableEntries: number;
  readonly policyEntries: number;
}

export interface Routed {
  readonly routes: TableRoutes | PinnedRoutes;
  readonly quality: RoutingQuality;
}
