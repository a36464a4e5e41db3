import type { Issue } from './issue.ts';

/** A value with its warnings, or the issues that stopped it. Never an exception for bad input. */
export type Result<T> =
  | { readonly ok: true; readonly value: T; readonly issues: readonly Issue[] }
  | { readonly ok: false; readonly issues: readonly Issue[] };

export function ok<T>(value: T, issues: readonly Issue[] = []): Result<T> {
  return { ok: true, value, issues };
}

export function fail(issues: readonly Issue[]): { readonly ok: false; readonly issues: readonly Issue[] } {
  return { ok: false, issues };
}

/** Carries issues through code that cannot return a Result; caught only by the command and the plan. */
export class InputError extends Error {
  readonly issues: readonly Issue[];
  constructor(issues: readonly Issue[]) {
    super(issues.map((i) => i.message).join('; '));
    this.name = 'InputError';
    this.issues = issues;
  }
}

/** For the default branch of a switch over a union: a compile error when a member is added. */
export function assertUnreachable(x: never): never {
  throw new Error(`unreachable: ${String(x)}`);
}

/** The value, or a fault of ours (never of the input) with what was expected. */
export function ensure<T>(value: T | null | undefined, what: string): T {
  if (value === null || value === undefined) throw new Error(`missing ${what}`);
  return value;
}
