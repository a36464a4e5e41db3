import type { NodeShape, Transport } from '../catalog/types.ts';

export const NodeKind = { endpoint: 0, switch: 1, aggregator: 2 } as const;

/**
 * A network as a general directed multigraph, structure of arrays. Generators and importers return this one
 * type; parallel cables are separate links; regularity is detected, never assumed.
 *
 * Nodes [0, endpoints) are endpoints (one NIC port each, or an aggregator), the rest switches. Links leave node
 * n at [linkStart[n], linkStart[n + 1]), in port order; a cable is two links, each the other's reverse.
 */
export interface Fabric {
  readonly name: string;
  readonly transport: Transport;
  readonly nodes: number;
  readonly endpoints: number;
  readonly planes: number;
  /** Switch layers: 2 or 3; detected for an imported fabric. */
  readonly layers: number;
  /** NodeKind, length nodes. Aggregators (SHARP) are endpoints that send no workload traffic. */
  readonly kind: Uint8Array;
  /** 0 endpoint, 1 leaf, 2 spine, 3 core; length nodes. */
  readonly tier: Uint8Array;
  /** Plane of each node, length nodes (0 in a single-plane fabric). */
  readonly plane: Uint16Array;
  readonly names: readonly string[];
  /** InfiniBand: node GUID as hex text and base LID (0: none), length nodes; null when unknown. */
  readonly guid: readonly string[] | null;
  readonly lid: Uint32Array | null;
  /** GUID of each endpoint's port, by which a subnet manager knows it, and of each switch's own port 0 (its node GUID). */
  readonly portGuid: readonly string[] | null;
  /** LMC of the endpoints: each answers to 2^lmc consecutive LIDs from its base LID. 0 where nothing else is known. */
  readonly lmc: number;

  /** Directed links = 2 x cables. */
  readonly links: number;
  /** Length nodes + 1. */
  readonly linkStart: Uint32Array;
  readonly linkFrom: Uint32Array;
  readonly linkTo: Uint32Array;
  readonly linkReverse: Uint32Array;
  /** Port number at linkFrom (1-based, as the switch counts); at the far end it is linkPort[linkReverse]. */
  readonly linkPort: Uint16Array;
  /** Bytes per second. */
  readonly linkRate: Float64Array;
  /** +1 towards the top, -1 towards the endpoints, 0 level. */
  readonly linkDirection: Int8Array;
  /** 1 live, 0 failed or cut. */
  readonly linkAlive: Uint8Array;
  /** Seconds a bit is under way on the cable, and half of the switch at either end; null where the input says none. */
  readonly linkLatency: Float64Array | null;

  readonly hosts: Hosts;
}

/** A fabric in which a subnet manager can tell every node: see identities.ts. */
export interface IdentifiedFabric extends Fabric {
  readonly guid: readonly string[];
  readonly portGuid: readonly string[];
  readonly lid: Uint32Array;
}

/** Servers: which endpoint is which NIC (and port) of which host. */
export interface Hosts {
  readonly count: number;
  readonly names: readonly string[];
  /** Host of each endpoint, -1 for none (aggregators), length endpoints. */
  readonly of: Int32Array;
  /** NIC index in its host, length endpoints. */
  readonly nic: Int16Array;
}

/** Where the job's GPUs are: physical host of each virtual node of the layout. */
export interface Placement {
  readonly strategy: string;
  /** Length layout.nodes. */
  readonly host: Int32Array;
  /** Endpoint of (host, GPU index, plane): host * gpusPerNode * lanes + index * lanes + lane. */
  readonly endpointOf: Int32Array;
  /** Endpoints a GPU sprays over: 1 with a NIC a plane, planes with a port on every plane. */
  readonly lanes: number;
  readonly gpusPerNode: number;
}

/** Endpoint-to-endpoint flows, structure of arrays: what the network sees. Bytes of one step. */
export interface Flows {
  readonly count: number;
  readonly src: Int32Array;
  readonly dst: Int32Array;
  readonly bytes: Float64Array;
  /** Index into `operations`. */
  readonly operation: Uint16Array;
  /** Invocations a step of each flow (bytes / invocations = bytes of one), length count. */
  readonly invocations: Float64Array;
  readonly operations: readonly string[];
}

/**
 * Flows in phases: a flow begins some time after its phase, a phase some time after the last flow of the phases before
 * it. Rounds of a collective, dispatch then combine and htsim's triggers are all phases.
 */
export interface FlowSchedule {
  readonly flows: Flows;
  /** Seconds from the phase's begin, length flows.count. */
  readonly offset: Float64Array;
  /** Length flows.count. */
  readonly phase: Uint32Array;
  readonly phases: FlowPhases;
  /** Where each flow stands in the file that it came from, for issues; null where there is none. */
  readonly lines: Uint32Array | null;
}

export interface FlowPhases {
  readonly count: number;
  /** Seconds between the end of what a phase waits for and its begin: what is computed there. */
  readonly delay: Float64Array;
  /** CSR of the phases that each waits for, length count + 1. */
  readonly start: Uint32Array;
  readonly after: Uint32Array;
}

/** What the network sees of a server. */
export type NodePorts = Pick<NodeShape, 'gpus' | 'nics' | 'nicRate'>;

/** The counts of a design before a single switch is drawn. Planes are alike, so per-plane counts say all. */
export interface Sizing {
  readonly planes: number;
  readonly layers: 2 | 3;
  readonly hosts: number;
  readonly nics: number;
  /** Endpoints of one NIC: 1, or one a plane where NICs have a port on every plane. */
  readonly portsPerNic: number;
  /** Endpoints of one host in one plane. */
  readonly hostPorts: number;
  /** Bytes per second of a link to an endpoint and of a link between switches. */
  readonly endpointRate: number;
  readonly switchRate: number;
  /** Ports of a leaf meant for endpoints, and its cables towards the spines. */
  readonly leafDown: number;
  readonly leafUp: number;
  /** Leaves that hosts fill together: the rails of a scalable unit, otherwise 1. Hosts that such a unit takes. */
  readonly unitLeaves: number;
  readonly unitHosts: number;
  readonly units: number;
  readonly leaves: number;
  /** Three layers: pods of whole units, equal but for the last. One pod with two layers. */
  readonly pods: number;
  readonly podUnits: number;
  /** Spines of a pod, ports of a spine meant for leaves, its cables towards the cores. */
  readonly podSpines: number;
  readonly spineDown: number;
  readonly spineUp: number;
  /** Cores of a plane, in groups that serve the spines of one number range in every pod. */
  readonly cores: number;
  readonly coreGroups: number;
  /** Endpoints that this topology holds at most with this switch, all planes. */
  readonly capacity: number;
}

/** The plan's `fabric` fields, of the whole and of one plane. */
export interface FabricCounts {
  readonly endpoints: number;
  readonly switches: number;
  readonly leaves: number;
  readonly spines: number;
  readonly cores: number;
  readonly interSwitchLinks: number;
  /** All cables, those to endpoints included. */
  readonly cables: number;
  readonly deadLinks: number;
}

export interface FabricSummary extends FabricCounts {
  readonly name: string;
  readonly planes: number;
  readonly layers: number;
  readonly hosts: number;
  readonly aggregators: number;
  readonly regular: boolean;
  /** By plane, length planes. */
  readonly perPlane: readonly FabricCounts[];
}

/** One design that `auto` looked at, and what became of it. */
export interface DesignAlternative {
  readonly topology: 'multi-plane-fat-tree' | 'fat-tree' | 'rail-optimized';
  readonly planes: number;
  readonly layers: 2 | 3;
  readonly feasible: boolean;
  readonly chosen: boolean;
  /** What this design could grow to; 0 when it cannot be built at all. */
  readonly endpointsCapacity: number;
  readonly switches: number;
  /** Switch to switch. */
  readonly links: number;
  readonly costUsd: number;
  /** Switches on the longest shortest path. */
  readonly worstHops: number;
  /** Why it was chosen or not. */
  readonly reason: string;
}

/** A column of the topology comparison: a full network of one kind from switches of one radix. */
export interface TopologyRow {
  readonly id: 'FT2' | 'MPFT' | 'FT3' | 'SF' | 'DF';
  readonly title: string;
  readonly endpoints: number;
  readonly switches: number;
  /** Switch to switch. */
  readonly links: number;
  readonly costUsd: number;
  readonly costPerEndpoint: number;
  /** Switches on the longest shortest path. */
  readonly worstHops: number;
  /** The parameters that give these counts, and what to know about them. */
  readonly note: string;
}

/** What placement did for the job. Bytes of one step between hosts under different leaves (or pods). */
export interface PlacementReport {
  /** 'linear', 'rank map', 'by pipeline, data' (virtual nodes sorted so), or 'packed'. */
  readonly strategy: string;
  /** Bytes of one step that leave their host at all. */
  readonly networkBytes: number;
  readonly crossLeafBytes: number;
  readonly crossPodBytes: number;
  /** Cross-leaf bytes of the order as given, and of one seeded random order. */
  readonly linear: number;
  readonly random: number;
  /** Share of linear's and of random's cross-leaf bytes that this placement saves; 0 when there are none. */
  readonly gain: number;
  readonly gainOverRandom: number;
  readonly tried: readonly {
    readonly strategy: string;
    readonly crossLeafBytes: number;
    readonly crossPodBytes: number;
  }[];
}

/** Bytes of one step of one operation by how far they go. */
export interface ScopeBytes {
  readonly operation: string;
  readonly intraNode: number;
  readonly intraLeaf: number;
  readonly crossLeaf: number;
  /** Of intraLeaf and crossLeaf together: bytes handed over inside the sender's node to reach the right plane. */
  readonly crossPlane: number;
}

/** Rails as the wiring shows them (fabric/rails.ts). */
export interface Rails {
  /** Most rails of any plane; 1 where NICs of a host share their leaf's or have one each. */
  readonly count: number;
  /** Rail of each endpoint within its plane, -1 for aggregators, length endpoints. */
  readonly of: Int32Array;
  /** True when hosts spread their NICs over leaves, so that leaves are on rails; else a rail is a NIC position. */
  readonly wired: boolean;
}

/** One kind of thing that an import noticed: how many, and the first few by name. */
export interface Finding {
  readonly id: string;
  readonly title: string;
  readonly count: number;
  /** At most three. */
  readonly examples: readonly string[];
}

/** What a fabric file turned out to hold. */
export interface FabricFindings {
  readonly summary: FabricSummary;
  readonly rails: { readonly count: number; readonly wired: boolean; readonly sizes: readonly number[] };
  /** Bytes per second of most links: to endpoints, and between switches by lower tier. */
  readonly rates: readonly { readonly between: string; readonly rate: number; readonly cables: number }[];
  /** What is amiss or special, empty kinds left out. */
  readonly findings: readonly Finding[];
}

/** A difference between two wirings, as the order to a technician. */
export type RepairKind =
  | 'missing node'
  | 'extra node'
  | 'missing'
  | 'extra'
  | 'swapped'
  | 'wrong port'
  | 'slow'
  | 'fast';

/** Ends by node name and port, such as 'leaf1:33'. */
export interface Repair {
  readonly kind: RepairKind;
  /** What should be: 'leaf1:33 - spine2:1'; one entry a cable (two for swapped ones), none for what is extra. */
  readonly expected: readonly string[];
  /** What is there instead. */
  readonly observed: readonly string[];
  /** What to do, in words. */
  readonly action: string;
  /** As the cost of this one difference needs it: cables of the expected fabric taken out, changed and added. */
  readonly change: WiringChange;
}

/** Links are ids of the expected fabric (either direction of a cable); added cables by node id and port. */
export interface WiringChange {
  readonly removed: readonly number[];
  readonly slowed: readonly { readonly link: number; readonly rate: number }[];
  readonly added: readonly {
    readonly a: number;
    readonly aPort: number;
    readonly b: number;
    readonly bPort: number;
    readonly rate: number;
  }[];
}
