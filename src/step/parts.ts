import type { Model } from '../catalog/types.ts';
import type { StepConstants } from './constants.ts';
import type { Kernels } from './kernels.ts';
import { Layers, nothing, type Share, type Work } from './layer.ts';

/** Kernel seconds of everything a stage can hold, for one share of a microbatch. */
export interface PartTimes {
  readonly dense: Work;
  readonly moe: Work;
  /** Of one layer's forward pass, what keys and values of context ranks can arrive beside. */
  readonly embedding: Work;
  readonly head: Work;
  /** What an MTP module has beside its layer: a projection, and the head once more. */
  readonly mtp: Work;
}

/** Times of the parts of a model, remembered by share. */
export class Parts {
  readonly #model: Model;
  readonly #kernels: Kernels;
  readonly #constants: StepConstants;
  readonly #layers: Layers;
  readonly #known = new Map<string, PartTimes>();

  constructor(model: Model, kernels: Kernels, constants: StepConstants) {
    this.#model = model;
    this.#kernels = kernels;
    this.#constants = constants;
    this.#layers = new Layers(model, kernels, constants);
  }

  of(share: Share): PartTimes {
    const { microbatch, sequence, tensor, context, sliced, expert, skew, recompute, attention, loss, eager } =
      share;
    const key = `${microbatch},${sequence},${tensor},${context},${sliced},${expert},${skew},${recompute},${attention},${loss},${eager}`;
    let times = this.#known.get(key);
    if (times === undefined) {
      times = {
        dense: this.#layers.dense(share),
        moe: this.#model.experts === undefined ? nothing() : this.#layers.moe(share),
        embedding: this.#embedding(share),
        head: this.#head(share),
        mtp: this.#mtp(share),
      };
      this.#known.set(key, times);
    }
    return times;
  }

  #embedding(share: Share): Work {
    const { hidden } = this.#model;
    const slice = tokensOf(share) / (share.sliced ? share.tensor : 1);
    const { embedding } = this.#constants;
    return {
      ...nothing(),
      forward: this.#kernels.stream(slice * hidden * embedding.forward),
      weight: this.#kernels.stream(slice * hidden * embedding.backward),
    };
  }

  /** Output projection in BF16, the loss over its logits, and the last norm. */
  #head(share: Share): Work {
    const { hidden, vocabulary } = this.#model;
    const tokens = tokensOf(share);
    const own = vocabulary / share.tensor;
    const k = this.#kernels;
    const { logits, loss } = this.#constants;
    const bytes = share.loss === 'fused' ? loss : logits;
    return {
      ...nothing(),
      forward: k.wideGemm(tokens, own, hidden) + k.stream(tokens * own * bytes.forward),
      backward: k.wideGemm(tokens, hidden, own) + k.stream(tokens * own * bytes.backward),
      weight: k.wideGemm(own, hidden, tokens),
    };
  }

  #mtp(share: Share): Work {
    const { hidden, mtp } = this.#model;
    if (mtp === 0) return nothing();
    const head = this.#head(share);
    const tokens = tokensOf(share);
    const k = this.#kernels;
    return {
      ...nothing(),
      forward: head.forward + k.gemm(tokens, hidden, 2 * hidden),
      backward: head.backward + k.gemm(tokens, 2 * hidden, hidden),
      weight: head.weight + k.accumulate(hidden, 2 * hidden, tokens),
    };
  }
}

function tokensOf(share: Share): number {
  return (share.microbatch * share.sequence) / share.context;
}
