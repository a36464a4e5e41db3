import { stream } from '../numeric/random.ts';
import { Kernel, type Strike } from './kernel.ts';
import { Decoder } from './model.ts';
import type { LabSize } from './types.ts';

/** Weights and what the optimizer remembers, single precision. */
export interface State {
  readonly weights: Float32Array;
  readonly first: Float32Array;
  readonly second: Float32Array;
  /** Products of the decay rates so far: what bias correction divides by. */
  decay1: number;
  decay2: number;
  step: number;
}

export function copyState(s: State): State {
  return {
    ...s,
    weights: Float32Array.from(s.weights),
    first: Float32Array.from(s.first),
    second: Float32Array.from(s.second),
  };
}

export interface StepResult {
  readonly loss: number;
  /** Before clipping. */
  readonly gradNorm: number;
  /** Products whose checksum did not hold. */
  readonly mismatches: number;
  /** The rank that was replayed this step on another device, and whether it came to the same bits. */
  readonly replayed: number;
  readonly replayAgrees: boolean;
}

/** What the fault does in a step; null: nothing. */
export interface Faults {
  /** Strikes the products of this rank. */
  readonly rank: number;
  readonly strike: Strike | null;
  /** Changes the state before the step. */
  readonly onState: ((state: State) => void) | null;
}

// Adam as in common pre-training, with clipping of the gradient's norm. // literal: settings of the toy, not physics
const RATE = 0.01;
const BETA1 = 0.9;
const BETA2 = 0.95;
const EPSILON = 1e-8; // literal: Adam's guard
const CLIP = 1;
/** Share of tokens that do not follow the rule: the loss has a floor above 0. */
const NOISE = 0.05;
/** One rank is replayed every so many steps, each in its turn. */
export const REPLAY_EVERY = 4;

/** Trains the lab's decoder on data-parallel ranks, one after the other; weights are one copy, as a sharded optimizer keeps it. */
export class Trainer {
  readonly #size: LabSize;
  readonly #seed: number;
  readonly #decoder: Decoder;
  readonly #kernel = new Kernel();
  readonly #gradient: Float32Array;
  readonly #own: Float32Array;
  readonly #again: Float32Array;

  constructor(size: LabSize, seed: number) {
    this.#size = size;
    this.#seed = seed;
    this.#decoder = new Decoder(size.model, size.batch, (n) => new Float32Array(n));
    this.#gradient = new Float32Array(this.parameters);
    this.#own = new Float32Array(this.parameters);
    this.#again = new Float32Array(this.parameters);
    this.#kernel.check = true;
  }

  get parameters(): number {
    return this.#decoder.layout.total;
  }

  /** Weights drawn from about a normal distribution, the sum of twelve uniform draws; gains of norms are 1. */
  start(): State {
    const { layout } = this.#decoder;
    const { width, hidden } = this.#size.model;
    const r = stream(this.#seed, 'sdc-lab weights');
    const weights = new Float32Array(this.parameters);
    for (let i = 0; i < weights.length; i++) {
      let sum = -6;
      for (let k = 0; k < 12; k++) sum += r.uniform();
      weights[i] = sum / Math.sqrt(width);
    }
    const ones = (at: number) => weights.fill(1, at, at + width);
    for (const l of layout.layers) {
      ones(l.norm1);
      ones(l.norm2);
      for (let i = l.down; i < l.end; i++) weights[i] = weights[i]! * Math.sqrt(width / hidden);
    }
    ones(layout.norm);
    const zeros = () => new Float32Array(this.parameters);
    return { weights, first: zeros(), second: zeros(), decay1: 1, decay2: 1, step: 0 };
  }

  step(state: State, faults: Faults | null): StepResult {
    const { ranks } = this.#size;
    faults?.onState?.(state);
    const kernel = this.#kernel;
    kernel.mismatches = 0;
    this.#gradient.fill(0);
    const replayed = state.step % REPLAY_EVERY === 0 ? (state.step / REPLAY_EVERY) % ranks : -1;
    let replayAgrees = true;
    let loss = 0;
    for (let rank = 0; rank < ranks; rank++) {
      const { inputs, targets } = this.#data(state.step, rank);
      const run = (into: Float32Array, strike: Strike | null): number => {
        into.fill(0);
        kernel.strike = strike;
        return this.#decoder.gradient(state.weights, inputs, targets, into, 1 / ranks, kernel);
      };
      const strike = faults !== null && faults.rank === rank ? faults.strike : null;
      loss += run(this.#own, strike) / ranks;
      // A healthy device comes to the same bits; only what may be wrong needs the second run.
      if (rank === replayed && strike !== null) {
        run(this.#again, null);
        replayAgrees = sameBits(this.#own, this.#again);
      }
      for (let i = 0; i < this.#gradient.length; i++) {
        this.#gradient[i] = this.#gradient[i]! + this.#own[i]!;
      }
    }
    const gradNorm = this.#update(state);
    return { loss, gradNorm, mismatches: kernel.mismatches, replayed, replayAgrees };
  }

  #update(state: State): number {
    const g = this.#gradient;
    let squares = 0;
    for (let i = 0; i < g.length; i++) squares += g[i]! * g[i]!;
    const norm = Math.sqrt(squares);
    const clip = norm > CLIP ? CLIP / norm : 1;
    state.decay1 *= BETA1;
    state.decay2 *= BETA2;
    state.step++;
    const { weights, first, second } = state;
    const unbias1 = 1 / (1 - state.decay1);
    const unbias2 = 1 / (1 - state.decay2);
    for (let i = 0; i < g.length; i++) {
      const x = g[i]! * clip;
      first[i] = BETA1 * first[i]! + (1 - BETA1) * x;
      second[i] = BETA2 * second[i]! + (1 - BETA2) * x * x;
      weights[i] = weights[i]! - (RATE * first[i]! * unbias1) / (Math.sqrt(second[i]! * unbias2) + EPSILON);
    }
    return norm;
  }

  /** Each token is the sum of the two before it, but for a little noise: attention is needed to see it. */
  #data(step: number, rank: number): { inputs: Int32Array; targets: Int32Array } {
    const { batch, model, ranks } = this.#size;
    const { vocabulary, sequence } = model;
    const r = stream(this.#seed, 'sdc-lab data', step * ranks + rank);
    const inputs = new Int32Array(batch * sequence);
    const targets = new Int32Array(batch * sequence);
    for (let b = 0; b < batch; b++) {
      let before = r.below(vocabulary);
      let now = r.below(vocabulary);
      for (let t = 0; t < sequence; t++) {
        const next = r.uniform() < NOISE ? r.below(vocabulary) : (before + now) % vocabulary;
        inputs[b * sequence + t] = now;
        targets[b * sequence + t] = next;
        before = now;
        now = next;
      }
    }
    return { inputs, targets };
  }
}

/** Bit by bit: NaN equals itself, and 0 does not equal -0. */
export function sameBits(a: Float32Array, b: Float32Array): boolean {
  const x = new Uint32Array(a.buffer, a.byteOffset, a.length);
  const y = new Uint32Array(b.buffer, b.byteOffset, b.length);
  for (let i = 0; i < x.length; i++) if (x[i] !== y[i]) return false;
  return true;
}
