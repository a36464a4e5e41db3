import { LogSeries, type LogSink } from '../formats/log-types.ts';
import type { FoundList } from './found.ts';
import { RankWatch } from './ranks.ts';

interface Group {
  readonly ranks: number[];
  readonly values: number[];
  time: number;
  line: number;
}

/** Ranks of a step that are held together; a log with more of them is read by its first ones. */
const MOST_RANKS = 1 << 17;

/**
 * Puts the ranks' lines of one step together: their median goes on as the value of the step (a value that is not finite
 * if any rank has one), their step times are compared. Points without a rank pass through.
 */
export class RankGroups implements LogSink {
  readonly #next: LogSink;
  readonly #watch: RankWatch;
  readonly #groups = new Map<LogSeries, Group>();
  #step = -1;

  constructor(next: LogSink, found: FoundList) {
    this.#next = next;
    this.#watch = new RankWatch(found);
  }

  point(series: LogSeries, step: number, time: number, value: number, line: number, rank: number): void {
    if (rank < 0) {
      this.#next.point(series, step, time, value, line, rank);
      return;
    }
    if (step !== this.#step) this.#flush();
    this.#step = step;
    let group = this.#groups.get(series);
    if (group === undefined) {
      group = { ranks: [], values: [], time, line };
      this.#groups.set(series, group);
    }
    if (group.ranks.length >= MOST_RANKS) return;
    group.ranks.push(rank);
    group.values.push(value);
    if (!(time <= group.time)) group.time = time;
  }

  finish(): void {
    this.#flush();
    this.#watch.finish();
  }

  #flush(): void {
    for (const [series, { ranks, values, time, line }] of this.#groups) {
      if (series === LogSeries.stepSeconds) this.#watch.add(this.#step, line, ranks, values);
      this.#next.point(series, this.#step, time, middle(values), line, -1);
    }
    this.#groups.clear();
  }
}

function middle(values: readonly number[]): number {
  const odd = values.find((v) => !Number.isFinite(v));
  if (odd !== undefined) return odd;
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)]!;
}
