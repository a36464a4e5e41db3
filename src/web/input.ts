import { type Issue, issue } from '../base/issue.ts';
import { fail, InputError, type Result } from '../base/result.ts';

/** Texts that came with a question, by name: what the engine reads instead of files. */
export type Texts = Readonly<Record<string, string>>;

export const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

/** Files that a spec names. */
export function filesOf({ files }: { readonly files: Texts }) {
  return {
    read: (name: string): Result<string> =>
      Object.hasOwn(files, name) ? { ok: true, value: files[name]!, issues: [] } : fail([missing(name)]),
  };
}

export function fileText(files: Texts, name: string): string {
  if (Object.hasOwn(files, name)) return files[name]!;
  throw new InputError([missing(name)]);
}

function missing(name: string): Issue {
  return issue({
    code: 'cannot-read',
    message: `there is no file ${name} here`,
    hint: 'drop it onto the page',
  });
}

export function expectValue<T>(result: Result<T>): T {
  if (!result.ok) throw new InputError(result.issues);
  return result.value;
}
