import type { Transport } from '../catalog/types.ts';

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

  readonly hosts: Hosts;
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
