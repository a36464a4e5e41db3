/** A bipartite multigraph to be edge-coloured: edges are (source leaf, destination) entries. */
export interface SplitGraph {
  /** Edges. */
  readonly count: number;
  /** Vertex on the source side, length count, values below `lefts`. */
  readonly left: Int32Array;
  readonly lefts: number;
  /** Vertex on the destination side, length count, values below `rights`. */
  readonly right: Int32Array;
  readonly rights: number;
  /** Finer set within `right` (each inner set lies in one right vertex), length count, values below `inners`. */
  readonly inner: Int32Array;
  readonly inners: number;
  /** Length count, not negative. */
  readonly weight: Float64Array;
}

/** What the splits share; a range of both orders is a subgraph. */
export interface Workspace {
  readonly graph: SplitGraph;
  /** Edges by left vertex, heavy first; a range of it is a subgraph. */
  readonly byLeft: Int32Array;
  /** The same edges by right vertex and inner set, heavy first. */
  readonly byRight: Int32Array;
  readonly partnerLeft: Int32Array;
  readonly partnerRight: Int32Array;
  readonly side: Int8Array;
  readonly scratch: Int32Array;
}
