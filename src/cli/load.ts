import { readdirSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { parse } from 'yaml';
import { issue } from '../base/issue.ts';
import { InputError, type Result } from '../base/result.ts';
import { builtin, createCatalog } from '../catalog/catalog.ts';
import { data as builtinData } from '../catalog/generated.ts';
import type { Catalog } from '../catalog/types.ts';
import { placeIssues, readSpec } from '../spec/read.ts';
import type { Spec } from '../spec/types.ts';
import { nearest } from '../units/nearest.ts';
import { say } from './context.ts';
import { readText } from './input.ts';

/** The catalog, overlaid with the YAML files of a user's folder when one is given. */
export function loadCatalog(folder?: string): Catalog {
  if (folder === undefined) return builtin();
  const overlay: Record<string, unknown> = {};
  for (const file of yamlFiles(folder)) {
    const text = readText(file);
    if (!text.ok) throw new InputError(text.issues);
    try {
      overlay[relative(folder, file).replace(/\.ya?ml$/, '')] = parse(text.value);
    } catch (error) {
      throw new InputError([issue({ code: 'yaml', file, message: (error as Error).message })]);
    }
  }
  const catalog = createCatalog(builtinData, overlay);
  if (!catalog.ok) throw new InputError(catalog.issues);
  return catalog.value;
}

function yamlFiles(folder: string): string[] {
  try {
    return readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.ya?ml$/.test(name))
      .sort()
      .map((name) => join(folder, name));
  } catch {
    throw new InputError([
      issue({ code: 'cannot-read', message: `cannot read the catalog folder ${folder}` }),
    ]);
  }
}

/** A spec, and the file that its later issues point into. */
export interface LoadedSpec {
  readonly spec: Spec;
  readonly text: string;
  /** The value of a later stage, or its issues thrown with their place in the spec. */
  readonly expectValue: <T>(result: Result<T>) => T;
}

/** Reads and checks a spec; files it names are taken relative to it. Warnings are said, errors thrown. */
export function loadSpec(
  path: string,
  catalog: Catalog,
  overrides: { readonly seed?: number } = {},
): LoadedSpec {
  const text = readText(path);
  if (!text.ok) throw new InputError(text.issues);
  return specOfText(text.value, path, catalog, overrides);
}

/** The same for a text that came from `path`. */
export function specOfText(
  text: string,
  path: string,
  catalog: Catalog,
  overrides: { readonly seed?: number } = {},
): LoadedSpec {
  const folder = path === '-' ? '.' : dirname(path);
  const files = { read: (name: string) => readText(resolve(folder, name)) };
  const spec = readSpec(text, path, files, catalog, overrides);
  if (!spec.ok) throw new InputError(spec.issues);
  say(spec.issues);
  return {
    spec: spec.value,
    text,
    expectValue(result) {
      if (!result.ok) throw new InputError(placeIssues(result.issues, text, path));
      say(placeIssues(result.issues, text, path));
      return result.value;
    },
  };
}

/** A name that the catalog does not have is an InputError with the nearest one. */
export function mustBeOneOf(found: string, allowed: readonly string[], what: string): void {
  if (allowed.includes(found)) return;
  const near = nearest(found, allowed);
  throw new InputError([
    issue({
      code: 'unknown-name',
      message: `there is no ${what} '${found}' in the catalog`,
      allowed: allowed.join(', '),
      ...(near === undefined ? {} : { nearest: near }),
    }),
  ]);
}
