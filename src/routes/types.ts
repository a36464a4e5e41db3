/** How packets find their way: a closed union, evaluated by flow/loads.ts. */
export type Routes = TableRoutes | EcmpRoutes | AdaptiveRoutes | PinnedRoutes;

/**
 * Destination-based tables (an InfiniBand LFT): at each switch one link for each destination. A switch without
 * a row of its own follows destination-modulo over its minimal live ports, so that a 65,536-endpoint
 * regular tree needs no dense table.
 */
export interface TableRoutes {
  readonly kind: 'tables';
  readonly label: string;
  /** By switch (node - endpoints): link ordinal within the switch (link - linkStart) by destination, or none. */
  readonly rows: readonly (Uint16Array | null)[];
  /** Column of an endpoint in the rows of its plane's switches, length endpoints. */
  readonly column: Uint32Array;
}

/** No entry: the switch cannot reach the destination. */
export const NO_ENTRY = 0xffff;

/** A stateless hash of (source, destination, queue pair) picks among the minimal live ports at each switch. */
export interface EcmpRoutes {
  readonly kind: 'ecmp';
  readonly seed: number;
  readonly queuePairs: number;
}

/** Equal split over the minimal live ports at each switch: local, and blind to what is missing below. */
export interface AdaptiveRoutes {
  readonly kind: 'adaptive';
}

/** Chosen (source, destination) pairs follow listed links; the rest follows `base`. */
export interface PinnedRoutes {
  readonly kind: 'pinned';
  readonly base: TableRoutes | EcmpRoutes | AdaptiveRoutes;
  /**
   * CSR: pin p is (src[p], dst[p]) and its links [start[p], start[p + 1]): switch to switch, from the source's leaf
   * to the destination's; the NIC links at both ends are understood. Pairs are unique.
   */
  readonly src: Int32Array;
  readonly dst: Int32Array;
  readonly start: Uint32Array;
  readonly links: Uint32Array;
}

/**
 * Minimal up/down next hops on any live tree: down where a way down exists (over the fewest links), else up to
 * the parents from which the fewest further ups are needed. Links between planes are never candidates.
 * Candidate lists are interned: one list serves every destination that shares it.
 */
export interface NextHops {
  /** Switch (node id) each endpoint hangs on, -1 when its cable is dead; length endpoints. */
  readonly leafOf: Int32Array;
  /** Link from that switch to the endpoint, -1 when its cable is dead; length endpoints. */
  readonly edge: Int32Array;
  /** The lists: n at pool[offset], then n link ids in port order. */
  readonly pool: Int32Array;
  /**
   * Offset in `pool` of the links that lead from switch `node` towards switch `leaf`, which must be another
   * switch and have endpoints; 0, the empty list, when no up/down path exists.
   */
  list(node: number, leaf: number): number;
  /**
   * Writes the links that lead from switch `node` towards endpoint `dst` into `out`, in port order, and returns
   * how many; 0 when there is none. At the endpoint's own switch that is the link to it.
   */
  candidates(node: number, dst: number, out: Int32Array): number;
  /** Switches on a minimal path between two endpoints (1 under one leaf); 0 when there is no path. */
  switchHops(src: number, dst: number): number;
  /**
   * How far apart, in destinations, neighbouring choices of a switch's up-links are under destination-modulo:
   * the product of the up-links below it, by plane * (tiers + 1) + tier. One at the leaves.
   */
  readonly stride: Float64Array;
  /** Highest tier of any switch. */
  readonly tiers: number;
}

/** What a repair asks of next hops. */
export type Ways = Pick<NextHops, 'leafOf' | 'edge' | 'candidates'>;

export type FaultKind =
  | 'no entry'
  | 'no such port'
  | 'dead link'
  | 'loop'
  | 'wrong endpoint'
  | 'no up/down path'
  | 'broken pin';

/** One (leaf, destination) that a route does not join, and what stopped it where. Names, as people read them. */
export interface RouteFault {
  readonly kind: FaultKind;
  readonly from: string;
  readonly to: string;
  readonly at: string;
}

export interface Verification {
  /** Every leaf with workload endpoints reaches every workload endpoint of its plane whose cable lives. */
  readonly reachable: boolean;
  /** (leaf, destination endpoint) pairs checked and failed; destinations under the leaf itself included. */
  readonly pairs: number;
  readonly unreachablePairs: number;
  /** The same with an aggregator (SHARP node) at either end: an aggregator below a spine has no up/down path to all. */
  readonly aggregatorPairs: number;
  readonly unreachableAggregatorPairs: number;
  /** Endpoints whose only cable is dead: no routing can help them, and they are in no pair. */
  readonly deadEndpoints: number;
  /** The first faults, at most 10. */
  readonly examples: readonly RouteFault[];
  readonly deadlockFree: boolean;
  /** Link ids of a cycle of dependencies, each waiting for the next. */
  readonly cycle?: readonly number[];
  /** Most unicast entries at one switch: table rows, or host routes under ECMP and adaptive routing. */
  readonly entriesMax: number;
  /** Most pins that pass through one switch, which must hold an entry for each. */
  readonly policyEntriesMax: number;
}

/** What is to be said of the tables of a subnet beyond its base LIDs. */
export interface AllLids {
  /** (leaf with endpoints, switch) pairs: management packets to switches. */
  readonly switchPairs: number;
  readonly unreachableSwitchPairs: number;
  /** At most 10. */
  readonly examples: readonly RouteFault[];
  /** Links of a cycle of dependencies over the LIDs of endpoints (all of each) and switches; null when there is none. */
  readonly cycle: readonly number[] | null;
}

/** Virtual lanes on which the paths of tables, spread out, do not wait in a circle. */
export interface LaneAssignment {
  /** Null when more would be needed than switches have. */
  readonly lanes: number | null;
  /** Paths (of a leaf to a LID) by lane. */
  readonly byLane: readonly number[];
}
