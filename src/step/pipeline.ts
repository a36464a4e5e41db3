import type { Parallelism } from '../spec/types.ts';

/**
 * Pipeline schedules, simulated stage by stage. Every rank works through its own list of passes in a fixed order; a
 * pass starts when the rank is free and what it needs has arrived. Seconds of one chunk and microbatch are given by
 * rank * chunks + chunk.
 */
export interface PipelineInput {
  readonly schedule: Exclude<Parallelism['schedule'], 'dualpipe'>;
  readonly ranks: number;
  /** Model chunks a rank (1 but for the interleaved schedule). */
  readonly chunks: number;
  readonly microbatches: number;
  readonly forward: Float64Array;
  /** Gradients of inputs; with those of weights, unless the schedule parts them (zero-bubble). */
  readonly backward: Float64Array;
  readonly weight: Float64Array;
  readonly send: number;
  /** Sends keep the sender from its next pass (what Megatron-LM's plain schedules do). */
  readonly blocking: boolean;
}

/** When each rank ends its last pass, and how long it worked; `seconds` is the latest end. */
export interface PipelineTimes {
  readonly seconds: number;
  readonly end: Float64Array;
  readonly busy: Float64Array;
}

/** Told of every pass, where a timeline is wanted. */
export type Observe = (
  rank: number,
  pass: 'forward' | 'backward' | 'weight' | 'both',
  microbatch: number,
  chunk: number,
  start: number,
  seconds: number,
) => void;

/** Passes forward up to which all are simulated. */
const PASSES = 100_000;
/** Microbatches that are simulated before the steady state is taken to repeat, in turns of `ranks`. */
const TURNS = 3;

let pool = new Float64Array(0);

/**
 * Times of a whole step. All schedules here repeat once the pipeline is full, so that of very many passes only a few
 * turns of `ranks` microbatches are simulated and the rest is their period times its number; with `observe` every pass
 * is. O(passes).
 */
export function pipelineTimes(input: PipelineInput, observe?: Observe): PipelineTimes {
  const { ranks, microbatches } = input;
  const turn = Math.max(ranks, 2);
  const extra = Math.floor(microbatches / turn) - TURNS;
  const few = ranks * input.chunks * microbatches <= PASSES;
  if (observe !== undefined || few || extra <= 0) return simulate(input, microbatches, observe);
  const short = simulate(input, microbatches - extra * turn);
  const longer = simulate(input, microbatches - (extra - 1) * turn);
  const period = periodOf(short, longer);
  const end = short.end.map((t) => t + extra * period);
  const busy = short.busy.map((t, r) => t + extra * (longer.busy[r]! - t));
  return { seconds: short.seconds + extra * period, end, busy };
}

/**
 * Seconds that one turn more takes: as measured, and never less than what the busiest rank works meanwhile, which is
 * what it comes to where the pipeline has not yet settled.
 */
export function periodOf(short: PipelineTimes, longer: PipelineTimes): number {
  let period = longer.seconds - short.seconds;
  for (let r = 0; r < short.busy.length; r++) period = Math.max(period, longer.busy[r]! - short.busy[r]!);
  return period;
}

function simulate(input: PipelineInput, microbatches: number, observe?: Observe): PipelineTimes {
  const { ranks, chunks, send, blocking } = input;
  const split = input.schedule === 'zero-bubble';
  const stages = ranks * chunks;
  const cells = stages * microbatches;
  if (pool.length < 2 * cells) pool = new Float64Array(2 * cells);
  // Ends of passes, by stage * microbatches + microbatch: forward, then backward. 0 until known.
  const done = pool.fill(0, 0, 2 * cells);
  const passes = microbatches * chunks;
  const order = passOrder(ranks, chunks, microbatches);
  const warm = Int32Array.from({ length: ranks }, (_, rank) => warmUp(input, rank, passes, microbatches));
  const forwards = new Int32Array(ranks);
  const backwards = new Int32Array(ranks);
  const clock = new Float64Array(ranks);
  const busy = new Float64Array(ranks);
  const pending = new Int32Array(ranks);
  let left = 2 * passes * ranks;
  while (left > 0) {
    for (let rank = 0; rank < ranks; rank++) {
      let f = forwards[rank]!;
      let b = backwards[rank]!;
      let now = clock[rank]!;
      while (b < passes) {
        // After the warm-up a forward and a backward pass in turn, then the backward passes that are left.
        const forward = f < passes && f - b <= warm[rank]!;
        const at = forward ? f : b;
        const chunk = forward ? order.chunk[at]! : chunks - 1 - order.chunk[at]!;
        const microbatch = order.microbatch[at]!;
        const stage = chunk * ranks + rank;
        const cell = stage * microbatches + microbatch;
        let ready = 0;
        if (forward) {
          if (stage > 0) {
            ready = done[cell - microbatches]!;
            if (ready === 0) break;
            if (!blocking) ready += send;
          }
        } else {
          ready = done[cell]!;
          if (stage < stages - 1) {
            const after = done[cells + cell + microbatches]!;
            if (after === 0 || ready === 0) break;
            ready = Math.max(ready, blocking ? after : after + send);
          }
        }
        const slot = rank * chunks + chunk;
        if (split && !forward) {
          // A gap is filled with gradients of weights that wait.
          clock[rank] = now;
          while (pending[rank]! > 0 && clock[rank]! + input.weight[slot]! <= Math.max(now, ready))
            work(rank, chunk);
          now = clock[rank]!;
        }
        const start = Math.max(now, ready);
        const sends = blocking && (forward ? stage < stages - 1 : stage > 0) ? send : 0;
        const own = forward
          ? input.forward[slot]!
          : input.backward[slot]! + (split ? 0 : input.weight[slot]!);
        if (observe !== undefined)
          observe(rank, forward ? 'forward' : 'backward', microbatch, chunk, start, own);
        busy[rank]! += own;
        now = start + own + sends;
        done[forward ? cell : cells + cell] = now;
        if (forward) f++;
        else b++;
        left--;
        if (split && !forward) {
          pending[rank]! += 1;
          // As many as 1F1B would hold activations of: older ones first.
          if (pending[rank]! > ranks - rank) {
            clock[rank] = now;
            work(rank, chunk);
            now = clock[rank]!;
          }
        }
      }
      forwards[rank] = f;
      backwards[rank] = b;
      clock[rank] = now;
    }
  }
  for (let rank = 0; rank < ranks; rank++) while (pending[rank]! > 0) work(rank, 0);
  let seconds = 0;
  for (let rank = 0; rank < ranks; rank++) seconds = Math.max(seconds, clock[rank]!);
  return { seconds, end: clock, busy };

  function work(rank: number, chunk: number): void {
    const own = input.weight[rank * chunks + chunk]!;
    observe?.(rank, 'weight', 0, chunk, clock[rank]!, own);
    clock[rank]! += own;
    busy[rank]! += own;
    pending[rank]! -= 1;
  }
}

/** Chunk and microbatch of a rank's passes in order, the same for every rank; backward passes take the chunks from behind. */
interface PassOrder {
  readonly chunk: Int32Array;
  readonly microbatch: Int32Array;
}

/** Passes go through the chunks in turn, `ranks` microbatches at a time (the last group may be smaller). */
function passOrder(ranks: number, chunks: number, microbatches: number): PassOrder {
  const chunk = new Int32Array(chunks * microbatches);
  const microbatch = new Int32Array(chunks * microbatches);
  let at = 0;
  for (let first = 0; chunks > 1 && first < microbatches; first += ranks) {
    const end = Math.min(first + ranks, microbatches);
    for (let c = 0; c < chunks; c++) {
      for (let m = first; m < end; m++, at++) {
        chunk[at] = c;
        microbatch[at] = m;
      }
    }
  }
  if (chunks === 1) for (let m = 0; m < microbatches; m++) microbatch[m] = m;
  return { chunk, microbatch };
}

/** Forward passes of a rank before its first backward pass. */
function warmUp(input: PipelineInput, rank: number, passes: number, microbatches: number): number {
  const { ranks, chunks, schedule } = input;
  if (schedule === 'gpipe') return passes;
  // Megatron-LM, forward_backward_pipelining_with_interleaving (Narayanan et al., arXiv 2104.04473, sec. 2.2).
  if (chunks > 1) {
    return microbatches === ranks ? passes : Math.min(passes, 2 * (ranks - rank - 1) + (chunks - 1) * ranks);
  }
  return Math.min(passes, ranks - rank - 1);
}
