import type { Model } from '../catalog/types.ts';

/**
 * Parameters of one part of a model, as tensor parallelism sees them: `sliced` is divided by the tensor ranks,
 * `replicated` is whole on each. `matrix` counts those that multiply a token (no biases, norms or tables): the
 * part of FLOP counts that does not depend on the sequence.
 */
export interface Part {
  readonly sliced: number;
  readonly replicated: number;
  readonly matrix: number;
}

export interface ModelParts {
  /** A leading or dense layer: attention, dense FFN, norms. */
  readonly denseLayer: Part;
  /** An MoE layer without its routed experts: attention, router, shared experts, norms. */
  readonly moeLayer: Part;
  /** One routed expert. */
  readonly expert: Part;
  readonly embedding: Part;
  /** Output projection and the norm before it; the projection is no parameter of its own when tied. */
  readonly head: Part;
  /** What an MTP module has beside a layer: projection of (hidden, embedding) and three norms. */
  readonly mtpExtra: Part;
}

/**
 * The parts of a model. 'plain' FFN (GPT-2/3) stands for the whole style: biases everywhere and LayerNorm with
 * two vectors; 'gated' for no biases and RMSNorm. MLA follows DeepSeek-V2 (arXiv 2405.04434, section 2.1): the
 * head's `headDim` is its part without rotation, `ropeDim` comes on top; the down-projections to the latents are
 * whole on every tensor rank. O(1).
 */
export function modelParts(model: Model): ModelParts {
  const { hidden, experts } = model;
  const gptStyle = model.ffn.kind === 'plain';
  const matrices = gptStyle ? 2 : 3;
  const norm = gptStyle ? 2 * hidden : hidden;
  const norms = replicated(2 * norm);
  const attention = add(attentionPart(model, gptStyle), norms);
  const width = model.ffn.intermediate;
  const ffn = withBias(matrix(matrices * hidden * width), gptStyle, width, hidden);
  const expert = matrix(experts === undefined ? 0 : matrices * hidden * experts.intermediate);
  const router = experts === undefined ? NOTHING : fullMatrix(hidden * experts.routed);
  const table = model.vocabulary * hidden;
  return {
    denseLayer: add(attention, ffn),
    moeLayer: add(add(attention, router), times(expert, experts?.shared ?? 0)),
    expert,
    embedding: { sliced: table, replicated: model.positions * hidden, matrix: 0 },
    head: { sliced: model.tiedEmbeddings ? 0 : table, replicated: norm, matrix: table },
    mtpExtra: add(fullMatrix(2 * hidden * hidden), replicated(3 * norm)),
  };
}

function attentionPart(model: Model, biases: boolean): Part {
  const { hidden, attention: a } = model;
  if (a.kind !== 'mla') {
    const wide = (a.heads + 2 * a.kvHeads) * a.headDim;
    return withBias(matrix(hidden * (wide + a.heads * a.headDim)), biases, wide, hidden);
  }
  const rope = a.ropeDim ?? 0;
  const value = a.valueDim ?? a.headDim;
  const queryRank = a.queryRank ?? 0;
  const kvRank = a.kvRank ?? 0;
  const queries = a.heads * (a.headDim + rope);
  // Without a query latent (DeepSeek-V2-Lite) queries come straight from the hidden state.
  const up = (queryRank > 0 ? queryRank : hidden) * queries + kvRank * a.heads * (a.headDim + value);
  const down = hidden * (queryRank + kvRank + rope);
  const output = a.heads * value * hidden;
  return add(add(matrix(up + output), fullMatrix(down)), replicated(queryRank + kvRank));
}

/** Total and active parameters without MTP, and those of the MTP modules (their tables are shared). */
export function countParameters(model: Model): { total: number; active: number; mtp: number } {
  const parts = modelParts(model);
  const routed = model.experts?.routed ?? 0;
  const { dense, moe } = layerKinds(model);
  const always =
    dense * size(parts.denseLayer) + moe * size(parts.moeLayer) + size(parts.embedding) + size(parts.head);
  const layer =
    model.experts === undefined ? size(parts.denseLayer) : size(parts.moeLayer) + routed * size(parts.expert);
  return {
    total: always + moe * routed * size(parts.expert),
    active: always + moe * (model.experts?.active ?? 0) * size(parts.expert),
    mtp: model.mtp * (layer + size(parts.mtpExtra)),
  };
}

/**
 * Model FLOPs of one token, forward and backward (three times forward: Kaplan et al. 2020), MTP left out: twice
 * every matrix parameter that the token meets (embedding look-ups are free, the output projection counts even
 * when tied) and attention scores against the whole sequence (`full`, as Megatron counts: Korthikanti et al.,
 * arXiv 2205.05198, eq. 7) or its lower triangle (`causal`, half).
 */
export function flopsPerToken(model: Model, sequence: number): { causal: number; full: number } {
  const parts = modelParts(model);
  const { dense, moe } = layerKinds(model);
  const moeMatrix = parts.moeLayer.matrix + (model.experts?.active ?? 0) * parts.expert.matrix;
  const matrices = dense * parts.denseLayer.matrix + moe * moeMatrix + parts.head.matrix;
  const a = model.attention;
  const mla = a.kind === 'mla';
  const scoreWidth = a.headDim + (mla ? (a.ropeDim ?? 0) : 0);
  const valueWidth = mla ? (a.valueDim ?? a.headDim) : a.headDim;
  const scores = 2 * sequence * a.heads * (scoreWidth + valueWidth) * model.layers;
  return { causal: 3 * (2 * matrices + scores / 2), full: 3 * (2 * matrices + scores) };
}

/**
 * Numbers that attention keeps for a token and layer: keys and values, or MLA's latent and the shared rotary key.
 * `tensor` ranks share the heads; a rank holds at least one of them, and MLA's latent is whole on each.
 */
export function keyValueWidth(model: Model, tensor = 1): number {
  const a = model.attention;
  if (a.kind === 'mla') return (a.kvRank ?? 0) + (a.ropeDim ?? 0);
  return 2 * Math.max(1, a.kvHeads / tensor) * a.headDim;
}

/** Dense and MoE layers of the model, MTP left out. */
export function layerKinds(model: Model): { dense: number; moe: number } {
  if (model.experts === undefined) return { dense: model.layers, moe: 0 };
  const dense = Math.min(model.layers, model.experts.denseLayers);
  return { dense, moe: model.layers - dense };
}

/** Parameters of a part on one tensor rank. */
export function onTensorRank(part: Part, tensor: number): number {
  return part.sliced / tensor + part.replicated;
}

const NOTHING: Part = { sliced: 0, replicated: 0, matrix: 0 };
const matrix = (n: number): Part => ({ sliced: n, replicated: 0, matrix: n });
/** A matrix that every tensor rank holds whole. */
const fullMatrix = (n: number): Part => ({ sliced: 0, replicated: n, matrix: n });
const replicated = (n: number): Part => ({ sliced: 0, replicated: n, matrix: 0 });
const size = (p: Part): number => p.sliced + p.replicated;

function add(a: Part, b: Part): Part {
  return {
    sliced: a.sliced + b.sliced,
    replicated: a.replicated + b.replicated,
    matrix: a.matrix + b.matrix,
  };
}

function times(p: Part, n: number): Part {
  return { sliced: p.sliced * n, replicated: p.replicated * n, matrix: p.matrix * n };
}

/** Biases of the first matrix are sliced with it; the last one's is added once, after the sum over ranks. */
function withBias(p: Part, biases: boolean, first: number, last: number): Part {
  return biases ? add(p, { sliced: first, replicated: last, matrix: 0 }) : p;
}
