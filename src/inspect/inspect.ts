import { issue } from '../base/issue.ts';
import { fail, ok, type Result } from '../base/result.ts';
import { IssueCollector } from '../formats/collector.ts';
import { readLog } from '../formats/log.ts';
import { LogSeries, type LogSink } from '../formats/log-types.ts';
import type { Chunks } from '../formats/types.ts';
import { explain } from './causes.ts';
import { RunClock } from './clock.ts';
import { confidenceOf, FoundList } from './found.ts';
import { LevelWatch } from './level.ts';
import { RankGroups } from './rank-groups.ts';
import { SpeedWatch } from './speed.ts';
import { type Arrival, type Point, StepOrder } from './steps.ts';
import type { Inspection, SeriesSummary, SpeedSource } from './types.ts';

/**
 * Reads a training log as a stream and says what happened in it: spikes, values that are not finite, divergence, slow
 * drift, stalls, slowdowns, stragglers, restarts, and the effective training time. Memory does not grow with the log.
 * Oddities of the file come back as warnings with their lines.
 */
export async function inspectLog(chunks: Chunks, label: string): Promise<Result<Inspection>> {
  const issues = new IssueCollector(label);
  const inspector = new Inspector(issues);
  const groups = new RankGroups(inspector, inspector.found);
  const read = await readLog(chunks, label, groups);
  if (!read.ok) return read;
  groups.finish();
  const said = [...read.issues, ...inspector.finish(), ...issues.issues];
  if (read.value.points === 0) {
    const nothing = 'no line holds a step together with loss, gradient norm, throughput or step time';
    return fail([...said, issue({ code: 'empty', file: label, message: nothing })]);
  }
  return ok(inspector.report(read.value.format, read.value.lines, read.value.points), said);
}

/** A speed series that is replaced by a better one within so many points never counted. */
const UNDECIDED = 16;
/** Waiting that is shorter than this is no event. */
const LEAST_GAP = 1;

/** Takes the points of one log, ranks already put together. */
class Inspector implements LogSink {
  readonly found = new FoundList();
  readonly #issues: IssueCollector;
  readonly #orders = new Map<LogSeries, StepOrder>();
  readonly #loss = new LevelWatch({ name: 'loss', least: 1.02, drift: true }, this.found);
  readonly #gradNorm = new LevelWatch({ name: 'gradNorm', least: 1.5, drift: false }, this.found);
  #speed = new SpeedWatch(this.found);
  readonly #clock = new RunClock();
  readonly #stepClock = new RunClock();
  #stepTime = 0;
  #primary: LogSeries | null = null;
  #source: SpeedSource = 'time';
  #sourcePoints = 0;
  #firstStep = Number.POSITIVE_INFINITY;
  #lastStep = 0;
  /** A wait that the clock saw, until it is clear that no step time shows it as well. */
  #gap: { point: Point; seconds: number; strength: number } | null = null;
  #stalledAt = -1;
  #summaries: (SeriesSummary | null)[] = [];

  constructor(issues: IssueCollector) {
    this.#issues = issues;
  }

  point(series: LogSeries, step: number, time: number, value: number, line: number): void {
    this.#primary ??= series;
    const primary = series === this.#primary;
    let order = this.#orders.get(series);
    if (order === undefined) {
      order = new StepOrder(primary ? (i) => this.#issues.add(i) : null);
      this.#orders.set(series, order);
    }
    const point = { step, time, value, line };
    const arrival = order.arrive(point);
    if (arrival.kind === 'held') return;
    const { stride } = order;
    if (arrival.kind === 'restart') {
      const [first, ...more] = arrival.again;
      this.#restart(series, primary, first!, arrival.from, stride);
      let before = first!.step;
      for (const p of [...more, point]) {
        this.#take(series, primary, p, { kind: 'next', steps: p.step - before }, stride);
        before = p.step;
      }
      return;
    }
    this.#take(series, primary, point, arrival, stride);
  }

  #restart(series: LogSeries, primary: boolean, first: Point, from: number, stride: number): void {
    const { step, time, line } = first;
    if (primary) {
      this.#endGap();
      const down = this.#clock.restart(step, from, stride, time);
      const lost = from - step + stride;
      const strength = 2 + lost / stride + down / Math.max(1, this.#clock.usual || 1);
      this.found.add({
        kind: 'restart',
        series: 'steps',
        step: from,
        endStep: step,
        line,
        index: this.#speed.index,
        measure: 'steps',
        size: lost,
        confidence: confidenceOf(strength),
      });
      if (this.#source === 'time') this.#speed.restart();
    }
    if (series === LogSeries.loss) this.#loss.restart();
    else if (series === LogSeries.gradNorm) this.#gradNorm.restart();
    else if (this.#isSource(series)) {
      this.#speed.restart();
      this.#stepClock.restart(step, from, stride, Number.NaN);
    }
    this.#value(series, first, stride);
  }

  #take(series: LogSeries, primary: boolean, point: Point, arrival: Arrival, stride: number): void {
    const { step, time } = point;
    if (primary) {
      this.#endGap();
      if (step < this.#firstStep) this.#firstStep = step;
      this.#lastStep = step;
      const steps = arrival.kind === 'next' ? arrival.steps : stride;
      const before = this.#clock.usual;
      const passed = this.#clock.span;
      const waited = this.#clock.step(step, steps, time);
      const span = this.#clock.span;
      if (this.#source === 'time' && arrival.kind === 'next' && span !== null && passed !== null) {
        this.#speed.add(step, (span - passed) / steps, steps, point.line);
      } else if (waited > LEAST_GAP && this.#stalledAt !== step) {
        this.#gap = { point, seconds: waited, strength: 1 + waited / (5 * before * steps) };
      }
    }
    this.#value(series, point, stride);
  }

  #value(series: LogSeries, { step, value, line }: Point, stride: number): void {
    if (series === LogSeries.loss) this.#loss.add(step, value, line);
    else if (series === LogSeries.gradNorm) this.#gradNorm.add(step, value, line);
    else this.#speedPoint(series, step, value, line, stride);
  }

  #isSource(series: LogSeries): boolean {
    return series === (this.#source === 'stepSeconds' ? LogSeries.stepSeconds : LogSeries.throughput);
  }

  /** Step time is the better source of speed, then throughput, whose size matters only relatively, then the clock. */
  #speedPoint(series: LogSeries, step: number, value: number, line: number, stride: number): void {
    const source = series === LogSeries.stepSeconds ? 'stepSeconds' : 'throughput';
    const better = this.#source === 'time' || (source === 'stepSeconds' && this.#source === 'throughput');
    if (source !== this.#source && better && this.#sourcePoints <= UNDECIDED) {
      this.#source = source;
      this.#sourcePoints = 0;
      this.#speed = new SpeedWatch(this.found);
    }
    if (source !== this.#source) return;
    this.#sourcePoints++;
    const seconds = source === 'stepSeconds' ? value : 1 / value;
    if (source === 'stepSeconds' && seconds > 0 && Number.isFinite(seconds)) {
      this.#stepTime += seconds * stride;
      this.#stepClock.step(step, stride, this.#stepTime);
    }
    if (this.#speed.add(step, seconds, stride, line)) this.#stalledAt = step;
  }

  #endGap(): void {
    const gap = this.#gap;
    this.#gap = null;
    if (gap === null || this.#stalledAt === gap.point.step) return;
    const { step, line } = gap.point;
    this.#speed.stall(step, line, this.#speed.index, gap.seconds, gap.strength);
  }

  finish() {
    this.#endGap();
    for (const order of this.#orders.values()) order.finish();
    this.#summaries = [this.#loss.finish(), this.#gradNorm.finish(), this.#speed.finish()];
    return this.found.dropped.map(([kind, count]) =>
      issue({
        code: 'many-events',
        severity: 'warning',
        message: `${count} more events of kind ${kind} are not listed`,
      }),
    );
  }

  report(format: string, lines: number, points: number): Inspection {
    const stride = (this.#primary !== null && this.#orders.get(this.#primary)?.stride) || 1;
    return {
      log: {
        format,
        lines,
        points,
        firstStep: Number.isFinite(this.#firstStep) ? this.#firstStep : 0,
        lastStep: this.#lastStep,
        stride,
        spanSeconds: this.#clock.span,
        speedFrom: this.#source,
      },
      series: this.#summaries.filter((s) => s !== null),
      events: explain(this.found.events, stride),
      ettr: this.#clock.ettr('wall clock') ?? this.#stepClock.ettr('step times'),
    };
  }
}
