import type { NodeShape } from '../catalog/types.ts';
import type { Fabric, Flows, Placement, ScopeBytes } from '../fabric/types.ts';
import type { CurvePoint } from '../flow/types.ts';
import type { NextHops } from '../routes/types.ts';
import type { RankLayout, Transfers } from '../traffic/types.ts';
import type { OperationKind } from '../workload/types.ts';

/** ECMP over seeds, destination-modulo tables, or an equal split over the minimal ports. */
export type Policy = 'ecmp' | 'modulo' | 'adaptive';

export interface ProfileInput {
  readonly fabric: Fabric;
  readonly hops: NextHops;
  /** Bytes of one step, operations in the order of `transfers`, as projectFlows makes them. */
  readonly flows: Flows;
  readonly scopes: readonly ScopeBytes[];
  readonly transfers: readonly Transfers[];
  readonly layout: RankLayout;
  readonly placement: Placement;
  readonly node: NodeShape;
  readonly seed: number;
  /** ECMP: replications, and queue pairs a connection. */
  readonly ecmpSeeds: number;
  readonly queuePairs: number;
  /** Most pins of the curve. */
  readonly hotPaths: number;
  /** Hot links, and hot paths, that are listed (default 10); 0: neither these nor the curve of pins are looked for. */
  readonly top?: number;
}

/** The plan's `profile`. Loads are of links between switches: bytes of one step over bytes per second. */
export interface Profile {
  /** Bytes of one step between endpoints, by how far they go. */
  readonly bytes: { readonly intraLeaf: number; readonly crossLeaf: number; readonly unrouted: number };
  readonly policies: readonly PolicyProfile[];
  readonly operations: readonly OperationProfile[];
  /** The policy that the hot links and paths are of: ECMP (its median seed) on RoCE, otherwise destination-modulo. */
  readonly hotPolicy: Policy;
  readonly hotLinks: readonly HotLink[];
  readonly hotPaths: readonly HotPath[];
  /** What the pins of the curve go over: ECMP (its median seed) on RoCE, otherwise adaptive routing. */
  readonly pinnedOver: Policy;
  readonly hotPathCurve: readonly CurvePoint[];
  readonly crossPlane: CrossPlane;
  readonly notes: readonly string[];
}

export interface PolicyProfile {
  readonly policy: Policy;
  /** Seconds; of the median seed under ECMP. */
  readonly maxLoad: number;
  readonly meanLoad: number;
  /** Name of the link with the largest load, null when links between switches carry nothing. */
  readonly hottest: string | null;
  /** ECMP only: the largest load over seeds, and the seed of the median. */
  readonly seeds?: Spread & { readonly count: number; readonly medianSeed: number };
}

export interface Spread {
  readonly min: number;
  readonly median: number;
  readonly p90: number;
  readonly max: number;
}

export interface OperationProfile {
  readonly operation: string;
  readonly kind: OperationKind;
  /** How an all-reduce, reduce-scatter or all-gather runs: chosen as NCCL would where the spec leaves it open. */
  readonly algorithm?: Transfers['algorithm'] & string;
  /** Bytes of one step that leave their node. */
  readonly bytes: number;
  /** Switches on the longest way, 0 when nothing leaves a node. */
  readonly switchHops: number;
  /** Parts of one invocation that no routing changes, seconds (see flow/bottleneck.ts). */
  readonly nic: number;
  readonly scaleUp: number;
  readonly latency: number;
  /** Time of one invocation and what binds it. Under ECMP of the seed with the median time for this operation. */
  readonly times: readonly { readonly policy: Policy; readonly seconds: number; readonly bound: string }[];
}

export interface Cause {
  readonly operation: string;
  /** Ranks that send, such as '0-127, 512-639'. */
  readonly ranks: string;
  /** Of the link's or path's bytes. */
  readonly share: number;
}

export interface HotLink {
  readonly link: string;
  /** Load over the largest load of any link: the hottest has 1. */
  readonly utilisation: number;
  /** Bytes of one step over the line rate. */
  readonly seconds: number;
  readonly bytes: number;
  /** Largest first. */
  readonly causes: readonly Cause[];
}

/** A pair of NICs under different leaves, hot by the hottest link on its way, then by its own bytes. */
export interface HotPath {
  readonly from: string;
  readonly to: string;
  readonly fromLeaf: string;
  readonly toLeaf: string;
  readonly bytes: number;
  readonly hottest: string;
  /** Of the hottest link on the way, as in HotLink. */
  readonly utilisation: number;
  readonly causes: readonly Cause[];
}

/** Bytes that change over between planes inside a node, through NVLink (or PCIe) to a NIC on the right plane. */
export interface CrossPlane {
  readonly bytes: number;
  /** Latency that the changes add to a step when nothing hides it, seconds. */
  readonly latencySeconds: number;
  readonly operations: readonly {
    readonly operation: string;
    readonly bytes: number;
    readonly latencySeconds: number;
  }[];
}

/** What a (source leaf, destination) entry of the tables puts on a link. */
export interface EntryCause {
  readonly leaf: string;
  readonly to: string;
  /** Sending hosts below the leaf, by name, at most three, and how many there are; empty and 0 when not told apart. */
  readonly hosts: readonly string[];
  readonly hostCount: number;
  readonly bytes: number;
  /** Of the link's bytes. */
  readonly share: number;
}

/** One entry of one table moved to another port, and what that makes of the link that it leaves. */
export interface EntryMove {
  readonly leaf: string;
  readonly to: string;
  /** Ports of the leaf. */
  readonly fromPort: number;
  readonly toPort: number;
  /** Next switch by the new port. */
  readonly via: string;
  readonly bytes: number;
  /** Seconds on the link before; and after, or those of the fullest link of the new way where these are more. */
  readonly before: number;
  readonly after: number;
}

export interface HotTableLink {
  readonly link: string;
  readonly direction: 'up' | 'down' | 'level';
  readonly seconds: number;
  readonly bytes: number;
  /** Of the hottest link's seconds. */
  readonly utilisation: number;
  /** Entries, sending hosts (null when not told apart) and destinations that share the link. */
  readonly entries: number;
  readonly hosts: number | null;
  readonly destinations: number;
  /** Largest first, at most five. */
  readonly causes: readonly EntryCause[];
  /** The best move of one of its largest entries; null where none relieves it. */
  readonly pin: EntryMove | null;
}

/** One traffic under given tables: the hot links, and how far a few changed entries get. */
export interface TablesProfile {
  readonly maxLoad: number;
  readonly meanLoad: number;
  readonly unrouted: number;
  readonly hotLinks: readonly HotTableLink[];
  /** Moves made one after the other, each relieving what was the hottest link then; the largest load after 0, 1, 2, ... */
  readonly moves: readonly EntryMove[];
  readonly curve: readonly CurvePoint[];
}

/** One point of the hot-path curve, with the seconds that communication takes there. */
export interface PinPoint extends CurvePoint {
  readonly seconds: number;
}

export interface PinCurve {
  /** What the pins go over. */
  readonly pinnedOver: 'ecmp' | 'adaptive' | 'tables';
  readonly points: readonly PinPoint[];
  /** Pins beyond which more pay little; 0: none pay. */
  readonly knee: number;
}
