import { Cancelled } from '../base/context.ts';
import { INSTANT } from '../numeric/tolerance.ts';
import { ItemHeap } from './heap.ts';
import { FlowQueues } from './queues.ts';
import { Rates } from './rates.ts';
import type { FluidOptions, FluidPhases, FluidResult, FluidSystem } from './types.ts';
import { UsageRecorder } from './usage.ts';

/** Instants between two looks at `cancelled`. */
const BREATH = 64;

const ONE_PHASE: FluidPhases = {
  count: 1,
  delay: new Float64Array(1),
  start: new Uint32Array(2),
  after: new Uint32Array(0),
};

/** One run of a system, from its first begin to its last finish, event by event. */
export class FluidRun {
  readonly #system: FluidSystem;
  readonly #options: FluidOptions;
  readonly #phases: FluidPhases;
  readonly #rates: Rates;
  readonly #usage: UsageRecorder | null;
  /** Next end of each path. */
  readonly #due: ItemHeap;
  /** What is to come: phases, then flows, then changes, numbered through. */
  readonly #timers: ItemHeap;
  /** Stays: flow f, and after the flows one for each reroute. A flow that leaves a path leaves its old stay behind. */
  readonly #queues: FlowQueues;
  readonly #stayOf: Int32Array;
  readonly #flowOf: Int32Array;
  #stays: number;
  /** By flow: the path it takes now. */
  readonly #path: Int32Array;
  /** By path: service (bytes a weight) up to `since`, at `rate` from then on; flows on it and their weight. */
  readonly #service: Float64Array;
  readonly #since: Float64Array;
  readonly #rate: Float64Array;
  readonly #flows: Int32Array;
  readonly #weight: Float64Array;
  /** Paths whose queue changed since the last solve. */
  readonly #stirred: Int32Array;
  readonly #isStirred: Uint8Array;
  #stirs = 0;
  /** By flow: bytes that wait for a path, where it has none. */
  readonly #left: Float64Array;
  readonly #state: Uint8Array;
  readonly #begin: Float64Array;
  readonly #finish: Float64Array;
  readonly #phaseBegin: Float64Array;
  readonly #phaseFinish: Float64Array;
  /** By phase: predecessors and flows that have not ended. */
  readonly #waiting: Int32Array;
  readonly #open: Int32Array;
  readonly #members: Members;
  readonly #successors: Members;
  /** Phases that have ended at this instant and whose successors have not heard. */
  readonly #ended: number[] = [];
  #instants = 0;
  #told = 0;
  #done = 0;

  constructor(system: FluidSystem, options: FluidOptions) {
    const { paths, flows, changes, capacity } = system;
    const phases = system.phases ?? ONE_PHASE;
    const reroutes = changes.reduce((sum, c) => sum + c.reroutes.length, 0);
    this.#system = system;
    this.#options = options;
    this.#phases = phases;
    this.#rates = new Rates(capacity, paths);
    const intervals = options.intervals ?? 0;
    this.#usage =
      intervals > 0
        ? new UsageRecorder(capacity.length, 2 * intervals, leastTime(system) / (2 * intervals))
        : null;
    this.#due = new ItemHeap(paths.count);
    this.#timers = new ItemHeap(phases.count + flows.count + changes.length);
    this.#queues = new FlowQueues(paths.count, flows.count + reroutes);
    this.#stayOf = Int32Array.from({ length: flows.count }, (_, f) => f);
    this.#flowOf = new Int32Array(reroutes);
    this.#stays = flows.count;
    this.#path = flows.path.slice();
    this.#service = new Float64Array(paths.count);
    this.#since = new Float64Array(paths.count);
    this.#rate = new Float64Array(paths.count);
    this.#flows = new Int32Array(paths.count);
    this.#weight = new Float64Array(paths.count);
    this.#stirred = new Int32Array(paths.count);
    this.#isStirred = new Uint8Array(paths.count);
    this.#left = flows.bytes.slice();
    this.#state = new Uint8Array(flows.count);
    this.#begin = new Float64Array(flows.count).fill(Number.POSITIVE_INFINITY);
    this.#finish = new Float64Array(flows.count).fill(Number.POSITIVE_INFINITY);
    this.#phaseBegin = new Float64Array(phases.count).fill(Number.POSITIVE_INFINITY);
    this.#phaseFinish = new Float64Array(phases.count).fill(Number.POSITIVE_INFINITY);
    this.#members = membersOf(flows.phase, flows.count, phases.count);
    this.#successors = successorsOf(phases);
    this.#waiting = Int32Array.from(
      { length: phases.count },
      (_, p) => phases.start[p + 1]! - phases.start[p]!,
    );
    this.#open = Int32Array.from(
      { length: phases.count },
      (_, p) => this.#members.start[p + 1]! - this.#members.start[p]!,
    );
  }

  run(): FluidResult {
    const { phases, changes, flows } = { ...this.#system, phases: this.#phases };
    for (let p = 0; p < phases.count; p++) if (this.#waiting[p] === 0) this.#timers.set(p, phases.delay[p]!);
    for (const [c, change] of changes.entries())
      this.#timers.set(phases.count + flows.count + c, change.time);
    while (this.#due.size + this.#timers.size > 0) {
      const due = this.#due.size > 0 ? this.#due.key[this.#due.top]! : Number.POSITIVE_INFINITY;
      const timer = this.#timers.size > 0 ? this.#timers.key[this.#timers.top]! : Number.POSITIVE_INFINITY;
      this.#instant(Math.min(due, timer));
    }
    return this.#result();
  }

  /** Everything that happens at `now`, then the new rates. */
  #instant(now: number): void {
    const horizon = now * (1 + INSTANT);
    for (;;) {
      if (this.#ended.length > 0) this.#tell(this.#ended.pop()!);
      else if (this.#due.size > 0 && this.#due.key[this.#due.top]! <= horizon) this.#endOn(this.#due.top);
      else if (this.#timers.size > 0 && this.#timers.key[this.#timers.top]! <= horizon)
        this.#ring(this.#timers.top);
      else break;
    }
    if (this.#instants++ % BREATH === 0) this.#breathe();
    this.#rates.solve();
    for (let i = 0; i < this.#rates.changes; i++) {
      const path = this.#rates.changed[i]!;
      this.#settle(path, now);
      this.#rate[path] = this.#rates.rate[path]!;
      this.#schedule(path);
    }
    for (let i = 0; i < this.#stirs; i++) {
      const path = this.#stirred[i]!;
      this.#isStirred[path] = 0;
      this.#schedule(path);
    }
    this.#stirs = 0;
  }

  #breathe(): void {
    if (this.#options.cancelled?.()) throw new Cancelled();
    this.#options.ended?.(this.#done - this.#told);
    this.#told = this.#done;
  }

  /** Brings a path's service up to `now`. */
  #settle(path: number, now: number): void {
    const since = this.#since[path]!;
    const rate = this.#rate[path]!;
    if (now <= since) return;
    this.#since[path] = now;
    if (rate === 0) return;
    this.#service[path]! += rate * (now - since);
    if (this.#usage === null) return;
    const { start, link, share } = this.#system.paths;
    const bytes = rate * this.#weight[path]!;
    for (let i = start[path]!; i < start[path + 1]!; i++) {
      this.#usage.add(link[i]!, since, now, share === null ? bytes : bytes * share[i]!);
    }
  }

  #schedule(path: number): void {
    const stay = this.#first(path);
    const rate = this.#rate[path]!;
    if (stay < 0 || rate === 0) this.#due.remove(path);
    else {
      const left = Math.max(0, this.#queues.end[stay]! - this.#service[path]!);
      this.#due.set(path, this.#since[path]! + left / rate);
    }
  }

  /** The stay on a path that ends first; stays that flows left behind are dropped on the way. */
  #first(path: number): number {
    for (;;) {
      const stay = this.#queues.top(path);
      if (stay < 0 || this.#stayOf[this.#owner(stay)] === stay) return stay;
      this.#queues.pop(path);
    }
  }

  #owner(stay: number): number {
    const flows = this.#system.flows.count;
    return stay < flows ? stay : this.#flowOf[stay - flows]!;
  }

  /** The flow at the head of a path's queue ends. */
  #endOn(path: number): void {
    const now = this.#due.key[path]!;
    const stay = this.#first(path);
    const flow = this.#owner(stay);
    this.#settle(path, now);
    this.#service[path] = this.#queues.end[stay]!;
    this.#queues.pop(path);
    this.#weigh(path, -this.#weightOf(flow), -1);
    this.#schedule(path);
    this.#end(flow, now);
  }

  #end(flow: number, now: number): void {
    const phase = this.#system.flows.phase?.[flow] ?? 0;
    this.#state[flow] = ENDED;
    this.#stayOf[flow] = -1;
    this.#finish[flow] = now;
    this.#done++;
    this.#close(phase, now);
  }

  #close(phase: number, now: number): void {
    if (--this.#open[phase]! > 0) return;
    this.#phaseFinish[phase] = now;
    this.#ended.push(phase);
  }

  #tell(phase: number): void {
    const { start, item } = this.#successors;
    for (let i = start[phase]!; i < start[phase + 1]!; i++) {
      const next = item[i]!;
      if (--this.#waiting[next]! > 0) continue;
      // The last to end need not be the last told: instants a hair apart are one.
      let ready = 0;
      for (let k = this.#phases.start[next]!; k < this.#phases.start[next + 1]!; k++) {
        ready = Math.max(ready, this.#phaseFinish[this.#phases.after[k]!]!);
      }
      this.#timers.set(next, ready + this.#phases.delay[next]!);
    }
  }

  #ring(timer: number): void {
    const now = this.#timers.key[timer]!;
    const phases = this.#phases.count;
    const flows = this.#system.flows.count;
    this.#timers.remove(timer);
    if (timer < phases) this.#beginPhase(timer, now);
    else if (timer < phases + flows) this.#beginFlow(timer - phases, now);
    else this.#change(timer - phases - flows, now);
  }

  #beginPhase(phase: number, now: number): void {
    const { start, item } = this.#members;
    const { offset } = this.#system.flows;
    this.#phaseBegin[phase] = now;
    for (let i = start[phase]!; i < start[phase + 1]!; i++) {
      const wait = offset?.[item[i]!] ?? 0;
      if (wait > 0) this.#timers.set(this.#phases.count + item[i]!, now + wait);
      else this.#beginFlow(item[i]!, now);
    }
    if (start[phase] === start[phase + 1]) {
      this.#open[phase] = 1;
      this.#close(phase, now);
    }
  }

  #beginFlow(flow: number, now: number): void {
    this.#begin[flow] = now;
    this.#state[flow] = RUNNING;
    this.#join(flow, this.#path[flow]!, now);
  }

  #join(flow: number, path: number, now: number): void {
    const { start } = this.#system.paths;
    this.#path[flow] = path;
    if (this.#left[flow] === 0 || (path >= 0 && start[path] === start[path + 1])) {
      this.#end(flow, now);
      return;
    }
    if (path < 0) return;
    this.#settle(path, now);
    const weight = this.#weightOf(flow);
    this.#queues.push(path, this.#stayOf[flow]!, this.#service[path]! + this.#left[flow]! / weight);
    this.#weigh(path, weight, 1);
  }

  #weigh(path: number, weight: number, flows: number): void {
    this.#flows[path]! += flows;
    this.#weight[path] = this.#flows[path] === 0 ? 0 : this.#weight[path]! + weight;
    this.#rates.setWeight(path, this.#weight[path]!);
    if (this.#isStirred[path] === 1) return;
    this.#isStirred[path] = 1;
    this.#stirred[this.#stirs++] = path;
  }

  #weightOf(flow: number): number {
    return this.#system.flows.weight?.[flow] ?? 1;
  }

  #change(index: number, now: number): void {
    const { links, reroutes } = this.#system.changes[index]!;
    for (const { link, capacity } of links) this.#rates.setCapacity(link, capacity);
    for (const { flow, path } of reroutes) {
      if (this.#state[flow] === ENDED) continue;
      if (this.#state[flow] === RUNNING) this.#leave(flow, now);
      this.#stayOf[flow] = this.#stays;
      this.#flowOf[this.#stays++ - this.#system.flows.count] = flow;
      if (this.#state[flow] === RUNNING) this.#join(flow, path, now);
      else this.#path[flow] = path;
    }
  }

  #leave(flow: number, now: number): void {
    const path = this.#path[flow]!;
    if (path < 0) return;
    this.#settle(path, now);
    const weight = this.#weightOf(flow);
    const left = this.#queues.end[this.#stayOf[flow]!]! - this.#service[path]!;
    this.#left[flow] = Math.max(0, left * weight);
    this.#stayOf[flow] = -1;
    this.#weigh(path, -weight, -1);
  }

  #result(): FluidResult {
    this.#breathe();
    const finish = this.#finish;
    let makespan = 0;
    for (let f = 0; f < finish.length; f++) makespan = Math.max(makespan, finish[f]!);
    for (const end of this.#phaseFinish) makespan = Math.max(makespan, end);
    return {
      begin: this.#begin,
      finish,
      phaseBegin: this.#phaseBegin,
      phaseFinish: this.#phaseFinish,
      makespan,
      usage: this.#usage?.result() ?? null,
      stats: {
        components: 1,
        solved: 1,
        instants: this.#instants,
        touched: this.#rates.touched,
        whole: this.#rates.whole,
      },
    };
  }
}

const RUNNING = 1;
const ENDED = 2;

/** Lists by owner, CSR. */
interface Members {
  readonly start: Uint32Array;
  readonly item: Uint32Array;
}

function membersOf(owner: Uint32Array | null, items: number, owners: number): Members {
  const start = new Uint32Array(owners + 1);
  for (let i = 0; i < items; i++) start[(owner?.[i] ?? 0) + 1]!++;
  for (let o = 0; o < owners; o++) start[o + 1]! += start[o]!;
  const next = start.slice();
  const item = new Uint32Array(items);
  for (let i = 0; i < items; i++) item[next[owner?.[i] ?? 0]!++] = i;
  return { start, item };
}

function successorsOf(phases: FluidPhases): Members {
  const owner = phases.after;
  const list = membersOf(owner, owner.length, phases.count);
  const waits = new Uint32Array(owner.length);
  for (let p = 0; p < phases.count; p++) waits.fill(p, phases.start[p]!, phases.start[p + 1]!);
  return { start: list.start, item: list.item.map((i) => waits[i]!) };
}

/** No run is shorter: the largest bytes over capacity of any link; 1 where nothing moves. O(flows * hops). */
function leastTime({ capacity, paths, flows }: FluidSystem): number {
  const bytes = new Float64Array(capacity.length);
  for (let f = 0; f < flows.count; f++) {
    const p = flows.path[f]!;
    if (p < 0) continue;
    for (let i = paths.start[p]!; i < paths.start[p + 1]!; i++) {
      bytes[paths.link[i]!]! += flows.bytes[f]! * (paths.share?.[i] ?? 1);
    }
  }
  let most = 0;
  for (let l = 0; l < capacity.length; l++)
    if (capacity[l]! > 0) most = Math.max(most, bytes[l]! / capacity[l]!);
  return most > 0 ? most : 1;
}
