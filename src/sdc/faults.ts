import type { Stream } from '../numeric/random.ts';
import type { Strike } from './kernel.ts';
import type { Layout } from './model.ts';
import type { Faults, State } from './trainer.ts';
import type { BitGroup, Fault, FieldForm, Numbers } from './types.ts';

/** Bits of a single-precision number, lowest and highest of each group. */
export const BITS: Readonly<Record<BitGroup, readonly [number, number]>> = {
  sign: [31, 31],
  'exponent-top': [30, 30],
  exponent: [23, 29],
  'mantissa-high': [16, 22],
  'mantissa-low': [0, 15],
};

/**
 * A product of a faulty rank goes wrong once in so many, in the forms that come now and then: with 27 products a step
 * that is about once in seven steps.
 */
const RARE = 200;
/** Numbers of a tile that is lost, each way. */
const TILE = 4;
/** The bit that is stuck in a lane: the highest of the mantissa, an error of up to a half. */
const STUCK_BIT = 22;
const SLIGHT = 1 / 128;

/** The fault as it acts from its first step on: `at(0)` is that step. What it does is drawn from `r`. */
export class FaultPlan {
  readonly #fault: Fault;
  readonly #r: Stream;
  readonly #rank: number;
  readonly #layout: Layout;
  readonly #lane: number;
  /** Steps after the first at which it did something; -1 before. */
  struckAt = -1;
  #now = 0;

  constructor(fault: Fault, r: Stream, ranks: number, layout: Layout) {
    this.#fault = fault;
    this.#r = r;
    this.#rank = r.below(ranks);
    this.#layout = layout;
    this.#lane = r.below(layout.total);
  }

  at(after: number): Faults | null {
    this.#now = after;
    const fault = this.#fault;
    if (fault.kind === 'field') return { rank: this.#rank, strike: this.#field(fault.form), onState: null };
    if (after > 0) return null;
    if (fault.phase === 'forward' || fault.phase === 'backward') {
      return { rank: this.#rank, strike: this.#once(fault.layer, fault.phase === 'forward'), onState: null };
    }
    return { rank: -1, strike: null, onState: (state) => this.#flipState(state) };
  }

  /** One bit in the output of one product of the layer, drawn among those of one pass. */
  #once(layer: number, forward: boolean): Strike {
    const products = forward ? FORWARD : BACKWARD;
    let left = this.#r.below(products);
    return (c, rows, columns, site) => {
      if (site.layer !== layer || site.forward !== forward || left-- !== 0) return;
      this.#flip(c, this.#r.below(rows * columns));
    };
  }

  #flipState(state: State): void {
    const fault = this.#fault as Extract<Fault, { kind: 'flip' }>;
    const { qkv, end } = this.#layout.layers[fault.layer]!;
    const where = qkv + this.#r.below(end - qkv);
    const moments = this.#r.below(2) === 0 ? state.first : state.second;
    this.#flip(fault.phase === 'weights' ? state.weights : moments, where);
  }

  #flip(numbers: Numbers, at: number): void {
    const [low, high] = BITS[(this.#fault as Extract<Fault, { kind: 'flip' }>).bits];
    flipBits(numbers, at, 1 << (low + this.#r.below(high - low + 1)));
    this.#struck();
  }

  #field(form: FieldForm): Strike {
    if (form === 'stuck-lane') return this.#stuckLane();
    return (c, rows, columns) => {
      if (this.#r.below(RARE) !== 0) return;
      this.#struck();
      const at = this.#r.below(rows * columns);
      if (form === 'small-error') c[at] = c[at]! * (1 + SLIGHT);
      else if (form === 'multi-bit') {
        let mask = 0;
        for (let bits = 2 + this.#r.below(6); bits > 0; bits--) mask |= 1 << this.#r.below(32);
        flipBits(c, at, mask);
      } else {
        const row = Math.floor(at / columns);
        for (let i = row; i < Math.min(rows, row + TILE); i++) {
          for (let j = at % columns; j < Math.min(columns, (at % columns) + TILE); j++)
            c[i * columns + j] = 0;
        }
      }
    };
  }

  /** Every number of one column of the first layer's products on the way forward has its bit set. */
  #stuckLane(): Strike {
    return (c, rows, columns, site) => {
      if (site.layer !== 0 || !site.forward) return;
      this.#struck();
      const column = this.#lane % columns;
      for (let i = 0; i < rows; i++) setBits(c, i * columns + column, 1 << STUCK_BIT);
    };
  }

  #struck(): void {
    if (this.struckAt < 0) this.struckAt = this.#now;
  }
}

/** Products of a layer in each pass: qkv, out, up, down; and twice as many back. */
const FORWARD = 4;
const BACKWARD = 8;

function words(numbers: Numbers): Uint32Array {
  return new Uint32Array(numbers.buffer, numbers.byteOffset, numbers.length);
}

export function flipBits(numbers: Numbers, at: number, mask: number): void {
  const w = words(numbers);
  w[at] = w[at]! ^ mask;
}

function setBits(numbers: Numbers, at: number, mask: number): void {
  const w = words(numbers);
  w[at] = w[at]! | mask;
}
