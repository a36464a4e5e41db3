import { confidenceOf, type FoundList } from './found.ts';

/** Steps that are looked back on, and of these how many must be slow for a rank to be a straggler, or to be none again. */
const LOOK_BACK = 32;
const MANY = 24;
const FEW = 8;
/** A rank this much slower than the median of all is slow. */
const SLOW = Math.log(1.05);
/** With fewer ranks there is no median to speak of. */
const FEWEST = 4;

interface Rank {
  /** One bit a step, the newest lowest: slow or not. */
  history: number;
  seen: number;
  open: { step: number; line: number; index: number; sum: number; count: number; last: number } | null;
}

/** Compares the ranks' times of each step: who stays slower than the median. Memory: one entry a rank. */
export class RankWatch {
  readonly #found: FoundList;
  readonly #ranks = new Map<number, Rank>();
  #steps = 0;

  constructor(found: FoundList) {
    this.#found = found;
  }

  /** One step's seconds of each rank. */
  add(step: number, line: number, ranks: readonly number[], seconds: readonly number[]): void {
    const index = this.#steps++;
    if (ranks.length < FEWEST) return;
    const sorted = [...seconds].sort((a, b) => a - b);
    const median = sorted[Math.floor(sorted.length / 2)]!;
    for (const [i, rank] of ranks.entries()) {
      const ratio = Math.log(seconds[i]! / median);
      if (Number.isFinite(ratio)) this.#judge(rank, step, line, index, ratio);
    }
  }

  #judge(rank: number, step: number, line: number, index: number, ratio: number): void {
    let r = this.#ranks.get(rank);
    if (r === undefined) {
      r = { history: 0, seen: 0, open: null };
      this.#ranks.set(rank, r);
    }
    const slow = ratio > SLOW;
    r.history = ((r.history << 1) | (slow ? 1 : 0)) >>> 0;
    r.seen++;
    const many = bits(r.history);
    if (r.open === null) {
      if (many < MANY) return;
      // It began with the oldest slow step that is remembered.
      const ago = 31 - Math.clz32(r.history);
      r.open = { step: step - ago, line, index: index - ago, sum: ratio, count: 1, last: step };
      return;
    }
    if (slow) {
      r.open.sum += ratio;
      r.open.count++;
      r.open.last = step;
    }
    if (many <= FEW) this.#close(rank, r);
  }

  finish(): void {
    for (const [rank, r] of [...this.#ranks].sort(([a], [b]) => a - b))
      if (r.open !== null) this.#close(rank, r);
  }

  #close(rank: number, r: Rank): void {
    const { step, line, index, sum, count, last } = r.open!;
    r.open = null;
    const size = sum / count;
    this.#found.add({
      kind: 'straggler',
      series: 'speed',
      step,
      endStep: last,
      line,
      index,
      measure: 'ratio',
      size: Math.exp(size),
      confidence: confidenceOf((size / SLOW) * (1 + count / LOOK_BACK)),
      rank,
    });
  }
}

function bits(x: number): number {
  let n = 0;
  for (let rest = x; rest !== 0; rest &= rest - 1) n++;
  return n;
}
