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

/**
 * Runs independent pieces and returns their results in index order. The in-line adapter runs them one
 * after the other; worker adapters (Node threads, web workers) give the same results in the same order.
 */
export interface Parallel {
  readonly workers: number;
  map<A, R>(items: readonly A[], run: (item: A, index: number) => R | Promise<R>): Promise<R[]>;
}

export const inline: Parallel = {
  workers: 1,
  async map(items, run) {
    const results = [];
    for (let i = 0; i < items.length; i++) results.push(await run(items[i]!, i));
    return results;
  },
};

export class Cancelled extends Error {
  constructor() {
    super('cancelled');
    this.name = 'Cancelled';
  }
}
