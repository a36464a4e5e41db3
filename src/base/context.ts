import type { Catalog } from '../catalog/types.ts';
import type { LinearSolver } from '../numeric/solver.ts';

/** What the engine may not take from its surroundings, handed in: the same plan on every machine. */
export interface Context {
  readonly seed: number;
  readonly catalog: Catalog;
  /** Monotonic seconds; only for progress and timings, never for a result. */
  readonly clock: () => number;
  readonly progress: (event: ProgressEvent) => void;
  /** Asked between pieces of work; true stops with `Cancelled`. */
  readonly cancelled: () => boolean;
  /** Awaited between stages: lets a thread that shares its surroundings hear of what happened meanwhile. */
  readonly pause?: () => Promise<void>;
  readonly parallel: Parallel;
  /** Loads the linear-programming solver on first use. */
  readonly solver: () => Promise<LinearSolver>;
}

export interface ProgressEvent {
  readonly stage: string;
  /** 0 to 1, or null when unknown. */
  readonly fraction: number | null;
  readonly note?: string;
}

/** Work that may run in another thread, which finds it by its name: items and results are plain data. */
export interface Task<A, R> {
  /** Unique, such as 'fluid'. */
  readonly name: string;
  readonly run: (item: A) => R | Promise<R>;
}

/**
 * Runs a task on independent items and returns the results in their order. The in-line adapter runs one after
 * the other; worker adapters (Node threads, web workers) give the same results in the same order.
 */
export interface Parallel {
  readonly workers: number;
  map<A, R>(task: Task<A, R>, items: readonly A[]): Promise<R[]>;
}

export const inline: Parallel = {
  workers: 1,
  async map(task, items) {
    const results = [];
    for (const item of items) results.push(await task.run(item));
    return results;
  },
};

export class Cancelled extends Error {
  constructor() {
    super('cancelled');
    this.name = 'Cancelled';
  }
}
