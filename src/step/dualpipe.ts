import { type Observe, type PipelineTimes, periodOf } from './pipeline.ts';

/**
 * DualPipe (DeepSeek-V3, arXiv 2412.19437, sec. 3.2.1): microbatches enter at both ends, every rank holds the stages p
 * and ranks - 1 - p, and a forward pass of one direction runs together with a backward pass of the other, so that each
 * hides the other's expert communication. Seconds by rank * 2 + direction; direction 0 enters at rank 0.
 */
export interface DualPipeInput {
  readonly ranks: number;
  /** Of both directions together. */
  readonly microbatches: number;
  readonly forward: Float64Array;
  readonly backward: Float64Array;
  readonly weight: Float64Array;
  /** A forward pass of the direction and a whole backward pass of the other, together. */
  readonly paired: Float64Array;
  readonly send: number;
}

/** What a rank does in turn, packed: passes of 2 bits of forward direction, 2 of backward, and whether W is left out. */
const NONE = 2;
const pack = (forward: number, backward: number, leaves = 0): number => forward + 4 * backward + 16 * leaves;
const WEIGHT = pack(NONE, NONE);
/** Passes up to which all are simulated. */
const PASSES = 50_000;

/**
 * The list of a rank, as published with the schedule's code: warm-up, pairs, and a tail in which gradients of weights
 * fill the gaps. Directions are those of the first half; the second half exchanges them. With fewer than two microbatches
 * a rank there is nothing to pair: all forward passes come first.
 */
function entries(ranks: number, rank: number, microbatches: number): number[] {
  const half = ranks / 2;
  const h = Math.min(rank, ranks - 1 - rank);
  const each = Math.floor(microbatches / 2);
  const flip = rank >= half ? 1 : 0;
  const F = (d: number): number => pack(d ^ flip, NONE);
  const B = (d: number, leaves = 0): number => pack(NONE, d ^ flip, leaves);
  const FB = (f: number, b: number): number => pack(f ^ flip, b ^ flip);
  const list: number[] = [];
  const times = (n: number, ...what: number[]): void => {
    for (let i = 0; i < n; i++) list.push(...what);
  };
  if (each < ranks) {
    times(each, F(0), F(1));
    times(each, B(0), B(1));
    return list;
  }
  times(2 * (half - h - 1), F(0));
  times(h + 1, F(0), F(1));
  times(half - h - 1, B(1, 1), WEIGHT, F(1));
  times(each - ranks + h + 1, FB(0, 1), FB(1, 0));
  times(half - h - 1, B(1), FB(1, 0));
  const middle = Math.floor((h + 1) / 2);
  for (let i = 0; i <= h; i++) {
    const first = i > middle || (i === middle && h % 2 === 1) ? 1 : 0;
    const second = i >= middle ? 1 : 0;
    list.push(B(1, first), B(0, second));
  }
  times(half - h - 1, WEIGHT, B(0, 1));
  times(h + 1, WEIGHT);
  return list;
}

/**
 * Times of a whole step; every pass is simulated, but of very many the pairs repeat and their period is
 * multiplied. O(ranks * microbatches).
 */
export function dualPipeTimes(input: DualPipeInput, observe?: Observe): PipelineTimes {
  const { ranks, microbatches } = input;
  const extra = Math.floor(microbatches / 2) - 2 * ranks;
  const few = ranks * microbatches <= PASSES;
  if (observe !== undefined || few || extra <= 0) return simulate(input, microbatches, observe);
  const short = simulate(input, microbatches - 2 * extra);
  const longer = simulate(input, microbatches - 2 * (extra - 1));
  const period = periodOf(short, longer);
  return {
    seconds: short.seconds + extra * period,
    end: short.end.map((t) => t + extra * period),
    busy: short.busy.map((t, r) => t + extra * (longer.busy[r]! - t)),
  };
}

function simulate(input: DualPipeInput, microbatches: number, observe?: Observe): PipelineTimes {
  const { ranks, send } = input;
  const each = Math.floor(microbatches / 2);
  const lists = Array.from({ length: ranks }, (_, r) => entries(ranks, r, microbatches));
  // Ends by (direction * ranks + rank) * each + microbatch; 0 until known.
  const forwardEnd = new Float64Array(2 * ranks * each);
  const backwardEnd = new Float64Array(2 * ranks * each);
  const count = new Int32Array(4 * ranks);
  const waiting: number[][] = Array.from({ length: ranks }, () => []);
  const next = new Int32Array(ranks);
  const clock = new Float64Array(ranks);
  const busy = new Float64Array(ranks);
  let left = lists.reduce((sum, list) => sum + list.length, 0);
  for (let moved = 1; left > 0 && moved > 0; ) {
    moved = 0;
    for (let rank = 0; rank < ranks; rank++) {
      while (next[rank]! < lists[rank]!.length && advance(rank)) {
        moved++;
        left--;
      }
    }
  }
  if (left > 0) throw new Error('DualPipe: the order of passes waits for itself');
  let seconds = 0;
  for (let r = 0; r < ranks; r++) seconds = Math.max(seconds, clock[r]!);
  return { seconds, end: clock, busy };

  function advance(rank: number): boolean {
    const entry = lists[rank]![next[rank]!]!;
    const f = entry % 4;
    const b = Math.floor(entry / 4) % 4;
    const leaves = entry >= 16;
    if (f === NONE && b === NONE) {
      const slot = waiting[rank]!.shift();
      if (slot !== undefined) run(rank, 'weight', 0, slot % 2, clock[rank]!, input.weight[slot]!);
      next[rank]! += 1;
      return true;
    }
    let start = clock[rank]!;
    const fm = f === NONE ? 0 : count[rank * 4 + f]!;
    const bm = b === NONE ? 0 : count[rank * 4 + 2 + b]!;
    if (f !== NONE) {
      const ready = arrival(forwardEnd, f, f === 0 ? rank - 1 : rank + 1, fm);
      if (ready < 0) return false;
      start = Math.max(start, ready);
    }
    if (b !== NONE) {
      const ready = arrival(backwardEnd, b, b === 0 ? rank + 1 : rank - 1, bm);
      const own = forwardEnd[(b * ranks + rank) * each + bm]!;
      if (ready < 0 || own === 0) return false;
      start = Math.max(start, ready, own);
    }
    if (f !== NONE && b !== NONE) run(rank, 'both', fm, f, start, input.paired[rank * 2 + f]!);
    else if (f !== NONE) run(rank, 'forward', fm, f, start, input.forward[rank * 2 + f]!);
    else {
      const slot = rank * 2 + b;
      run(rank, 'backward', bm, b, start, input.backward[slot]! + (leaves ? 0 : input.weight[slot]!));
      if (leaves) waiting[rank]!.push(slot);
    }
    if (f !== NONE) {
      forwardEnd[(f * ranks + rank) * each + fm] = clock[rank]!;
      count[rank * 4 + f]! += 1;
    }
    if (b !== NONE) {
      backwardEnd[(b * ranks + rank) * each + bm] = clock[rank]!;
      count[rank * 4 + 2 + b]! += 1;
    }
    next[rank]! += 1;
    return true;
  }

  /** When what a pass needs is there: 0 at the end where it enters, -1 when it is not known yet. */
  function arrival(end: Float64Array, direction: number, from: number, microbatch: number): number {
    if (from < 0 || from >= ranks) return 0;
    const at = end[(direction * ranks + from) * each + microbatch]!;
    return at === 0 ? -1 : at + send;
  }

  function run(
    rank: number,
    pass: 'forward' | 'backward' | 'weight' | 'both',
    m: number,
    c: number,
    start: number,
    own: number,
  ): void {
    observe?.(rank, pass, m, c, start, own);
    clock[rank] = start + own;
    busy[rank]! += own;
  }
}
