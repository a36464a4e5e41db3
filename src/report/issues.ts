import type { Issue } from '../base/issue.ts';
import { formatPath } from '../units/format.ts';

/**
 * Issues as text, one block each, in the order given: `file:line:column path: message`, then what was found, what is
 * allowed, the nearest name and a hint, indented. The only place where issues become text.
 */
export function renderIssues(issues: readonly Issue[], options: { readonly colour?: boolean } = {}): string {
  const paint = options.colour === true ? ANSI : PLAIN;
  return issues.map((i) => renderIssue(i, paint)).join('\n');
}

interface Paint {
  readonly severity: (severity: Issue['severity'], text: string) => string;
  readonly dim: (text: string) => string;
}

const PLAIN: Paint = { severity: (_, text) => text, dim: (text) => text };

const ANSI: Paint = {
  severity: (severity, text) => `\u001b[${severity === 'error' ? 31 : 33}m${text}\u001b[39m`,
  dim: (text) => `\u001b[2m${text}\u001b[22m`,
};

function renderIssue(i: Issue, paint: Paint): string {
  const place = [i.file ?? '', i.line ?? '', i.column ?? '']
    .filter((x) => x !== '')
    .map(String)
    .map(printable)
    .join(':');
  const path = printable(formatPath(i.path));
  const where = [place, path].filter((x) => x !== '').join(' ');
  const severity = i.severity === 'warning' ? paint.severity('warning', 'warning: ') : '';
  const message = severity + paint.severity(i.severity, printable(i.message));
  const lines = [where === '' ? message : `${where}: ${message}`];
  for (const label of ['found', 'allowed', 'nearest', 'hint'] as const) {
    const text = i[label];
    if (text !== undefined) lines.push(paint.dim(`  ${label}: ${printable(text)}`));
  }
  return lines.join('\n');
}

/** Control characters of the input stay out of the terminal. */
function printable(text: string): string {
  return text.replace(/\p{Cc}+/gu, ' ');
}
