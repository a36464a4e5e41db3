import { type Issue, type IssueInput, issue } from '../base/issue.ts';

/** More of one code than this says nothing new: a cut-off dump has thousands. */
const PER_CODE = 20;

/** Collects the issues of one input, at most PER_CODE of a code and then one line that counts the rest. */
export class IssueCollector {
  readonly #label: string;
  readonly #issues: Issue[] = [];
  readonly #count = new Map<string, number>();

  constructor(label: string) {
    this.#label = label;
  }

  add(input: IssueInput): void {
    const count = (this.#count.get(input.code) ?? 0) + 1;
    this.#count.set(input.code, count);
    if (count <= PER_CODE) this.#issues.push(issue({ file: this.#label, ...input }));
  }

  get hasErrors(): boolean {
    return this.#issues.some((i) => i.severity === 'error');
  }

  get issues(): Issue[] {
    const all = [...this.#issues];
    for (const [code, count] of this.#count) {
      if (count <= PER_CODE) continue;
      const like = this.#issues.find((i) => i.code === code)!;
      all.push(
        issue({
          code,
          severity: like.severity,
          file: this.#label,
          message: `${count - PER_CODE} more of ${code}`,
        }),
      );
    }
    return all;
  }
}

/** A piece of input as issues quote it: one line, no control characters, shortened. */
export function excerpt(text: string): string {
  const clean = text.replace(/\p{Cc}+/gu, ' ').trim();
  return clean.length > 60 ? `${clean.slice(0, 57)}...` : clean;
}
