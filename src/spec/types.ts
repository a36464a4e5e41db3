import type { Fleet, Gpu, Model, NodeShape, Transport } from '../catalog/types.ts';

export type Dimension = 'tensor' | 'context' | 'data' | 'pipeline';
export type Schedule = 'gpipe' | '1f1b' | 'interleaved' | 'zero-bubble' | 'dualpipe';
export type Precision = 'bf16' | 'fp8' | 'mxfp8' | 'nvfp4';
export type Recompute = 'none' | 'selective' | 'full';
export type Topology = 'multi-plane-fat-tree' | 'fat-tree' | 'rail-optimized';
export type Collective = 'auto' | 'ring' | 'tree' | 'hierarchical' | 'direct' | 'in-network';

export interface Training {
  readonly tokens: number;
  readonly sequence: number;
  /** Sequences a step. */
  readonly batch: number;
  /** Sequences a microbatch and data-parallel rank. */
  readonly microbatch: number;
  readonly precision: Precision;
  readonly recompute: Recompute;
  /** Scores stay on the chip (FlashAttention), or go through memory as before it. */
  readonly attention: 'fused' | 'unfused';
  /**
   * One kernel for the loss, its gradient in the place of the logits (Transformer Engine, Liger, compilers); or passes over
   * FP32 logits, as Megatron-LM's own fusion also makes.
   */
  readonly loss: 'fused' | 'unfused';
  /** The host launches kernel by kernel, or graphs (a compiler's programs) do. */
  readonly launch: 'eager' | 'graph';
  /** Share of a sequence's places that hold no token of the run; absent where sequences are full. */
  readonly padding?: number;
}

export interface Parallelism {
  readonly tensor: number;
  readonly pipeline: number;
  /** Divides tensor x data; 1 for a dense model. */
  readonly expert: number;
  readonly data: number;
  readonly context: number;
  readonly sequence: boolean;
  readonly zero: 0 | 1 | 2 | 3;
  /**
   * Data ranks that share one copy of what ZeRO divides, each with its context ranks (hybrid sharding: HSDP, MiCS); data /
   * shard copies are kept in step. Absent: all data ranks share one.
   */
  readonly shard?: number;
  readonly schedule: Schedule;
  /** Model chunks a pipeline rank (interleaved schedule); 1 otherwise. */
  readonly virtualStages: number;
  /**
   * What communication runs beside computation: none; data (gradients, parameters of ZeRO 3, sends of interleaved
   * stages); all (gathers and scatters of tensor ranks as well, in pieces beside the products that need them).
   */
  readonly overlap: 'none' | 'data' | 'all';
  /** Innermost (fastest varying) first. */
  readonly order: readonly Dimension[];
}

/** How experts are chosen: the popularity of each, before node limiting. */
export type ExpertPopularity =
  | { readonly kind: 'uniform' }
  | { readonly kind: 'zipf'; readonly exponent: number }
  | { readonly kind: 'list'; readonly weights: readonly number[] };

export interface TrafficSpec {
  readonly experts: ExpertPopularity;
  /** At most this many nodes a token; null: no limit. */
  readonly nodeLimit: number | null;
  readonly ecmpSeeds: number;
  /** Queue pairs a connection: ECMP hashes each. */
  readonly queuePairs: number;
  readonly collective: Collective;
}

export interface GeneratedNetwork {
  readonly kind: 'generated';
  readonly topology: Topology | 'auto';
  readonly planes: number | 'auto';
  readonly layers: 2 | 3 | 'auto';
  readonly switch: { readonly model: string; readonly ports: number; readonly portRate: number };
  readonly transport: Transport;
  /** Down bandwidth over up bandwidth of a leaf, and (three layers) of a pod's spine. */
  readonly oversubscription: { readonly leaf: number; readonly spine: number };
  /** 'per-nic': each NIC on one plane. 'per-plane': each NIC has a port on every plane. */
  readonly nicPorts: 'per-nic' | 'per-plane';
  /** Endpoints a leaf is filled to (null: as many as the oversubscription lets). */
  readonly hostsPerLeaf: number | null;
  /** Endpoints a pod of a three-layer tree is filled to (null: as many as fit). */
  readonly podEndpoints: number | null;
  /** Share of leaf-spine cables missing, chosen by the seed. */
  readonly cut: number;
}

export interface ImportedNetwork {
  readonly kind: 'imported';
  readonly file: string;
  /** The file's bytes as text, read by the caller: the engine has no file system. */
  readonly text: string;
  /** Names of the hosts of the job, in node order; null: the fabric's own order. */
  readonly hosts: readonly string[] | null;
  readonly transport: Transport;
}

export type Network = GeneratedNetwork | ImportedNetwork;

export interface Cluster {
  readonly node: NodeShape;
  /** The node's GPU, here so that a what-if can change it. */
  readonly gpu: Gpu;
  readonly gpus: number;
  readonly network: Network;
  /** A rank map lists, for each rank, the GPU (node * gpusPerNode + index) that runs it. */
  readonly placement: 'auto' | 'linear' | readonly number[];
}

export interface RoutingSpec {
  readonly strategy: 'hybrid' | 'static' | 'adaptive' | 'ecmp' | 'modulo';
  readonly hotPaths: number;
}

/** Prices that the spec gives instead of the catalog's: USD, or a ratio. */
export interface Prices {
  readonly gpu?: number | undefined;
  readonly server?: number | undefined;
  /** By 400 Gb/s, the next two as well. */
  readonly switchPort?: number | undefined;
  readonly optics?: number | undefined;
  readonly cable?: number | undefined;
  readonly spares?: number | undefined;
  /** A petabyte; a megawatt; a person's year. */
  readonly storage?: number | undefined;
  readonly building?: number | undefined;
  readonly person?: number | undefined;
  /** Of a year, over the equipment. */
  readonly maintenance?: number | undefined;
}

/** What the job costs and burns. Null: the catalog says. */
export interface Facility {
  readonly economy: 'rent' | 'own';
  readonly pue: number;
  readonly gpuHour: number | null;
  /** With the share of its server. */
  readonly gpuPrice: number | null;
  readonly amortisation: number | null;
  /** Of a year. */
  readonly costOfCapital: number | null;
  readonly utilisation: number | null;
  readonly staff: number | null;
  readonly storage: number | null;
  /** USD/J. */
  readonly electricity: number | null;
  /** 'world', 'france', ...; 'given' where the spec gives the carbon itself. */
  readonly grid: string;
  /** kg/J. */
  readonly carbon: number | null;
  readonly cap: number | null;
  /** GPUs after each stage, the last all of them. */
  readonly stages: readonly number[];
  readonly prices: Prices;
}

/** How often it breaks, how progress is kept and how it comes back. Seconds. */
export interface Reliability {
  /** A fleet of the catalog, one fitted to a log, or one given in the spec. */
  readonly failures: Fleet;
  readonly checkpoint: {
    /** 'blocking' stops the job for the whole write, 'async' only for a copy into host memory. */
    readonly kind: 'blocking' | 'async';
    /** Bytes a second of the whole job; null: in proportion to the GPUs. */
    readonly storage: number | null;
    readonly interval: number | 'auto';
    /** Seconds between copies in the memory of other nodes; null: none are kept. */
    readonly memory: number | null;
  };
  /** From a failure to the moment it is noticed. */
  readonly detection: number;
  /** From then to training again. */
  readonly restart: number;
  /** Waiting for machines at each restart. */
  readonly queue: number;
  /** Nodes kept ready; 'auto': as many as are needed 99 % of the time; null: the queue is all there is. */
  readonly spares: number | 'auto' | null;
  /** Until a broken node is back; null: the fleet's own. */
  readonly repair: number | null;
  readonly lemons: Lemons | null;
  readonly maintenance: { readonly every: number; readonly lasts: number } | null;
  readonly stragglers: { readonly every: number; readonly lasts: number; readonly slowdown: number } | null;
  readonly silent: Silent;
  readonly stress: Stress;
}

/** Few nodes that break again and again: their share of the nodes, their share of failures, when they are taken out. */
export interface Lemons {
  readonly share: number;
  readonly failures: number;
  readonly after: number;
}

/** Silent data corruption: whose rate, and what looks for it (detectors of the catalog). */
export interface Silent {
  readonly rate: string;
  readonly detectors: readonly string[];
}

/** What raises the rates above those of the fleet; all zero: nothing does. */
export interface Stress {
  /** Kelvin that junctions are warmer than in the fleet. */
  readonly thermal: number;
  readonly thermalModel: 'arrhenius' | 'linear';
  /** Power drops a second. */
  readonly powerDrops: number;
  /** Seconds since the machines were installed; null: as old as the fleet's. */
  readonly age: number | null;
}

export interface Expectation {
  readonly text: string;
  /** Keys and [index] parts. */
  readonly path: readonly (string | number)[];
  readonly op: '<=' | '>=' | '<' | '>' | '==';
  /** SI. */
  readonly value: number;
  readonly line?: number;
  readonly column?: number;
}

/** A default that was taken because the spec was silent. */
export interface DefaultTaken {
  readonly path: string;
  readonly value: string | number | boolean;
  readonly why: string;
}

/** The spec after checking: every field present, SI units, catalog names looked up. */
export interface Spec {
  readonly name: string;
  readonly seed: number;
  readonly model: Model;
  readonly training: Training;
  readonly parallelism: Parallelism;
  readonly traffic: TrafficSpec;
  readonly cluster: Cluster;
  readonly routing: RoutingSpec;
  readonly reliability: Reliability;
  readonly facility: Facility;
  readonly expect: readonly Expectation[];
  readonly defaults: readonly DefaultTaken[];
}
