/** The data Planewright stands on. Everything is SI and carries where it came from and how sure we are. */

export type Confidence = 'measured' | 'published' | 'derived' | 'calibrated' | 'assumed';

export interface Provenance {
  /** Citation: authors or product, title, where in it. */
  readonly source: string;
  /** Year or year-month of the source. */
  readonly date: string;
  readonly confidence: Confidence;
  readonly note?: string;
}

/** One physical constant, by a dotted id such as 'infiniband.payload-rate.all-to-all'. */
export interface Constant extends Provenance {
  readonly id: string;
  readonly value: number;
  /** SI unit or ratio, as text: 'B/s', 's', '1', 'USD'. */
  readonly unit: string;
  /** How far sources or the market differ about it, where that is known: low <= value <= high. */
  readonly low?: number;
  readonly high?: number;
}

export interface Gpu extends Provenance {
  readonly id: string;
  readonly name: string;
  /** Whose efficiency tables hold for it, of the same architecture; its own id when left out. */
  readonly kernelsOf?: string;
  readonly memoryBytes: number;
  readonly memoryRate: number;
  /** Dense peak, FLOP/s, by precision. */
  readonly peak: { readonly bf16: number; readonly fp8?: number; readonly fp4?: number };
  readonly power: number;
}

/** (size, share of the peak) by rising size. */
export type FactorTable = readonly (readonly [size: number, factor: number])[];

/**
 * What the kernels of a GPU reach, by the GPU's id ('default': GPUs without tables of their own). Shapes of the tables
 * are of micro-benchmarks; `scale` and `launch` are fitted to whole training steps.
 */
export interface Efficiency extends Provenance {
  readonly id: string;
  readonly name: string;
  /** Matrix products, by their FLOPs. */
  readonly gemm: {
    readonly bf16: FactorTable;
    readonly fp8?: FactorTable;
    readonly mxfp8?: FactorTable;
    readonly nvfp4?: FactorTable;
  };
  /** Fused attention in BF16, by the FLOPs of a pass. */
  readonly attention: { readonly forward: FactorTable; readonly backward: FactorTable };
  /** Reads and writes, by their bytes. */
  readonly memory: FactorTable;
  readonly scale: { readonly gemm: number; readonly attention: number; readonly memory: number };
  /** Seconds between two kernels of a stream. */
  readonly launch: number;
}

export interface NodeShape extends Provenance {
  readonly id: string;
  readonly name: string;
  readonly gpu: string;
  readonly gpus: number;
  /** Scale-out NICs; NIC i serves GPU floor(i * gpus / nics). */
  readonly nics: number;
  /** Line rate of one NIC, bytes/s. */
  readonly nicRate: number;
  /** Scale-up rate of one GPU, one direction: peak and achievable, bytes/s. */
  readonly scaleUpRate: number;
  readonly scaleUpAchievable: number;
  /** Most that the server draws at its plugs, GPUs and NICs included, W. */
  readonly power?: number;
}

export interface SwitchModel extends Provenance {
  readonly id: string;
  readonly name: string;
  readonly ports: number;
  /** Line rate of a port, bytes/s. */
  readonly portRate: number;
  readonly transport: Transport;
  /** Unicast forwarding entries the switch can hold. */
  readonly tableEntries: number;
  /** Policy-based routes or ACL redirections (pins of a pair); 0 where the transport has none. */
  readonly policyEntries: number;
}

export type Transport = 'infiniband' | 'roce';

export interface Attention {
  readonly kind: 'mha' | 'gqa' | 'mla';
  readonly heads: number;
  /** Key-value heads (mha: = heads). */
  readonly kvHeads: number;
  /** Query and key width of a head; of MLA the part without rotary embedding, ropeDim comes on top of it. */
  readonly headDim: number;
  /** MLA only: latent ranks, the rotary part of a query and key head, and the width of a value head. */
  readonly queryRank?: number;
  readonly kvRank?: number;
  readonly ropeDim?: number;
  readonly valueDim?: number;
}

export interface MixtureOfExperts {
  readonly routed: number;
  readonly active: number;
  readonly shared: number;
  /** Intermediate width of one expert. */
  readonly intermediate: number;
  /** Leading layers that stay dense. */
  readonly denseLayers: number;
  /** Nodes a token may be sent to, where the model was trained so. */
  readonly nodeLimit?: number;
}

export interface Model extends Provenance {
  readonly id: string;
  readonly name: string;
  readonly layers: number;
  readonly hidden: number;
  readonly vocabulary: number;
  readonly attention: Attention;
  /** Dense FFN: 'gated' has three matrices (SwiGLU), 'plain' two (GELU). */
  readonly ffn: { readonly kind: 'gated' | 'plain'; readonly intermediate: number };
  readonly experts?: MixtureOfExperts;
  /** Multi-token-prediction modules, each one more layer at the end. */
  readonly mtp: number;
  readonly tiedEmbeddings: boolean;
  /** Learned positional embeddings (GPT-2/3 style), positions; 0 with rotary. */
  readonly positions: number;
}

/** What breaks. `network` is a switch or a cable where the source does not tell them apart. */
export type FailureComponent =
  | 'gpu'
  | 'hbm'
  | 'silent'
  | 'nic'
  | 'link'
  | 'switch'
  | 'network'
  | 'host'
  | 'storage'
  | 'power'
  | 'software'
  | 'maintenance'
  | 'unknown';

/** How often the machines of a fleet break. */
export interface Fleet extends Provenance {
  readonly id: string;
  readonly name: string;
  readonly gpusPerNode: number;
  /** Failures that interrupt a job, per node and day. */
  readonly failuresPerNodeDay: number;
  /** Shares of them by component, as weights. */
  readonly counts: Readonly<Partial<Record<FailureComponent, number>>>;
  /** Failures a month of one link between NIC and leaf, and of one leaf, where they are counted apart. */
  readonly links?: number;
  readonly switches?: number;
  /** Mean seconds until a node is back. */
  readonly repair?: number;
}

/** Something that notices silent data corruption. */
export interface Detector extends Provenance {
  readonly id: string;
  readonly name: string;
  /** Share of corruption events that it notices, and the range that sources give. */
  readonly recall: number;
  readonly recallRange: readonly [number, number];
  /** Seconds from the event to the notice. */
  readonly delay: number;
  /** Share of all time that it costs while it is on. */
  readonly overhead: number;
  readonly overheadRange: readonly [number, number];
}

/** An optimisation that `advise` tries: what no plan can compute of it. */
export interface Advice extends Provenance {
  readonly id: string;
  readonly name: string;
  readonly row: 'software' | 'hardware';
  readonly column: 'traditional' | 'llm';
  /** Where in its cell it stands: 'precision', 'new hardware'. */
  readonly topic: string;
  readonly assumes: string;
  readonly risk: string;
  /** What its literature says it may cost or gain in the quality of the model. */
  readonly quality: string;
  /** A gain that is only reported, never added to a computed one. */
  readonly literature?: string;
}

export type EntityKind = 'gpu' | 'efficiency' | 'node' | 'switch' | 'model' | 'fleet' | 'detector' | 'advice';

export interface Entities {
  readonly gpu: Gpu;
  readonly efficiency: Efficiency;
  readonly node: NodeShape;
  readonly switch: SwitchModel;
  readonly model: Model;
  readonly fleet: Fleet;
  readonly detector: Detector;
  readonly advice: Advice;
}

/** A published figure that validation compares with. */
export interface Published extends Provenance {
  readonly id: string;
  /** A number, or a table of numbers by name. */
  readonly value: unknown;
  readonly unit: string;
}

export interface Catalog {
  /** The constant, recorded as an assumption of whoever asked. Unknown id: a fault of ours, thrown. */
  get(id: string): Constant;
  /** The entity, or undefined when there is none of that name. */
  find<K extends EntityKind>(kind: K, id: string): Entities[K] | undefined;
  published(id: string): Published;
  ids(kind: EntityKind | 'constant' | 'published'): readonly string[];
  /**
   * A view of the same catalog that tells what was read through it: constants by their id, entities as
   * 'node/hgx-h800'.
   */
  track(used: Set<string>): Catalog;
}
