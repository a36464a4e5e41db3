import type { FluidPhases, FluidSystem } from './types.ts';

const ONE: FluidPhases = {
  count: 1,
  delay: new Float64Array(1),
  start: new Uint32Array(2),
  after: new Uint32Array(0),
};

/** Lists by owner, CSR. */
interface Lists {
  readonly start: Uint32Array;
  readonly item: Uint32Array;
}

/** Which phases have begun and ended, and what that lets begin. */
export class PhaseBook {
  readonly phases: FluidPhases;
  readonly begin: Float64Array;
  readonly finish: Float64Array;
  /** Flows of each phase. */
  readonly members: Lists;
  readonly #phase: Uint32Array | null;
  readonly #successors: Lists;
  /** By phase: predecessors, and flows, that have not ended. */
  readonly #waiting: Int32Array;
  readonly #open: Int32Array;

  constructor({ phases, flows }: FluidSystem) {
    this.phases = phases ?? ONE;
    const { count, start } = this.phases;
    this.begin = new Float64Array(count).fill(Number.POSITIVE_INFINITY);
    this.finish = new Float64Array(count).fill(Number.POSITIVE_INFINITY);
    this.members = listsOf(flows.phase, flows.count, count);
    this.#phase = flows.phase;
    this.#successors = successorsOf(this.phases);
    this.#waiting = Int32Array.from({ length: count }, (_, p) => start[p + 1]! - start[p]!);
    this.#open = Int32Array.from(
      { length: count },
      (_, p) => this.members.start[p + 1]! - this.members.start[p]!,
    );
  }

  /** Calls back with each phase that waits for none, and its time. */
  first(ready: (phase: number, time: number) => void): void {
    for (let p = 0; p < this.phases.count; p++) if (this.#waiting[p] === 0) ready(p, this.phases.delay[p]!);
  }

  /** Number of the flow's phase when it was the last of it to end, else -1. */
  flowEnds(flow: number, now: number): number {
    const phase = this.#phase === null ? 0 : this.#phase[flow]!;
    if (--this.#open[phase]! > 0) return -1;
    this.finish[phase] = now;
    return phase;
  }

  /** True when the phase has no flows, and so has ended. */
  begins(phase: number, now: number): boolean {
    this.begin[phase] = now;
    if (this.#open[phase]! > 0) return false;
    this.finish[phase] = now;
    return true;
  }

  /** A phase has ended: calls back with each that now waits for none, and its time. */
  after(phase: number, ready: (phase: number, time: number) => void): void {
    const { start, item } = this.#successors;
    for (let i = start[phase]!; i < start[phase + 1]!; i++) {
      const next = item[i]!;
      if (--this.#waiting[next]! > 0) continue;
      // The last to be told of need not be the last to end: instants a hair apart are one.
      let last = 0;
      for (let k = this.phases.start[next]!; k < this.phases.start[next + 1]!; k++) {
        last = Math.max(last, this.finish[this.phases.after[k]!]!);
      }
      ready(next, last + this.phases.delay[next]!);
    }
  }
}

function listsOf(owner: Uint32Array | null, items: number, owners: number): Lists {
  const start = new Uint32Array(owners + 1);
  for (let i = 0; i < items; i++) start[(owner === null ? 0 : owner[i]!) + 1]!++;
  for (let o = 0; o < owners; o++) start[o + 1]! += start[o]!;
  const next = start.slice();
  const item = new Uint32Array(items);
  for (let i = 0; i < items; i++) item[next[owner === null ? 0 : owner[i]!]!++] = i;
  return { start, item };
}

function successorsOf(phases: FluidPhases): Lists {
  const { start, item } = listsOf(phases.after, phases.after.length, phases.count);
  const waits = new Uint32Array(phases.after.length);
  for (let p = 0; p < phases.count; p++) waits.fill(p, phases.start[p]!, phases.start[p + 1]!);
  return { start, item: item.map((i) => waits[i]!) };
}
