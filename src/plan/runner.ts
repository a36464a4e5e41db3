import { Cancelled, type Context } from '../base/context.ts';
import type { Issue } from '../base/issue.ts';
import { InputError, type Result } from '../base/result.ts';
import type { Catalog } from '../catalog/types.ts';
import { type Memo, type Remembered, stageKey } from './memo.ts';
import type { StageTime } from './types.ts';

/**
 * Runs stages one after the other: looks each up by the hash of its inputs, computes it with a catalog that
 * records what is read, and keeps time, progress and cancellation out of the stages themselves.
 */
export class StageRunner {
  readonly timings: StageTime[] = [];
  readonly used = new Set<string>();
  readonly warnings: Issue[] = [];
  readonly #context: Context;
  readonly #memo: Memo;
  readonly #stages: number;

  constructor(context: Context, memo: Memo, stages: number) {
    this.#context = context;
    this.#memo = memo;
    this.#stages = stages;
  }

  /**
   * `slice` is the stage's part of the spec, as data; `upstream` the keys of the results it reads. A failed
   * Result is thrown as an InputError, which the plan turns back into issues.
   */
  async run<T>(
    stage: string,
    slice: unknown,
    upstream: readonly Remembered<unknown>[],
    compute: (catalog: Catalog) => Result<T> | Promise<Result<T>>,
  ): Promise<Remembered<T>> {
    const { cancelled, pause, progress, clock, catalog } = this.#context;
    await pause?.();
    if (cancelled()) throw new Cancelled();
    progress({ stage, fraction: this.timings.length / this.#stages });
    const began = clock();
    const key = stageKey(
      stage,
      slice,
      upstream.map((u) => u.key),
    );
    const known = this.#memo.get<T>(key);
    const done = known ?? (await this.#compute(key, catalog, compute));
    for (const id of done.used) this.used.add(id);
    this.warnings.push(...done.warnings);
    this.timings.push({ stage, seconds: clock() - began, remembered: known !== undefined });
    return done;
  }

  /** A part of a stage that several of its results share, remembered like these. */
  part<T extends object>(name: string, slice: unknown, make: () => T): T {
    const key = stageKey(name, slice, []);
    const known = this.#memo.get<T>(key);
    if (known !== undefined) return known.value;
    const value = make();
    this.#memo.set(key, { key, value, used: [], warnings: [] });
    return value;
  }

  async #compute<T>(
    key: string,
    catalog: Catalog,
    compute: (catalog: Catalog) => Result<T> | Promise<Result<T>>,
  ): Promise<Remembered<T>> {
    const used = new Set<string>();
    const result = await compute(catalog.track(used));
    if (!result.ok) throw new InputError(result.issues);
    const done = { key, value: result.value, used: [...used].sort(), warnings: result.issues };
    this.#memo.set(key, done);
    return done;
  }
}
