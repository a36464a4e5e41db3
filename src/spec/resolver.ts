import type { IssueInput } from '../base/issue.ts';
import type { Result } from '../base/result.ts';
import type { Catalog, Entities, EntityKind } from '../catalog/types.ts';
import { nearest } from '../units/nearest.ts';
import type { DefaultTaken } from './types.ts';

export type Report = (input: IssueInput) => void;

/** Runs a check only when none of what it stands on is already at fault: one mistake, one message. */
export type When = (paths: readonly string[], check: () => void) => void;

export interface SpecFiles {
  /** The text of a file named in the spec, relative to it; or why it cannot be read. */
  read(path: string): Result<string>;
}

/** What resolving a spec needs and gathers: the catalog and files in, issues and defaults out. */
export class Resolver {
  readonly defaults: DefaultTaken[] = [];
  readonly catalog: Catalog;
  readonly files: SpecFiles;
  readonly report: Report;

  constructor(catalog: Catalog, files: SpecFiles, report: Report) {
    this.catalog = catalog;
    this.files = files;
    this.report = report;
  }

  /** What was given, or the default, which is then listed with its reason. */
  take<T>(path: string, given: T | undefined, fallback: T, why: string): T {
    if (given !== undefined) return given;
    this.note(path, fallback, why);
    return fallback;
  }

  note(path: string, value: unknown, why: string): void {
    const plain = typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
    this.defaults.push({ path, value: plain ? value : defaultText(value), why });
  }

  lookup<K extends EntityKind>(
    kind: K,
    id: string,
    path: readonly (string | number)[],
    also = '',
  ): Entities[K] | undefined {
    const entity = this.catalog.find(kind, id);
    if (entity !== undefined) return entity;
    const names = this.catalog.ids(kind).filter((n) => !n.startsWith('generic-'));
    const near = nearest(id, names);
    this.report({
      code: 'unknown-name',
      path,
      message: `there is no ${kind} '${id.slice(0, 60)}' in the catalog`,
      allowed: names.join(', ') + also,
      ...(near === undefined ? {} : { nearest: near }),
    });
    return undefined;
  }

  /** A file named in the spec; its issues are told at the place that names it. */
  read(name: string, path: readonly (string | number)[]): string | undefined {
    const read = this.files.read(name);
    if (read.ok) return read.value;
    const message = read.issues.map((i) => i.message).join('; ');
    this.report({ code: 'cannot-read', path, message, hint: 'file names are relative to the spec' });
    return undefined;
  }
}

/** A default that is not one value, as it would be written in the spec. */
function defaultText(value: unknown): string {
  if (value === null) return 'none';
  if (Array.isArray(value)) return `[${value.join(', ')}]`;
  if (typeof value === 'object') {
    return `{${Object.entries(value as object)
      .map(([k, v]) => `${k}: ${v}`)
      .join(', ')}}`;
  }
  return String(value);
}
