import type { Fabric, Flows } from '../fabric/types.ts';
import type { NextHops, Routes } from '../routes/types.ts';

/** Bytes on every directed link, length links. */
export type LinkLoad = Float64Array;

/** Load over capacity in seconds: the time a link needs for its bytes at line rate. */
export interface LoadSummary {
  /** Largest bytes / rate over the switch-to-switch links, seconds. */
  readonly maxLoad: number;
  /** The link that has it (lowest id), -1 when there is no load. */
  readonly link: number;
  readonly meanLoad: number;
}

/** Largest load of a link between switches with so many pins; `ratio` is to the load with none. */
export interface CurvePoint {
  readonly pinned: number;
  readonly maxLoad: number;
  readonly ratio: number;
}

/** What found no path, and hence loads nothing: between planes, to a dead cable, or to where no route leads. */
export interface Unrouted {
  flows: number;
  bytes: number;
}

/** Takes bytes of the whole step, and of one invocation, for a link. */
export interface LoadSink {
  add(link: number, step: number, once: number): void;
}

/** The same, and counts what found no path. */
export interface LoadTotals extends LoadSink {
  readonly unrouted: Unrouted;
}

/** The flows that do not stay under one leaf, by operation: all that routing decides about. Those without a leaf are among them. */
export interface LeavingFlows {
  /** Flow ids, those of an operation in their order. */
  readonly flow: Int32Array;
  /** Operation o has flow[start[o]] to flow[start[o + 1]]; length operations + 1. */
  readonly start: Int32Array;
  /** Leaves that the flows go from and to, beside `flow`; -1 where there is none. */
  readonly source: Int32Array;
  readonly leaf: Int32Array;
}

/** Flows on a fabric, by operation. */
export interface OrderedFlows {
  readonly fabric: Fabric;
  readonly hops: NextHops;
  readonly flows: Flows;
  /** Flow ids by operation; operation o has order[start[o]] to order[start[o + 1]]. */
  readonly order: Int32Array;
  readonly start: Int32Array;
  readonly leaving: LeavingFlows;
}

/** Which links between switches each flow takes, under routes that give a packet one way. */
export interface FlowWalks {
  /** Calls `visit` for every link on the ways of a flow, with the bytes that go that way, queue pair by queue pair. */
  each(flow: number, visit: (link: number, bytes: number) => void): void;
}

/** What the loads of flows are asked of (flow/loads.ts): all of them, or one operation's. */
export interface FlowLoads extends OrderedFlows {
  /** Positions in `order` of an operation's flows. */
  rangeOf(operation: number): [from: number, to: number];
  /** Adds the two ends of every flow that has a path: the same under every policy. */
  addNics(to: LoadTotals, operation?: number): void;
  /** Adds links between switches. */
  addInner(routes: Routes, to: LoadTotals, operation?: number): void;
}
