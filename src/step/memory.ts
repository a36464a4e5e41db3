import type { Catalog, Model } from '../catalog/types.ts';
import type { Parallelism, Training } from '../spec/types.ts';
import { type ModelParts, onTensorRank } from '../workload/architecture.ts';
import { shardingOf } from '../workload/sharding.ts';
import type { StageContents } from '../workload/types.ts';
import type { StageMemory } from './types.ts';

/** Bytes of one number in memory, and what is set aside. */
export interface MemoryConstants {
  readonly activation: number;
  /** An input of a product, which narrow formats keep as they use it. */
  readonly operand: Readonly<Record<Training['precision'], number>>;
  readonly weight: number;
  readonly gradient: number;
  /** FP32 master copy and two moments of Adam. */
  readonly optimizer: number;
  /** One logit of the loss. */
  readonly logit: number;
  /** Of a GPU: what the driver, libraries and the allocator's gaps take. */
  readonly reserved: number;
}

export interface MemoryInput {
  readonly model: Model;
  readonly parts: ModelParts;
  readonly contents: StageContents;
  readonly training: Training;
  readonly parallelism: Parallelism;
  readonly constants: MemoryConstants;
}

/**
 * Memory of one GPU by pipeline rank. Activations as Korthikanti et al. (arXiv 2205.05198, sec. 4) count them, carried
 * over to fused attention, gated layers, grouped queries, latent attention and experts; schedules hold as many
 * microbatches as their order makes them. O(stages).
 */
export function stageMemory(input: MemoryInput): StageMemory[] {
  const sizes = sizesOf(input);
  return Array.from({ length: input.parallelism.pipeline }, (_, p) => rankMemory(input, sizes, p));
}

function rankMemory(input: MemoryInput, sizes: Sizes, p: number): StageMemory {
  const { parallelism } = input;
  const own = oneStage(input, sizes, p, held(parallelism, microbatches(input), p));
  if (parallelism.schedule !== 'dualpipe') return total(own);
  // Both of a rank's stages; the microbatches in flight (ranks + 1) are shared between them.
  const mirror = oneStage(input, sizes, parallelism.pipeline - 1 - p, 0);
  return total({
    weights: own.weights + mirror.weights,
    gradients: own.gradients + mirror.gradients,
    optimizer: own.optimizer + mirror.optimizer,
    activations: own.activations,
    buffers: Math.max(own.buffers, mirror.buffers),
  });
}

/** Bytes of the fullest rank, the same as the largest total of `stageMemory`. O(stages). */
export function fullestRank(input: MemoryInput): number {
  const { contents, parallelism } = input;
  const { pipeline } = parallelism;
  const both = parallelism.schedule === 'dualpipe';
  const sizes = sizesOf(input);
  let most = 0;
  for (let p = 0; p < pipeline; p++) {
    // A rank holds at least as many microbatches as the next one: of ranks alike the first is the fullest.
    const known = p > 0 && alike(contents, p, p - 1);
    if (known && (!both || alike(contents, pipeline - 1 - p, pipeline - p))) continue;
    most = Math.max(most, rankMemory(input, sizes, p).total);
  }
  return most;
}

function alike({ dense, moe, mtp, embedding, head }: StageContents, p: number, q: number): boolean {
  return (
    dense[p] === dense[q] &&
    moe[p] === moe[q] &&
    mtp[p] === mtp[q] &&
    embedding[p] === embedding[q] &&
    head[p] === head[q]
  );
}

/** What does not differ between stages: parameters of parts on one rank, bytes of activations of a layer. */
interface Sizes {
  readonly dense: number;
  readonly moe: number;
  readonly experts: number;
  readonly embedding: number;
  readonly mtp: number;
  readonly savedDense: number;
  readonly savedMoe: number;
  readonly logits: number;
  readonly workingDense: number;
  readonly workingMoe: number;
  readonly whole: number;
}

function sizesOf(input: MemoryInput): Sizes {
  const { model, parts, parallelism: p, constants: c } = input;
  const routed = model.experts?.routed ?? 0;
  const moe = model.experts !== undefined;
  return {
    dense: onTensorRank(parts.denseLayer, p.tensor),
    moe: onTensorRank(parts.moeLayer, p.tensor),
    experts: (parts.expert.sliced * routed) / (p.expert > 1 ? p.expert : p.tensor),
    embedding: onTensorRank(parts.embedding, p.tensor),
    mtp: onTensorRank(parts.mtpExtra, p.tensor),
    savedDense: saved(input, false),
    savedMoe: moe ? saved(input, true) : 0,
    logits: logits(input),
    workingDense: working(input, true),
    workingMoe: moe ? working(input, false) : 0,
    // ZeRO 3 holds the layer at work and the next one whole, and the gradients of one.
    whole: shardingOf(p).zero === 3 ? 3 * largestLayer(input) * c.weight : 0,
  };
}

function microbatches({ training, parallelism }: MemoryInput): number {
  return training.batch / (parallelism.data * training.microbatch);
}

/** Microbatches whose activations a rank holds at most, in whole stages. */
export function held(p: Parallelism, microbatchCount: number, rank: number): number {
  const { pipeline, virtualStages: v, schedule } = p;
  if (schedule === 'gpipe') return microbatchCount;
  if (schedule === 'dualpipe') return Math.min(microbatchCount, pipeline + 1);
  if (v === 1) return Math.min(microbatchCount, pipeline - rank);
  const chunks = 2 * (pipeline - rank - 1) + (v - 1) * pipeline + 1;
  return Math.min(microbatchCount * v, chunks) / v;
}

type Parts = Omit<StageMemory, 'total'>;

function total(parts: Parts): StageMemory {
  const { weights, gradients, optimizer, activations, buffers } = parts;
  const sum = weights + gradients + optimizer + activations + buffers;
  return { weights, gradients, optimizer, activations, buffers, total: sum };
}

function oneStage(input: MemoryInput, sizes: Sizes, p: number, inFlight: number): Parts {
  const { contents, parallelism: par, constants: c } = input;
  const { tensor, expert, context } = par;
  const { zero, ranks } = shardingOf(par);
  const dense = contents.dense[p]!;
  const moe = contents.moe[p]!;
  const shared =
    dense * sizes.dense +
    moe * sizes.moe +
    contents.embedding[p]! * sizes.embedding +
    contents.head[p]! * headParameters(input, p) +
    contents.mtp[p]! * sizes.mtp;
  const experts = moe * sizes.experts;
  // Ranks that share a copy.
  const sharers = ranks * context;
  const expertSharers = expert > 1 ? Math.max(1, (tensor * ranks) / expert) * context : sharers;
  const all = shared + experts;
  const shard = shared / sharers + experts / expertSharers;
  const work = dense > 0 ? sizes.workingDense : sizes.workingMoe;
  return {
    weights: c.weight * (zero >= 3 ? shard : all),
    gradients: c.gradient * (zero >= 2 ? shard : all),
    optimizer: c.optimizer * (zero >= 1 ? shard : all),
    activations: inFlight * (dense * sizes.savedDense + moe * sizes.savedMoe),
    buffers: sizes.whole + (inFlight > 0 ? contents.head[p]! * sizes.logits + work : 0),
  };
}

/** A tied head on another stage than the embedding is a second copy. */
function headParameters({ model, parts, parallelism: { tensor, pipeline } }: MemoryInput, p: number): number {
  const own = onTensorRank(parts.head, tensor);
  const copy = model.tiedEmbeddings && pipeline > 1 && p > 0;
  return copy ? own + parts.head.matrix / tensor : own;
}

function largestLayer({ model, parts, parallelism }: MemoryInput): number {
  const dense = onTensorRank(parts.denseLayer, parallelism.tensor);
  if (model.experts === undefined) return dense;
  const experts = (parts.expert.sliced * model.experts.routed) / Math.max(1, parallelism.expert);
  return Math.max(dense, onTensorRank(parts.moeLayer, parallelism.tensor) + experts);
}

/** Tokens of a microbatch on one context rank, and how they are cut where sequence parallelism cuts them. */
function tokensOf({ training, parallelism: p }: MemoryInput): { tokens: number; slice: number } {
  const tokens = (training.microbatch * training.sequence) / p.context;
  return { tokens, slice: p.sequence ? tokens / p.tensor : tokens };
}

/** Bytes that one layer keeps of one microbatch from its forward to its backward pass. */
export function saved(input: MemoryInput, moe: boolean): number {
  const { model, training, constants: c } = input;
  const { tokens, slice } = tokensOf(input);
  const { hidden } = model;
  const a = c.activation;
  const { recompute } = training;
  if (recompute === 'full') return slice * hidden * a;
  const light = recompute === 'selective' && training.attention === 'fused';
  // GPT-style layers drop out: a byte of mask an element.
  const mask = model.ffn.kind === 'plain' ? slice * hidden : 0;
  // Inputs of the two norms; their outputs, which the products need, come again from them when recomputed.
  const norms = 2 * slice * hidden * (a + (light ? 0 : c.operand[training.precision]));
  return (
    norms +
    attentionSaved(input, tokens, light) +
    feedForwardSaved(input, moe, tokens, slice, light) +
    2 * mask
  );
}

function attentionSaved(input: MemoryInput, tokens: number, light: boolean): number {
  const { model, training, parallelism, constants: c } = input;
  const { attention: at } = model;
  const heads = at.heads / parallelism.tensor;
  const a = c.activation;
  const mla = at.kind === 'mla';
  const value = mla ? (at.valueDim ?? at.headDim) : at.headDim;
  const score = at.headDim + (mla ? (at.ropeDim ?? 0) : 0);
  const kvHeads = mla ? heads : Math.max(1, at.kvHeads / parallelism.tensor);
  const latents = mla ? tokens * 2 * ((at.queryRank ?? 0) + (at.kvRank ?? 0)) * a : 0;
  // Queries, keys and values; of latent attention with recomputation the latents alone.
  const projected = mla && light ? 0 : tokens * (heads * score + kvHeads * (score + value)) * a;
  const output =
    tokens * heads * value * (training.precision === 'bf16' ? a : (a + c.operand[training.precision]) / 2);
  let scores = tokens * heads * c.gradient;
  if (training.attention === 'unfused') {
    const cells = heads * tokens * training.sequence;
    // Softmax and its dropped-out copy, and a byte of mask.
    scores = training.recompute === 'selective' ? 0 : cells * (2 * a + 1);
  }
  return latents + projected + output + scores;
}

function feedForwardSaved(
  input: MemoryInput,
  moe: boolean,
  tokens: number,
  slice: number,
  light: boolean,
): number {
  const { model, training, parallelism: p, constants: c } = input;
  const { ffn, experts, hidden } = model;
  const a = c.operand[training.precision];
  const gated = ffn.kind === 'gated';
  // Output of the first product, and that of the activation, which the second needs.
  const each = ((gated ? 2 : 1) + (light ? 0 : 1)) * a;
  if (!moe || experts === undefined) return (tokens * ffn.intermediate * each) / p.tensor;
  const copies = (p.expert > 1 ? slice : tokens) * experts.active;
  const width = p.expert > 1 ? experts.intermediate : experts.intermediate / p.tensor;
  const shared = (tokens * experts.shared * experts.intermediate * each) / p.tensor;
  // Tokens as the experts got them, and the experts' own intermediates; the router's probabilities.
  return copies * hidden * a + copies * width * each + shared + slice * experts.routed * c.gradient;
}

/** Logits of a microbatch and their loss. */
function logits(input: MemoryInput): number {
  const { tokens } = tokensOf(input);
  return (tokens * input.model.vocabulary * input.constants.logit) / input.parallelism.tensor;
}

/**
 * What the layer at work holds beside what is saved: gradients of its matrices as they are made (one expert's at a
 * time) and of the widest activations; with full recomputation all its intermediates too.
 */
function working(input: MemoryInput, dense: boolean): number {
  const { model, training, parallelism: p, parts, constants: c } = input;
  const { tokens, slice } = tokensOf(input);
  const { experts, ffn, hidden } = model;
  const moe = experts !== undefined;
  const matrices = (dense ? parts.denseLayer.matrix : parts.moeLayer.matrix + parts.expert.matrix) / p.tensor;
  const branches = ffn.kind === 'gated' ? 3 : 2;
  const wide = moe
    ? (p.expert > 1 ? slice : tokens) * experts.active * (hidden + branches * experts.intermediate)
    : (tokens * branches * ffn.intermediate) / p.tensor;
  const again = training.recompute === 'full' ? { ...training, recompute: 'none' as const } : null;
  return (
    matrices * c.weight +
    wide * c.activation +
    (again === null ? 0 : saved({ ...input, training: again }, moe))
  );
}

export function memoryConstants(catalog: Catalog): MemoryConstants {
  const get = (id: string): number => catalog.get(id).value;
  return {
    activation: get('precision.bf16.bytes'),
    operand: {
      bf16: get('precision.bf16.bytes'),
      fp8: get('precision.fp8.bytes'),
      mxfp8: get('precision.mxfp8.bytes'),
      nvfp4: get('precision.nvfp4.bytes'),
    },
    weight: get('parameter.bytes'),
    gradient: get('gradient.bytes'),
    optimizer: get('step.memory.optimizer'),
    logit: get('step.memory.logit'),
    reserved: get('step.memory.reserved'),
  };
}
