import { BackpressureRates } from './backpressure.ts';
import { ItemHeap } from './heap.ts';
import { FlowQueues } from './queues.ts';
import { Rates } from './rates.ts';
import type { FluidSystem, RateSolver } from './types.ts';
import type { UsageRecorder } from './usage.ts';

/**
 * A clock for each path, which counts service: bytes a unit of weight. A flow that joins when the clock shows s ends when it
 * shows s + bytes / weight, however often the rate changes on the way; so a change of rate costs a path once, not each of
 * its flows.
 */
export class PathClocks {
  readonly #system: FluidSystem;
  readonly #usage: UsageRecorder | null;
  readonly #rates: RateSolver;
  /** By path: when its next flow ends. */
  readonly #due: ItemHeap;
  /** Service up to `since`, and its rate from then on. */
  readonly #service: Float64Array;
  readonly #since: Float64Array;
  readonly #rate: Float64Array;
  /** Flows on each path and their weight. */
  readonly #flows: Int32Array;
  readonly #weight: Float64Array;
  /**
   * What queues hold are stays: flow f is stay f on its first path, and one of those after `flows.count` on every later
   * one. A stay that its flow has left is dropped when it comes to the head.
   */
  readonly #queues: FlowQueues;
  readonly #stay: Int32Array;
  readonly #flowOf: Int32Array;
  #stays: number;
  /** Paths whose flows changed since the last solve. */
  readonly #stirred: Int32Array;
  readonly #isStirred: Uint8Array;
  #stirs = 0;

  constructor(system: FluidSystem, usage: UsageRecorder | null) {
    const { paths, flows, changes, capacity } = system;
    const moves = changes.reduce((sum, change) => sum + change.reroutes.length, 0);
    this.#system = system;
    this.#usage = usage;
    this.#rates =
      system.sharing === 'lossless' ? new BackpressureRates(capacity, paths) : new Rates(capacity, paths);
    this.#due = new ItemHeap(paths.count);
    this.#service = new Float64Array(paths.count);
    this.#since = new Float64Array(paths.count);
    this.#rate = new Float64Array(paths.count);
    this.#flows = new Int32Array(paths.count);
    this.#weight = new Float64Array(paths.count);
    this.#queues = new FlowQueues(paths.count, flows.count + moves);
    this.#stay = new Int32Array(flows.count).fill(NOWHERE);
    this.#flowOf = new Int32Array(moves);
    this.#stays = flows.count;
    this.#stirred = new Int32Array(paths.count);
    this.#isStirred = new Uint8Array(paths.count);
  }

  get touched(): number {
    return this.#rates.touched;
  }

  get whole(): number {
    return this.#rates.whole;
  }

  /** When the next flow ends at the rates of now; Infinity: none does. */
  get next(): number {
    return this.#due.size > 0 ? this.#due.key[this.#due.top]! : Number.POSITIVE_INFINITY;
  }

  setCapacity(link: number, capacity: number): void {
    this.#rates.setCapacity(link, capacity);
  }

  /** A flow begins to send so many bytes, above 0, over a path with links. It must be on no other. */
  join(flow: number, path: number, bytes: number, now: number): void {
    const weight = this.#weightOf(flow);
    let stay = flow;
    if (this.#stay[flow] === GONE) {
      stay = this.#stays++;
      this.#flowOf[stay - this.#system.flows.count] = flow;
    }
    this.#stay[flow] = stay;
    this.#settle(path, now);
    this.#queues.push(path, stay, this.#service[path]! + bytes / weight);
    this.#weigh(path, weight, 1);
  }

  /** The flow goes from its path before it has ended; returns the bytes that it has left. */
  leave(flow: number, path: number, now: number): number {
    const weight = this.#weightOf(flow);
    this.#settle(path, now);
    const left = this.#queues.end[this.#stay[flow]!]! - this.#service[path]!;
    this.#stay[flow] = GONE;
    this.#weigh(path, -weight, -1);
    return Math.max(0, left * weight);
  }

  /** Takes the flow that ends next, at `next`, from its path. */
  end(): number {
    const path = this.#due.top;
    const now = this.#due.key[path]!;
    const stay = this.#head(path);
    const flow = this.#owner(stay);
    this.#settle(path, now);
    this.#service[path] = this.#queues.end[stay]!;
    this.#queues.pop(path);
    this.#stay[flow] = GONE;
    this.#weigh(path, -this.#weightOf(flow), -1);
    this.#schedule(path);
    return flow;
  }

  /** Shares the links anew among those who are there. */
  solve(now: number): void {
    const { rate, changed } = this.#rates;
    this.#rates.solve();
    for (let i = 0; i < this.#rates.changes; i++) {
      const path = changed[i]!;
      this.#settle(path, now);
      this.#rate[path] = rate[path]!;
      this.#isStirred[path] = 0;
      this.#schedule(path);
    }
    for (let i = 0; i < this.#stirs; i++) {
      const path = this.#stirred[i]!;
      if (this.#isStirred[path] === 0) continue;
      this.#isStirred[path] = 0;
      this.#schedule(path);
    }
    this.#stirs = 0;
  }

  /** Brings a path's clock up to `now`. */
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
    const stay = this.#head(path);
    const rate = this.#rate[path]!;
    if (stay < 0 || rate === 0) this.#due.remove(path);
    else {
      const left = Math.max(0, this.#queues.end[stay]! - this.#service[path]!);
      this.#due.set(path, this.#since[path]! + left / rate);
    }
  }

  /** The stay on a path that ends first, -1 when there is none. */
  #head(path: number): number {
    for (;;) {
      const stay = this.#queues.top(path);
      if (this.#flowOf.length === 0 || stay < 0 || this.#stay[this.#owner(stay)] === stay) return stay;
      this.#queues.pop(path);
    }
  }

  #owner(stay: number): number {
    const flows = this.#system.flows.count;
    return stay < flows ? stay : this.#flowOf[stay - flows]!;
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
    const { weight } = this.#system.flows;
    return weight === null ? 1 : weight[flow]!;
  }
}

/** Where a flow is that has not begun, and one that has left its path. */
const NOWHERE = -1;
const GONE = -2;
