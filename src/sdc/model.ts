import { exp } from '../numeric/elementary.ts';
import type { Kernel, Site } from './kernel.ts';
import { crossEntropy, normalise, normaliseGradient, softmaxGradient } from './layers.ts';
import type { LabModel, Numbers } from './types.ts';

/** Where each part of the weights begins in their one array. */
export interface Layout {
  readonly embedding: number;
  readonly positions: number;
  readonly layers: readonly LayerLayout[];
  readonly norm: number;
  readonly output: number;
  readonly total: number;
}

export interface LayerLayout {
  readonly norm1: number;
  readonly qkv: number;
  readonly out: number;
  readonly norm2: number;
  readonly up: number;
  readonly down: number;
  readonly end: number;
}

export function layoutOf(m: LabModel): Layout {
  let at = 0;
  const take = (count: number): number => {
    const from = at;
    at += count;
    return from;
  };
  const { width: d, hidden: h } = m;
  const embedding = take(m.vocabulary * d);
  const positions = take(m.sequence * d);
  const layers = Array.from({ length: m.layers }, () => ({
    norm1: take(d),
    qkv: take(3 * d * d),
    out: take(d * d),
    norm2: take(d),
    up: take(d * h),
    down: take(h * d),
    end: at,
  }));
  const norm = take(d);
  const output = take(d * m.vocabulary);
  return { embedding, positions, layers, norm, output, total: at };
}

/** What one layer keeps of the way forward for the way back. Rows are tokens of the batch. */
interface Kept {
  readonly input: Numbers;
  readonly normed1: Numbers;
  readonly qkv: Numbers;
  readonly weights: Numbers;
  readonly mixed: Numbers;
  readonly middle: Numbers;
  readonly normed2: Numbers;
  readonly up: Numbers;
  readonly active: Numbers;
}

/**
 * A decoder of pre-norm layers: root-mean-square norms, causal attention, a feed-forward part with ReLU, and cross
 * entropy of the next token. `gradient` runs it forward and back by hand; its matrix products go through the kernel.
 */
export class Decoder {
  readonly model: LabModel;
  readonly layout: Layout;
  readonly #make: (length: number) => Numbers;
  readonly #kept: Kept[];
  readonly #tokens: number;
  readonly #final: Numbers;
  readonly #normed: Numbers;
  readonly #logits: Numbers;
  readonly #wide: Numbers;

  /** `make` chooses the precision; `batch` sequences are worked on at once. */
  constructor(model: LabModel, batch: number, make: (length: number) => Numbers) {
    this.model = model;
    this.layout = layoutOf(model);
    this.#make = make;
    const { width: d, hidden: h, sequence, heads } = model;
    const n = batch * sequence;
    this.#tokens = n;
    this.#kept = Array.from({ length: model.layers }, () => ({
      input: make(n * d),
      normed1: make(n * d),
      qkv: make(n * 3 * d),
      weights: make(batch * heads * sequence * sequence),
      mixed: make(n * d),
      middle: make(n * d),
      normed2: make(n * d),
      up: make(n * h),
      active: make(n * h),
    }));
    this.#final = make(n * d);
    this.#normed = make(n * d);
    this.#logits = make(n * model.vocabulary);
    this.#wide = make(n * Math.max(3 * d, h, model.vocabulary));
  }

  /**
   * Mean cross entropy of `targets` given `inputs` (batch x sequence tokens each); its gradient is added to `gradient`,
   * times `share`.
   */
  gradient(
    w: Numbers,
    inputs: Int32Array,
    targets: Int32Array,
    gradient: Numbers,
    share: number,
    kernel: Kernel,
  ): number {
    const loss = this.#forward(w, inputs, targets, kernel);
    this.#backward(w, inputs, targets, gradient, share, kernel);
    return loss;
  }

  #forward(w: Numbers, inputs: Int32Array, targets: Int32Array, kernel: Kernel): number {
    const { width: d, hidden: h, sequence, vocabulary } = this.model;
    const n = this.#tokens;
    let x = this.#kept[0]?.input ?? this.#final;
    for (let t = 0; t < n; t++) {
      const e = this.layout.embedding + inputs[t]! * d;
      const p = this.layout.positions + (t % sequence) * d;
      for (let j = 0; j < d; j++) x[t * d + j] = w[e + j]! + w[p + j]!;
    }
    for (let l = 0; l < this.#kept.length; l++) {
      const k = this.#kept[l]!;
      const at = this.layout.layers[l]!;
      const site: Site = { layer: l, forward: true };
      normalise(k.normed1, x, w, at.norm1, n, d);
      kernel.multiply(k.qkv, k.normed1, w.subarray(at.qkv, at.out), n, 3 * d, d, site);
      this.#attend(k);
      kernel.multiply(this.#wide, k.mixed, w.subarray(at.out, at.norm2), n, d, d, site);
      for (let i = 0; i < n * d; i++) k.middle[i] = x[i]! + this.#wide[i]!;
      normalise(k.normed2, k.middle, w, at.norm2, n, d);
      kernel.multiply(k.up, k.normed2, w.subarray(at.up, at.down), n, h, d, site);
      for (let i = 0; i < n * h; i++) k.active[i] = Math.max(k.up[i]!, 0);
      kernel.multiply(this.#wide, k.active, w.subarray(at.down, at.end), n, d, h, site);
      const next = this.#kept[l + 1]?.input ?? this.#final;
      for (let i = 0; i < n * d; i++) next[i] = k.middle[i]! + this.#wide[i]!;
      x = next;
    }
    normalise(this.#normed, x, w, this.layout.norm, n, d);
    const output = w.subarray(this.layout.output, this.layout.total);
    kernel.multiply(this.#logits, this.#normed, output, n, vocabulary, d, { layer: -1, forward: true });
    return crossEntropy(this.#logits, targets, n, vocabulary);
  }

  /** softmax(q k' / sqrt(width of a head)) v, each token looking at itself and those before it. */
  #attend({ qkv, weights, mixed }: Kept): void {
    const { width: d, heads, sequence } = this.model;
    const head = d / heads;
    const scale = 1 / Math.sqrt(head);
    const scores = new Float64Array(sequence);
    for (let b = 0; b < this.#tokens / sequence; b++) {
      for (let a = 0; a < heads; a++) {
        for (let i = 0; i < sequence; i++) {
          const q = (b * sequence + i) * 3 * d + a * head;
          let most = Number.NEGATIVE_INFINITY;
          for (let j = 0; j <= i; j++) {
            const k = (b * sequence + j) * 3 * d + d + a * head;
            let sum = 0;
            for (let c = 0; c < head; c++) sum += qkv[q + c]! * qkv[k + c]!;
            scores[j] = sum * scale;
            if (scores[j]! > most) most = scores[j]!;
          }
          let total = 0;
          for (let j = 0; j <= i; j++) {
            scores[j] = exp(scores[j]! - most);
            total += scores[j]!;
          }
          const row = ((b * heads + a) * sequence + i) * sequence;
          for (let j = 0; j <= i; j++) weights[row + j] = scores[j]! / total;
          const out = (b * sequence + i) * d + a * head;
          for (let c = 0; c < head; c++) {
            let sum = 0;
            for (let j = 0; j <= i; j++) {
              sum += weights[row + j]! * qkv[(b * sequence + j) * 3 * d + 2 * d + a * head + c]!;
            }
            mixed[out + c] = sum;
          }
        }
      }
    }
  }

  #backward(
    w: Numbers,
    inputs: Int32Array,
    targets: Int32Array,
    g: Numbers,
    share: number,
    kernel: Kernel,
  ): void {
    const { width: d, hidden: h, sequence, vocabulary } = this.model;
    const n = this.#tokens;
    const make = this.#make;
    const add = (at: number, d2: Numbers, count: number) => {
      for (let i = 0; i < count; i++) g[at + i] = g[at + i]! + d2[i]!;
    };
    const dLogits = make(n * vocabulary);
    softmaxGradient(dLogits, this.#logits, targets, n, vocabulary, share);
    const last: Site = { layer: -1, forward: false };
    const dOutput = make(d * vocabulary);
    kernel.multiply(dOutput, this.#normed, dLogits, d, vocabulary, n, last, true);
    add(this.layout.output, dOutput, d * vocabulary);
    const dNormed = make(n * d);
    const output = w.subarray(this.layout.output, this.layout.total);
    kernel.multiply(dNormed, dLogits, output, n, d, vocabulary, last, false, true);
    let dx = make(n * d);
    normaliseGradient(dx, dNormed, this.#final, w, g, this.layout.norm, n, d);
    for (let l = this.#kept.length - 1; l >= 0; l--) {
      const k = this.#kept[l]!;
      const at = this.layout.layers[l]!;
      const site: Site = { layer: l, forward: false };
      // The feed-forward part; dx is the gradient of its sum with what went past it.
      const dDown = make(h * d);
      kernel.multiply(dDown, k.active, dx, h, d, n, site, true);
      add(at.down, dDown, h * d);
      const dUp = make(n * h);
      kernel.multiply(dUp, dx, w.subarray(at.down, at.end), n, h, d, site, false, true);
      for (let i = 0; i < n * h; i++) if (!(k.up[i]! > 0)) dUp[i] = 0;
      const dUpWeights = make(d * h);
      kernel.multiply(dUpWeights, k.normed2, dUp, d, h, n, site, true);
      add(at.up, dUpWeights, d * h);
      const dNormed2 = make(n * d);
      kernel.multiply(dNormed2, dUp, w.subarray(at.up, at.down), n, d, h, site, false, true);
      const dMiddle = make(n * d);
      normaliseGradient(dMiddle, dNormed2, k.middle, w, g, at.norm2, n, d);
      for (let i = 0; i < n * d; i++) dMiddle[i] = dMiddle[i]! + dx[i]!;
      // Attention.
      const dOut = make(d * d);
      kernel.multiply(dOut, k.mixed, dMiddle, d, d, n, site, true);
      add(at.out, dOut, d * d);
      const dMixed = make(n * d);
      kernel.multiply(dMixed, dMiddle, w.subarray(at.out, at.norm2), n, d, d, site, false, true);
      const dQkv = this.#attendGradient(k, dMixed);
      const dQkvWeights = make(3 * d * d);
      kernel.multiply(dQkvWeights, k.normed1, dQkv, d, 3 * d, n, site, true);
      add(at.qkv, dQkvWeights, 3 * d * d);
      const dNormed1 = make(n * d);
      kernel.multiply(dNormed1, dQkv, w.subarray(at.qkv, at.out), n, d, 3 * d, site, false, true);
      dx = make(n * d);
      normaliseGradient(dx, dNormed1, k.input, w, g, at.norm1, n, d);
      for (let i = 0; i < n * d; i++) dx[i] = dx[i]! + dMiddle[i]!;
    }
    for (let t = 0; t < n; t++) {
      const e = this.layout.embedding + inputs[t]! * d;
      const p = this.layout.positions + (t % sequence) * d;
      for (let j = 0; j < d; j++) {
        g[e + j] = g[e + j]! + dx[t * d + j]!;
        g[p + j] = g[p + j]! + dx[t * d + j]!;
      }
    }
  }

  #attendGradient({ qkv, weights }: Kept, dMixed: Numbers): Numbers {
    const { width: d, heads, sequence } = this.model;
    const head = d / heads;
    const scale = 1 / Math.sqrt(head);
    const dQkv = this.#make(this.#tokens * 3 * d);
    const dWeights = new Float64Array(sequence);
    for (let b = 0; b < this.#tokens / sequence; b++) {
      for (let a = 0; a < heads; a++) {
        for (let i = 0; i < sequence; i++) {
          const row = ((b * heads + a) * sequence + i) * sequence;
          const out = (b * sequence + i) * d + a * head;
          const q = (b * sequence + i) * 3 * d + a * head;
          let mean = 0;
          for (let j = 0; j <= i; j++) {
            const v = (b * sequence + j) * 3 * d + 2 * d + a * head;
            let sum = 0;
            for (let c = 0; c < head; c++) {
              sum += dMixed[out + c]! * qkv[v + c]!;
              dQkv[v + c] = dQkv[v + c]! + weights[row + j]! * dMixed[out + c]!;
            }
            dWeights[j] = sum;
            mean += sum * weights[row + j]!;
          }
          for (let j = 0; j <= i; j++) {
            const k = (b * sequence + j) * 3 * d + d + a * head;
            const s = weights[row + j]! * (dWeights[j]! - mean) * scale;
            for (let c = 0; c < head; c++) {
              dQkv[q + c] = dQkv[q + c]! + s * qkv[k + c]!;
              dQkv[k + c] = dQkv[k + c]! + s * qkv[q + c]!;
            }
          }
        }
      }
    }
    return dQkv;
  }
}
