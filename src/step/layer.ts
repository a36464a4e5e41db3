import type { Model } from '../catalog/types.ts';
import type { Training } from '../spec/types.ts';
import type { PassBytes, StepConstants } from './constants.ts';
import type { Kernels } from './kernels.ts';

/** What of a microbatch one GPU works on. */
export interface Share {
  /** Sequences a microbatch, and tokens of a sequence. */
  readonly microbatch: number;
  readonly sequence: number;
  readonly tensor: number;
  readonly context: number;
  /** Sequence parallelism: norms and residuals of a slice of the tokens only. */
  readonly sliced: boolean;
  /** Ranks that share the experts, and by how much the busiest of them has more than the mean. */
  readonly expert: number;
  readonly skew: number;
  readonly recompute: Training['recompute'];
  readonly attention: Training['attention'];
  readonly loss: 'fused' | 'unfused';
  /** The host launches kernel by kernel. */
  readonly eager: boolean;
  readonly precision: Training['precision'];
}

/** Seconds of the kernels of one layer and microbatch, by pass. */
export interface Work {
  forward: number;
  /** Gradients of inputs. */
  backward: number;
  weight: number;
  recompute: number;
}

/** The parts that a layer is made of: each adds its kernels to `work`. */
export class Layers {
  readonly #model: Model;
  readonly #k: Kernels;
  readonly #c: StepConstants;

  constructor(model: Model, kernels: Kernels, constants: StepConstants) {
    this.#model = model;
    this.#k = kernels;
    this.#c = constants;
  }

  dense(share: Share): Work {
    const work = nothing();
    this.#attention(work, share);
    this.#feedForward(work, share, this.#model.ffn.intermediate, this.#model.ffn.kind === 'gated');
    return this.#recomputed(this.#launched(work, share, this.#c.host.layer), share);
  }

  moe(share: Share): Work {
    const work = nothing();
    this.#attention(work, share);
    this.#experts(work, share);
    const { experts, expert } = this.#c.host;
    const held = (this.#model.experts?.routed ?? 0) / share.expert;
    return this.#recomputed(this.#launched(work, share, experts + held * expert), share);
  }

  /** The GPU waits for the host where kernels are shorter than their launches: a third of these are forward. */
  #launched(work: Work, { eager }: Share, host: number): Work {
    if (!eager) return work;
    work.forward = Math.max(work.forward, host / 3);
    work.backward = Math.max(work.backward, (2 * host) / 3 - work.weight);
    return work;
  }

  /** Attention block: norm, projections, scores, output, residual. */
  #attention(work: Work, share: Share): void {
    const { hidden, attention: a, positions } = this.#model;
    const tokens = (share.microbatch * share.sequence) / share.context;
    const sliced = share.sliced ? tokens / share.tensor : tokens;
    const heads = a.heads / share.tensor;
    const mla = a.kind === 'mla';
    const score = a.headDim + (mla ? (a.ropeDim ?? 0) : 0);
    const value = mla ? (a.valueDim ?? a.headDim) : a.headDim;
    this.#norm(work, sliced, hidden, share);
    if (mla) {
      const queryRank = a.queryRank ?? 0;
      const kvRank = a.kvRank ?? 0;
      const rope = a.ropeDim ?? 0;
      if (queryRank > 0) {
        this.#linear(work, share, tokens, queryRank, hidden);
        this.#norm(work, tokens, queryRank, share);
      }
      this.#linear(work, share, tokens, heads * score, queryRank > 0 ? queryRank : hidden);
      this.#linear(work, share, tokens, kvRank + rope, hidden);
      this.#norm(work, tokens, kvRank, share);
      this.#linear(work, share, tokens, heads * (a.headDim + value), kvRank);
    } else {
      const kvHeads = Math.max(1, a.kvHeads / share.tensor);
      this.#linear(work, share, tokens, (heads + 2 * kvHeads) * a.headDim, hidden);
    }
    if (positions === 0) this.#pointwise(work, share, tokens * heads * score, this.#c.rotary);
    if (share.attention === 'unfused') this.#unfusedScores(work, share, heads, score, value);
    else this.#fusedScores(work, share, tokens, heads, score, value);
    this.#linear(work, share, tokens, hidden, heads * value);
    this.#pointwise(work, share, sliced * hidden, this.#c.residual);
  }

  /** FlashAttention (Dao, arXiv 2307.08691): the lower triangle only, scores computed again in the backward pass. */
  #fusedScores(work: Work, share: Share, tokens: number, heads: number, score: number, value: number): void {
    const forward = tokens * share.sequence * heads * (score + value);
    const again = tokens * share.sequence * heads * (2 * score + (score + value) + value);
    const f = this.#k.attention(forward, share.sequence, this.#c.tile, 'forward');
    work.forward += f;
    work.backward += this.#k.attention(again, share.sequence, this.#c.tile, 'backward');
  }

  /** Scores in memory: two batched products, softmax and dropout (Megatron-LM before fused attention). */
  #unfusedScores(work: Work, share: Share, heads: number, score: number, value: number): void {
    const k = this.#k;
    const c = this.#c;
    const batch = share.microbatch * heads;
    const rows = share.sequence / share.context;
    const cells = batch * rows * share.sequence;
    const product = (n: number, inner: number): number => k.batched(batch, rows, n, inner);
    const forward =
      product(share.sequence, score) +
      k.stream(cells * c.softmax.forward) +
      k.stream(cells * c.dropout.forward) +
      product(value, share.sequence);
    const backward =
      2 * product(share.sequence, score) +
      2 * product(value, share.sequence) +
      k.stream(cells * c.softmax.backward) +
      k.stream(cells * c.dropout.backward);
    work.forward += forward;
    work.backward += backward;
    if (share.recompute === 'selective') work.recompute += forward;
  }

  #feedForward(work: Work, share: Share, width: number, gated: boolean): void {
    const { hidden } = this.#model;
    const tokens = (share.microbatch * share.sequence) / share.context;
    const sliced = share.sliced ? tokens / share.tensor : tokens;
    const own = width / share.tensor;
    this.#norm(work, sliced, hidden, share);
    this.#linear(work, share, tokens, gated ? 2 * own : own, hidden);
    this.#pointwise(work, share, tokens * own, gated ? this.#c.gate : this.#c.activation, true);
    this.#linear(work, share, tokens, hidden, own);
    this.#pointwise(work, share, sliced * hidden, this.#c.residual);
  }

  /** Router, dispatch and combine on the GPU (permutation), routed experts as grouped products, shared experts. */
  #experts(work: Work, share: Share): void {
    const { hidden, experts, ffn } = this.#model;
    if (experts === undefined) return;
    const k = this.#k;
    const c = this.#c;
    const tokens = (share.microbatch * share.sequence) / share.context;
    const sliced = share.sliced ? tokens / share.tensor : tokens;
    const matrices = ffn.kind === 'gated' ? 2 : 1;
    this.#norm(work, sliced, hidden, share);
    const router = k.wideGemm(sliced, experts.routed, hidden);
    work.forward += router;
    work.backward += router;
    work.weight += router;

    const held = experts.routed / share.expert;
    // Without expert parallelism the experts of a layer are cut over the tensor ranks as any other matrix.
    const width = share.expert > 1 ? experts.intermediate : experts.intermediate / share.tensor;
    const mine = share.expert > 1 ? sliced : tokens;
    const copies = mine * experts.active * share.skew;
    this.#pointwise(work, share, copies * hidden, c.permute);
    this.#grouped(work, share, held, copies / held, matrices * width, hidden);
    this.#pointwise(work, share, copies * width, ffn.kind === 'gated' ? c.gate : c.activation, true);
    this.#grouped(work, share, held, copies / held, hidden, width);
    this.#pointwise(work, share, copies * hidden, c.permute);
    if (experts.shared > 0) {
      const own = (experts.shared * experts.intermediate) / share.tensor;
      this.#linear(work, share, tokens, matrices * own, hidden);
      this.#pointwise(work, share, tokens * own, ffn.kind === 'gated' ? c.gate : c.activation, true);
      this.#linear(work, share, tokens, hidden, own);
    }
    this.#pointwise(work, share, sliced * hidden, c.residual);
  }

  /** A matrix with its two gradients; in narrow formats the inputs are coded first. */
  #linear(work: Work, share: Share, m: number, n: number, inner: number): void {
    const k = this.#k;
    work.forward += k.gemm(m, n, inner);
    work.backward += k.gemm(m, inner, n);
    work.weight += k.accumulate(n, inner, m);
    this.#coding(work, share, m, n, inner);
  }

  #grouped(work: Work, share: Share, groups: number, m: number, n: number, inner: number): void {
    const k = this.#k;
    const tile = this.#c.tile;
    work.forward += k.grouped(groups, m, n, inner, tile, false);
    work.backward += k.grouped(groups, m, inner, n, tile, false);
    work.weight += k.grouped(groups, m, n, inner, tile, true);
    this.#coding(work, share, groups * m, n, inner);
  }

  #coding(work: Work, share: Share, m: number, n: number, inner: number): void {
    if (share.precision === 'bf16') return;
    const bytes = this.#c.coding;
    work.forward += this.#k.stream(m * inner * bytes);
    work.backward += this.#k.stream(m * n * bytes);
  }

  #norm(work: Work, tokens: number, width: number, share: Share): void {
    this.#pointwise(work, share, tokens * width, this.#c.norm, true);
  }

  /** `light`: what selective recomputation repeats where attention is fused. */
  #pointwise(work: Work, share: Share, elements: number, bytes: PassBytes, light = false): void {
    const forward = this.#k.stream(elements * bytes.forward);
    work.forward += forward;
    work.backward += this.#k.stream(elements * bytes.backward);
    if (light && share.recompute === 'selective' && share.attention === 'fused') work.recompute += forward;
  }

  #recomputed(work: Work, share: Share): Work {
    if (share.recompute === 'full') work.recompute = work.forward;
    return work;
  }
}

export function nothing(): Work {
  return { forward: 0, backward: 0, weight: 0, recompute: 0 };
}
