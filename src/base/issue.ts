/**
 * Errors are data; text is made last, by the one renderer (report/issues.ts).
 * Every reader and every check returns all issues it finds, never only the first.
 */
export interface Issue {
  /** Stable, greppable, kebab-case: 'unknown-key', 'wrong-unit', 'product-mismatch'. */
  readonly code: string;
  readonly severity: 'error' | 'warning';
  /** Path in the document, e.g. ['cluster', 'network', 'planes']. Empty for the whole document. */
  readonly path: readonly (string | number)[];
  readonly message: string;
  readonly file?: string;
  /** 1-based. */
  readonly line?: number;
  /** 1-based. */
  readonly column?: number;
  /** What stood there, shortened. */
  readonly found?: string;
  /** What may stand there. */
  readonly allowed?: string;
  /** The nearest valid name. */
  readonly nearest?: string;
  /** What to do. */
  readonly hint?: string;
}

export type IssueInput = Omit<Issue, 'severity' | 'path'> & Partial<Pick<Issue, 'severity' | 'path'>>;

/** An issue with the defaults filled in: an error at the root of the document. */
export function issue(input: IssueInput): Issue {
  return { severity: 'error', path: [], ...input };
}

/** True when at least one issue is an error (warnings alone let a command go on). */
export function hasErrors(issues: readonly Issue[]): boolean {
  return issues.some((i) => i.severity === 'error');
}
