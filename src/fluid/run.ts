import { Cancelled } from '../base/context.ts';
import { INSTANT } from '../numeric/tolerance.ts';
import { PathClocks } from './clocks.ts';
import { ItemHeap } from './heap.ts';
import { PhaseBook } from './phases.ts';
import type { FluidOptions, FluidResult, FluidSystem } from './types.ts';
import { UsageRecorder } from './usage.ts';

/** How link usage is kept: see UsageRecorder. */
export interface Recording {
  readonly intervals: number;
  readonly width: number;
}

export type RunHooks = Pick<FluidOptions, 'cancelled' | 'ended'>;

/** Instants between two looks at `cancelled`. */
const BREATH = 64;

/** Of a flow. */
const WAITING = 0;
const RUNNING = 1;
const ENDED = 2;

/**
 * One run of a system, from its first begin to its last finish, event by event. At one instant what is due happens in this
 * order: flows end, phases and flows begin, the network changes; then the links are shared anew.
 */
export class FluidRun {
  readonly #system: FluidSystem;
  readonly #hooks: RunHooks;
  readonly #usage: UsageRecorder | null;
  readonly #clocks: PathClocks;
  readonly #book: PhaseBook;
  /** What is to come: phases, then flows, then changes, numbered through. */
  readonly #timers: ItemHeap;
  /** Phases that have ended at this instant and whose successors have not heard. */
  readonly #ended: number[] = [];
  /** By flow. Bytes are those left when it was last on no path. */
  readonly #state: Uint8Array;
  readonly #path: Int32Array;
  readonly #bytes: Float64Array;
  readonly #begin: Float64Array;
  readonly #finish: Float64Array;
  readonly #ready = (phase: number, time: number): void => this.#timers.set(phase, time);
  #instants = 0;
  #done = 0;
  #told = 0;

  constructor(system: FluidSystem, recording: Recording | null, hooks: RunHooks) {
    const { flows, changes, capacity } = system;
    this.#system = system;
    this.#hooks = hooks;
    this.#usage = recording && new UsageRecorder(capacity.length, recording.intervals, recording.width);
    this.#clocks = new PathClocks(system, this.#usage);
    this.#book = new PhaseBook(system);
    this.#timers = new ItemHeap(this.#book.phases.count + flows.count + changes.length);
    this.#state = new Uint8Array(flows.count).fill(WAITING);
    this.#path = flows.path.slice();
    this.#bytes = flows.bytes.slice();
    this.#begin = new Float64Array(flows.count).fill(Number.POSITIVE_INFINITY);
    this.#finish = new Float64Array(flows.count).fill(Number.POSITIVE_INFINITY);
  }

  run(): FluidResult {
    const { changes, flows } = this.#system;
    const first = this.#book.phases.count + flows.count;
    this.#book.first(this.#ready);
    for (const [c, change] of changes.entries()) this.#timers.set(first + c, change.time);
    for (;;) {
      const next = Math.min(this.#clocks.next, this.#nextTimer);
      if (next === Number.POSITIVE_INFINITY) return this.#result();
      this.#instant(next);
    }
  }

  get #nextTimer(): number {
    return this.#timers.size > 0 ? this.#timers.key[this.#timers.top]! : Number.POSITIVE_INFINITY;
  }

  #instant(now: number): void {
    const horizon = now * (1 + INSTANT);
    for (;;) {
      if (this.#ended.length > 0) this.#book.after(this.#ended.pop()!, this.#ready);
      else if (this.#clocks.next <= horizon) {
        const time = this.#clocks.next;
        this.#end(this.#clocks.end(), time);
      } else if (this.#nextTimer <= horizon) this.#ring();
      else break;
    }
    this.#clocks.solve(now);
    if (++this.#instants % BREATH === 0) this.#breathe();
  }

  #breathe(): void {
    if (this.#hooks.cancelled?.()) throw new Cancelled();
    this.#hooks.ended?.(this.#done - this.#told);
    this.#told = this.#done;
  }

  #end(flow: number, now: number): void {
    this.#state[flow] = ENDED;
    this.#finish[flow] = now;
    this.#done++;
    const phase = this.#book.flowEnds(flow, now);
    if (phase >= 0) this.#ended.push(phase);
  }

  /** The next timer goes off. */
  #ring(): void {
    const timer = this.#timers.top;
    const now = this.#timers.key[timer]!;
    const phases = this.#book.phases.count;
    const flows = this.#system.flows.count;
    this.#timers.remove(timer);
    if (timer < phases) this.#beginPhase(timer, now);
    else if (timer < phases + flows) this.#beginFlow(timer - phases, now);
    else this.#change(timer - phases - flows, now);
  }

  #beginPhase(phase: number, now: number): void {
    const { start, item } = this.#book.members;
    const { offset } = this.#system.flows;
    if (this.#book.begins(phase, now)) this.#ended.push(phase);
    for (let i = start[phase]!; i < start[phase + 1]!; i++) {
      const flow = item[i]!;
      const wait = offset === null ? 0 : offset[flow]!;
      if (wait > 0) this.#timers.set(this.#book.phases.count + flow, now + wait);
      else this.#beginFlow(flow, now);
    }
  }

  #beginFlow(flow: number, now: number): void {
    this.#begin[flow] = now;
    this.#state[flow] = RUNNING;
    this.#goOn(flow, now);
  }

  /** The flow's remaining bytes over its path of now. */
  #goOn(flow: number, now: number): void {
    const { start } = this.#system.paths;
    const path = this.#path[flow]!;
    const bytes = this.#bytes[flow]!;
    if (bytes === 0 || (path >= 0 && start[path] === start[path + 1])) this.#end(flow, now);
    else if (path >= 0) this.#clocks.join(flow, path, bytes, now);
  }

  #change(index: number, now: number): void {
    const { links, reroutes } = this.#system.changes[index]!;
    for (const { link, capacity } of links) this.#clocks.setCapacity(link, capacity);
    for (const { flow, path } of reroutes) {
      const before = this.#path[flow]!;
      this.#path[flow] = path;
      if (this.#state[flow] !== RUNNING || before === path) continue;
      if (before >= 0) this.#bytes[flow] = this.#clocks.leave(flow, before, now);
      this.#goOn(flow, now);
    }
  }

  #result(): FluidResult {
    this.#breathe();
    let makespan = 0;
    for (const end of this.#finish) makespan = Math.max(makespan, end);
    for (const end of this.#book.finish) makespan = Math.max(makespan, end);
    return {
      begin: this.#begin,
      finish: this.#finish,
      phaseBegin: this.#book.begin,
      phaseFinish: this.#book.finish,
      makespan,
      usage: this.#usage === null ? null : this.#usage.result(),
      stats: {
        parts: 1,
        solved: 1,
        instants: this.#instants,
        touched: this.#clocks.touched,
        whole: this.#clocks.whole,
      },
    };
  }
}
