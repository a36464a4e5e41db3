/**
 * The fluid model: flows share links as water shares pipes. While nothing begins or ends, rates are max-min fair: no flow
 * can have more without taking from one that has less (weighted: rate over weight). A flow ends when its bytes have
 * passed; its links are then shared anew. Exact but for rounding; no packets, no latency, no start-up.
 */

/** Ways through the network, CSR: path p takes the links [start[p], start[p + 1]). A path of no links never waits. */
export interface FluidPaths {
  readonly count: number;
  /** Length count + 1. */
  readonly start: Uint32Array;
  readonly link: Uint32Array;
  /**
   * Part of a flow's rate that crosses each link, as long as `link`: a flow that is spread evenly over four ports puts
   * a quarter on each, and all parts grow together. Null: all of it crosses every link of its path.
   */
  readonly share: Float64Array | null;
}

/** What is to be sent. Flows on one path cost little more than one: the path is solved, not the flow. */
export interface FluidFlows {
  readonly count: number;
  /** Path of each flow; -1: no way, so that it waits until a change gives it one. */
  readonly path: Int32Array;
  /** Bytes to send; 0 ends when it begins. */
  readonly bytes: Float64Array;
  /** Phase of each flow; null: all are of phase 0. */
  readonly phase: Uint32Array | null;
  /** Seconds after its phase's begin; null: at once. */
  readonly offset: Float64Array | null;
  /** Share of a bottleneck, relative to others; null: all have 1. Above 0. */
  readonly weight: Float64Array | null;
}

/**
 * What waits for what: a phase begins `delay` seconds after the last of its predecessors has ended, and ends when its last
 * flow has (at its begin where it has none, so that a computation is a phase of a delay and no flows). Rounds of a
 * collective, dispatch then combine, whole jobs side by side: phases of one schedule.
 */
export interface FluidPhases {
  readonly count: number;
  /** Seconds; of a phase without predecessors, the time it begins. */
  readonly delay: Float64Array;
  /** CSR of predecessors, length count + 1. Phases that wait for one another never begin. */
  readonly start: Uint32Array;
  readonly after: Uint32Array;
}

/** What happens to the network under way, at `time`: links that get another capacity (0: dead), flows another path. */
export interface FluidChange {
  readonly time: number;
  readonly links: readonly { readonly link: number; readonly capacity: number }[];
  /** Unfinished flows go on by this path with the bytes they have left; -1: they wait. Each flow once. */
  readonly reroutes: readonly { readonly flow: number; readonly path: number }[];
}

export interface FluidSystem {
  /** Bytes per second of each link. */
  readonly capacity: Float64Array;
  readonly paths: FluidPaths;
  readonly flows: FluidFlows;
  /** Null: one phase that begins at 0. */
  readonly phases: FluidPhases | null;
  /** In any order. */
  readonly changes: readonly FluidChange[];
  /** Left out: max-min. A lossless network holds flows back that share a link with one that waits: see backpressure.ts. */
  readonly sharing?: 'max-min' | 'lossless';
}

/** How rates follow from who shares what: max-min (rates.ts) or a network that holds back (backpressure.ts). */
export interface RateSolver {
  /** Rate a unit of weight, by path; 0 where nothing flows. */
  readonly rate: Float64Array;
  /** Paths whose rate changed in the last solve: changed[0] to changed[changes - 1]. */
  readonly changed: Int32Array;
  readonly changes: number;
  /** Entries (path, link) that solves looked at so far, and that solves from scratch would have looked at. */
  readonly touched: number;
  readonly whole: number;
  /** Both take effect with the next solve. */
  setWeight(path: number, weight: number): void;
  setCapacity(link: number, capacity: number): void;
  solve(): void;
}

export interface FluidOptions {
  /** Intervals of LinkUsage at least (at most twice as many); 0 or left out: none is kept. */
  readonly intervals?: number;
  /** Asked now and then; true throws Cancelled. */
  readonly cancelled?: () => boolean;
  /** Called now and then with the flows that have ended since the last call. */
  readonly ended?: (flows: number) => void;
}

export interface FluidResult {
  /** Seconds, by flow; Infinity: never, for want of a path, of capacity, or of a phase's begin. */
  readonly begin: Float64Array;
  readonly finish: Float64Array;
  /** By phase (length 1 where no phases were given). */
  readonly phaseBegin: Float64Array;
  readonly phaseFinish: Float64Array;
  /** The last finish; Infinity where a flow or phase never ends. */
  readonly makespan: number;
  readonly usage: LinkUsage | null;
  readonly stats: FluidStats;
}

/** Bytes that crossed each link in each interval of `width` seconds: row l is [l * intervals, (l + 1) * intervals). */
export interface LinkUsage {
  readonly width: number;
  readonly intervals: number;
  readonly bytes: Float64Array;
}

/** How much work it was. */
export interface FluidStats {
  /** Parts that share no link and no phase (small ones together), and those solved: equal ones are solved once. */
  readonly parts: number;
  readonly solved: number;
  /** Instants at which rates changed. */
  readonly instants: number;
  /** (path, link) pairs that solving looked at, and that a solution from scratch at each instant would have had to. */
  readonly touched: number;
  readonly whole: number;
}
