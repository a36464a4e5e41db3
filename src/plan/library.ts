import { type Context, inline } from '../base/context.ts';
import { issue } from '../base/issue.ts';
import { fail, InputError, type Result } from '../base/result.ts';
import { builtin } from '../catalog/catalog.ts';
import type { Catalog } from '../catalog/types.ts';
import { serialise } from '../numeric/serialise.ts';
import { readSpec, type SpecFiles } from '../spec/read.ts';
import { evaluate } from './evaluate.ts';
import type { Evaluation, Plan } from './types.ts';

export interface PlanSpecOptions {
  /** Names the spec in issues. */
  readonly file?: string;
  readonly seed?: number;
  /** Reads the files that a spec names (an imported fabric, a rank map); without it they cannot be read. */
  readonly files?: SpecFiles;
  readonly catalog?: Catalog;
  /** Taken out of the fabric: 'link:A-B', 'leaf:NAME', 'plane:2'. */
  readonly without?: readonly string[];
}

const NO_FILES: SpecFiles = {
  read: (path) =>
    fail([issue({ code: 'cannot-read', message: `cannot read ${path}: no files were handed in` })]),
};

/** A context that takes nothing from its surroundings: no clock, no progress, no workers. */
export function quietContext(catalog: Catalog, seed: number): Context {
  return {
    seed,
    catalog,
    clock: () => 0,
    progress: () => {},
    cancelled: () => false,
    parallel: inline,
    solver: async () => (await import('../numeric/highs.ts')).loadHighs(),
  };
}

/** The whole way from a spec's text to its plan, as the command goes it; works wherever JavaScript does. */
export async function planSpec(text: string, options: PlanSpecOptions = {}): Promise<Result<Evaluation>> {
  const catalog = options.catalog ?? builtin();
  const overrides = options.seed === undefined ? {} : { seed: options.seed };
  const spec = readSpec(text, options.file ?? 'spec', options.files ?? NO_FILES, catalog, overrides);
  if (!spec.ok) return spec;
  const request = { spec: spec.value, without: options.without ?? [] };
  return evaluate(request, quietContext(catalog, spec.value.seed));
}

/** A plan as every artefact, command and server prints it. */
export function planJson(plan: Plan): string {
  return `${serialise(plan, 2)}\n`;
}

/** The plan of a spec as JSON text; throws InputError with all issues when the spec is wrong. */
export async function planText(text: string, options: PlanSpecOptions = {}): Promise<string> {
  const result = await planSpec(text, options);
  if (!result.ok) throw new InputError(result.issues);
  return planJson(result.value.plan);
}
