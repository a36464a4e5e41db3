import type { Fabric, FlowSchedule } from '../fabric/types.ts';
import type { TableRoutes } from '../routes/types.ts';
import type { TrafficRequest } from '../traffic/types.ts';

/** One item of `--routing`; `label` is what the user wrote. */
export type RoutingRequest = { readonly label: string } & (
  | { readonly kind: 'ecmp'; readonly queuePairs: number }
  /** Pins over ECMP on RoCE, over adaptive routing on InfiniBand. */
  | { readonly kind: 'hybrid'; readonly pins: number }
  /** Made for the traffic ('static'), the plain rule ('modulo'), a split, or as one whole trunk ('ideal'). */
  | { readonly kind: 'static' | 'modulo' | 'adaptive' | 'ideal' }
  | { readonly kind: 'file'; readonly file: string }
);

/** The same once the files are read. */
export type Routing =
  | Exclude<RoutingRequest, { kind: 'file' }>
  | { readonly label: string; readonly kind: 'tables'; readonly routes: TableRoutes };

/** One job of `--traffic`: steps one after the other, each so many times. */
export interface JobRequest {
  readonly label: string;
  readonly steps: readonly JobStep[];
}

export type JobStep =
  | { readonly kind: 'compute'; readonly seconds: number }
  | { readonly kind: 'traffic'; readonly times: number; readonly request: TrafficRequest };

/** Parts taken out of service at a moment, seconds. */
export interface Failure {
  readonly parts: readonly string[];
  readonly time: number;
}

/**
 * 'fluid': bytes flow as water, without latency. 'packet': with the start-up and protocol cost of a transport, and with
 * the back-pressure of a lossless network where a flow has one path.
 */
export type Fidelity = 'fluid' | 'packet';

export interface SimulateInput {
  readonly fabric: Fabric;
  /** Flows between NICs (each named by its first endpoint); an operation is a job. */
  readonly schedule: FlowSchedule;
  /** At least one. */
  readonly routings: readonly Routing[];
  /** Draws of what is drawn: the hash of ECMP, the spread of packets. */
  readonly seeds: number;
  readonly seed: number;
  readonly failures: readonly Failure[];
  /** Seconds from a failure until flows take another way. */
  readonly rerouteAfter: number;
  readonly fidelity: Fidelity;
  /** Hot links, and flows that suffer, that are listed. */
  readonly top: number;
  /** Intervals of the usage over time, at least. */
  readonly intervals: number;
}

/** Over seeds; the median is the lower of the two in the middle. */
export interface Spread {
  readonly min: number;
  readonly median: number;
  readonly max: number;
}

/** Completion times of flows, seconds. */
export interface Distribution {
  readonly min: number;
  readonly mean: number;
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly max: number;
}

export interface Simulation {
  readonly flows: number;
  readonly bytes: number;
  readonly jobs: readonly string[];
  readonly fidelity: Fidelity;
  readonly outcomes: readonly RoutingOutcome[];
}

/** One routing on the workload, over its seeds; what is of one seed is of that with the median completion. */
export interface RoutingOutcome {
  readonly routing: string;
  readonly seeds: number;
  readonly medianSeed: number;
  /** Last end of any flow, seconds. */
  readonly completion: Spread;
  readonly mean: Spread;
  readonly p50: Spread;
  readonly p90: Spread;
  readonly p99: Spread;
  readonly max: Spread;
  /** Of a flow: its time over its time with the network to itself; the mean and the 99th percentile. */
  readonly slowdown: { readonly mean: Spread; readonly p99: Spread };
  readonly hotLinks: readonly SimulatedLink[];
  readonly jobs: readonly JobOutcome[];
  /** Null where nothing fails. */
  readonly failure: FailureOutcome | null;
  /** Bytes per second of the links under this routing: the fabric's, and after them the trunks of the ideal. */
  readonly capacity: Float64Array;
  /** The run itself, for files and drawings. */
  readonly run: MessageRun;
}

/** One run: every flow's begin and end, and the usage of links. */
export interface MessageRun {
  /** By flow: 1 when a failure made it take another way. */
  readonly rerouted: Uint8Array;
  readonly begin: Float64Array;
  readonly finish: Float64Array;
  /** Seconds each flow takes with the network to itself. */
  readonly alone: Float64Array;
  readonly makespan: number;
  readonly usage: {
    readonly width: number;
    readonly intervals: number;
    readonly bytes: Float64Array;
  };
}

export interface SimulatedLink {
  readonly link: string;
  readonly bytes: number;
  /** Bytes over what the link could carry until the completion. */
  readonly utilisation: number;
  /** Of each interval. */
  readonly overTime: readonly number[];
  /** Largest first. */
  readonly causes: readonly LinkCause[];
  /** Flows that cross it. */
  readonly flows: number;
}

export interface LinkCause {
  readonly job: string;
  readonly from: string;
  readonly to: string;
  /** Of the link's bytes. */
  readonly share: number;
}

/** A job beside the others and by itself, under the same routing and seed. */
export interface JobOutcome {
  readonly job: string;
  readonly flows: number;
  readonly bytes: number;
  readonly times: Distribution;
  readonly completion: number;
  readonly alone: number;
}

export interface FailureOutcome {
  /** Flows that took another way, that wait for ever, and that end later than without the failure. */
  readonly rerouted: number;
  readonly stranded: number;
  readonly slowed: number;
  /** Completion without the failure. */
  readonly without: number;
  readonly worst: readonly {
    readonly from: string;
    readonly to: string;
    readonly job: string;
    readonly without: number;
    /** Null: never. */
    readonly with: number | null;
  }[];
}
