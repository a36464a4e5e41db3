import { type Issue, issue } from '../../base/issue.ts';
import { short } from '../document.ts';

/** What another tool's configuration says, in the spec's own terms. */
export interface ForeignConfig {
  /** What the file is: 'Megatron-LM arguments'. */
  readonly format: string;
  /** Parts of a spec as they are written in YAML; only what was read. */
  readonly values: SpecValues;
  /** By path ('training.batch') what stood in the file, for a comment beside the value. */
  readonly sources: ReadonlyMap<string, string>;
  /** By path, why the file could not say it. */
  readonly missing: ReadonlyMap<string, string>;
  /** Warnings: unknown flags, settings the spec has no word for. */
  readonly issues: readonly Issue[];
}

export type SpecValue = string | number | boolean | readonly string[] | SpecValues;
export interface SpecValues {
  readonly [key: string]: SpecValue;
}

/** Unknown names that are listed one by one; the rest is counted. */
const MOST_UNKNOWN = 30;

/** Collects what a reader finds: values with their origin, what is missing, and what it does not know. */
export class Gather {
  readonly #values: Record<string, Record<string, SpecValue> | SpecValue> = {};
  readonly #sources = new Map<string, string>();
  readonly #missing = new Map<string, string>();
  readonly #issues: Issue[] = [];
  readonly #unknown: string[] = [];
  readonly file: string;

  constructor(file: string) {
    this.file = file;
  }

  /** Sets `path` ('model.attention.heads') to what was read; undefined leaves it out. */
  take(path: string, value: SpecValue | undefined, source: string): void {
    if (value === undefined) return;
    const keys = path.split('.');
    let node = this.#values as Record<string, SpecValue>;
    for (const key of keys.slice(0, -1)) {
      node[key] ??= {};
      node = node[key] as unknown as Record<string, SpecValue>;
    }
    node[keys.at(-1)!] = value;
    this.#sources.set(path, short(source));
  }

  /** What was taken for `section.key`, if anything was. */
  peek(path: string): SpecValue | undefined {
    const [section, key] = path.split('.') as [string, string];
    return (this.#values[section] as SpecValues | undefined)?.[key];
  }

  lack(path: string, why: string): void {
    this.#missing.set(path, why);
  }

  warn(code: string, message: string, more: { readonly hint?: string; readonly found?: string } = {}): void {
    this.#issues.push(issue({ code, severity: 'warning', file: this.file, message, ...more }));
  }

  unknown(name: string): void {
    if (!this.#unknown.includes(name)) this.#unknown.push(name);
  }

  done(format: string): ForeignConfig {
    const shown = this.#unknown.slice(0, MOST_UNKNOWN);
    const more = this.#unknown.length - shown.length;
    for (const name of shown)
      this.warn('unknown-setting', `'${short(name)}' is not known here and was not used`);
    if (more > 0) this.warn('more', `and ${more} more settings that are not known here`);
    return {
      format,
      values: this.#values as SpecValues,
      sources: this.#sources,
      missing: this.#missing,
      issues: this.#issues,
    };
  }
}

/** A whole number of at least `min`, from a number or decimal text; undefined otherwise. */
export function wholeNumber(raw: unknown, min = 1): number | undefined {
  const text = typeof raw === 'string' ? raw.trim().replaceAll('_', '') : raw;
  const value = typeof text === 'string' && /^\d{1,15}$/u.test(text) ? Number(text) : text;
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= min ? value : undefined;
}
