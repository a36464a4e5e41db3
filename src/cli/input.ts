import { readFileSync, statSync } from 'node:fs';
import { issue } from '../base/issue.ts';
import { fail, ok, type Result } from '../base/result.ts';

/** No spec or list of hosts is larger; an imported fabric dump of 100,000 endpoints is about 30 MB. */
const LARGEST_TEXT = 256 * 1024 * 1024;

/** Reads a text file, or says in one issue why it cannot be read. `-` is stdin. */
export function readText(path: string): Result<string> {
  try {
    if (path !== '-') {
      const stat = statSync(path);
      if (stat.isDirectory()) return unreadable(path, 'it is a directory, not a file');
      if (stat.size > LARGEST_TEXT) return unreadable(path, `it is larger than ${LARGEST_TEXT >> 20} MiB`);
    }
    return ok(readFileSync(path === '-' ? 0 : path, 'utf8'));
  } catch (error) {
    return unreadable(path, whyUnreadable(error));
  }
}

/** What the system said when a file could not be read, in words. */
export function whyUnreadable(error: unknown): string {
  const code = (error as NodeJS.ErrnoException).code ?? 'unknown';
  const why: Record<string, string> = {
    ENOENT: 'there is no such file',
    EACCES: 'no permission to read it',
    EISDIR: 'it is a directory, not a file',
    ENOTDIR: 'a part of the path is a file, not a directory',
  };
  return why[code] ?? code;
}

/** The one issue for a file that cannot be read. */
export function unreadable(path: string, why: string): Result<never> {
  return fail([
    issue({
      code: 'cannot-read',
      file: path,
      message: `cannot read ${path}: ${why}`,
      hint: 'check the path',
    }),
  ]);
}
