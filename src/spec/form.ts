import type { core } from 'zod';
import type { Issue, IssueInput } from '../base/issue.ts';
import { nearest } from '../units/nearest.ts';
import type { Problem } from '../units/parse.ts';
import type { SourceDocument } from './document.ts';
import { short } from './document.ts';
import { specJsonSchema } from './json-schema.ts';
import type { RawSpec } from './schema.ts';
import { partialSchema, specSchema } from './schema.ts';

export interface Checked {
  /** The spec without its faulty parts, for the checks that do not touch them. */
  readonly raw: RawSpec;
  readonly issues: readonly Issue[];
  /** True when the path, something above it or something below it is at fault. */
  readonly faulty: (path: string) => boolean;
}

type Path = readonly (string | number)[];

/** With so many faults the file is something else. */
const MOST_FAULTS = 100;

/**
 * Checks the form of a document. What is wrong is cut out and the rest read again, so that a slip in one place
 * does not hide what is wrong in another.
 */
export function checkForm(document: SourceDocument): Checked {
  const parsed = specSchema.safeParse(document.data);
  if (parsed.success) return { raw: parsed.data, issues: [], faulty: () => false };
  const inputs = parsed.error.issues.flatMap((i) => translate(i, document.data, [])).slice(0, MOST_FAULTS);
  const bad: Path[] = inputs.map((i) => i.path ?? []);
  if (bad.length >= MOST_FAULTS) {
    // Not a spec at all, and cutting out thousands of keys one by one would take minutes.
    return { raw: {}, issues: inputs.map(document.at), faulty: () => true };
  }
  return { raw: salvage(document.data, bad), issues: inputs.map(document.at), faulty: faultyIn(bad) };
}

/** The document without what is at the faulty paths, nor what cannot stand without it (added to `bad`). */
function salvage(document: unknown, bad: Path[]): RawSpec {
  let data = document;
  let cut = [...bad];
  for (let round = 0; round < 8; round++) {
    // From the last to the first, so that the places in a list stay true.
    data = cut.reduceRight((rest, path) => without(rest, path), data);
    const parsed = partialSchema.safeParse(data);
    if (parsed.success) return parsed.data;
    cut = parsed.error.issues.map((i) => (i.path as (string | number)[]).slice(0, -1));
    bad.push(...cut);
    if (cut.some((path) => path.length === 0)) break;
  }
  bad.push([]);
  return {};
}

function faultyIn(paths: readonly Path[]): (path: string) => boolean {
  const bad = paths.map((p) => p.join('.'));
  return (path) =>
    bad.some((b) => b === '' || b === path || b.startsWith(`${path}.`) || path.startsWith(`${b}.`));
}

function translate(problem: core.$ZodIssue, data: unknown, prefix: Path): (IssueInput & { key?: boolean })[] {
  const path = [...prefix, ...(problem.path as (string | number)[])];
  const value = at(data, path);
  if (problem.code === 'unrecognized_keys') {
    return problem.keys.slice(0, MOST_FAULTS).map((key) => unknownKey(path, key));
  }
  if (problem.code === 'invalid_union') {
    return branch(problem.errors, value).flatMap((inner) => translate(inner, data, path));
  }
  if (value === undefined) {
    const name = String(path.at(-1) ?? 'the spec');
    return [{ code: 'missing-key', path, message: `'${name}' is missing`, ...about(path) }];
  }
  if (value === null && path.length > 0) {
    return [
      {
        code: 'empty',
        path,
        message: 'nothing is written here',
        hint: 'leave the key out to take its default',
        key: true,
      },
    ];
  }
  const given = problem.code === 'custom' ? (problem.params?.['problem'] as Problem | undefined) : undefined;
  if (given !== undefined) return [{ ...given, path }];
  if (problem.code === 'invalid_type' && problem.expected === 'object') {
    const allowed = keysAt(path).join(', ');
    return [
      {
        code: 'wrong-type',
        path,
        message: `expected keys and values, found ${typeName(value)}`,
        ...(allowed === '' ? {} : { allowed }),
      },
    ];
  }
  return [
    { code: problem.code === 'too_big' ? 'too-long' : 'wrong-type', path, message: short(problem.message) },
  ];
}

function unknownKey(path: Path, key: string): IssueInput & { key: boolean } {
  const names = keysAt(path);
  const near = nearest(key, names);
  return {
    code: 'unknown-key',
    path: [...path, key],
    message: `unknown key '${short(key)}'`,
    allowed: names.join(', '),
    ...(near === undefined ? {} : { nearest: near }),
    key: true,
  };
}

/** Of the forms a value may take, the one that was meant: of its type, and with the fewest faults. */
function branch(errors: readonly (readonly core.$ZodIssue[])[], value: unknown): readonly core.$ZodIssue[] {
  const structured = typeof value === 'object' && value !== null && !Array.isArray(value);
  const faults = (issues: readonly core.$ZodIssue[]) =>
    issues.reduce((n, i) => n + (i.code === 'unrecognized_keys' ? i.keys.length : 1), 0);
  const rootFault = (issues: readonly core.$ZodIssue[]) =>
    issues.some((i) => i.path.length === 0 && i.code !== 'unrecognized_keys');
  const fitting = structured ? errors.filter((e) => !rootFault(e)) : errors;
  // Without a fitting form the first says best what may stand here.
  return (fitting.length > 0 ? fitting : errors).reduce((best, e) => (faults(e) < faults(best) ? e : best));
}

interface SchemaNode {
  readonly properties?: Record<string, SchemaNode>;
  readonly anyOf?: readonly SchemaNode[];
  readonly items?: SchemaNode;
  readonly description?: string;
}

let root: SchemaNode | undefined;

/** The schema nodes that describe a path: several where forms differ. */
function schemaAt(path: Path): SchemaNode[] {
  root ??= specJsonSchema() as SchemaNode;
  const forms = (n: SchemaNode): SchemaNode[] => (n.anyOf === undefined ? [n] : n.anyOf.flatMap(forms));
  return path.reduce<SchemaNode[]>(
    (nodes, part) =>
      nodes.flatMap((n) => forms((typeof part === 'number' ? n.items : n.properties?.[part]) ?? {})),
    forms(root),
  );
}

function keysAt(path: Path): string[] {
  return [...new Set(schemaAt(path).flatMap((n) => Object.keys(n.properties ?? {})))];
}

function about(path: Path): { hint?: string } {
  const description = schemaAt(path).find((n) => n.description !== undefined)?.description;
  return description === undefined ? {} : { hint: description };
}

function typeName(value: unknown): string {
  if (value === null) return 'nothing';
  return Array.isArray(value) ? 'a list' : `a ${typeof value}`;
}

function at(data: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (x, key) =>
      x !== null && typeof x === 'object' && Object.hasOwn(x, key)
        ? (x as Record<string | number, unknown>)[key]
        : undefined,
    data,
  );
}

/** A copy without what is at the path. */
function without(data: unknown, path: Path): unknown {
  const [head, ...rest] = path;
  if (head === undefined || data === null || typeof data !== 'object') return data;
  if (Array.isArray(data)) {
    return rest.length === 0
      ? data.filter((_, i) => i !== head)
      : data.map((x, i) => (i === head ? without(x, rest) : x));
  }
  const { [head]: value, ...others } = data as Record<string, unknown>;
  return rest.length === 0 || value === undefined ? others : { ...others, [head]: without(value, rest) };
}
