import { expect, test } from 'vitest';
import { issue } from '../base/issue.ts';
import { formatPath } from '../units/format.ts';
import { renderIssues } from './issues.ts';

const unknown = issue({
  code: 'unknown-key',
  file: 'a.yaml',
  line: 3,
  column: 5,
  path: ['parallelism', 'tensr'],
  message: "unknown key 'tensr'",
  nearest: 'tensor',
});

test('place, path and message on one line, details below', () => {
  expect(
    renderIssues([unknown, issue({ code: 'x', severity: 'warning', message: 'odd', hint: 'look' })]),
  ).toBe(
    [
      "a.yaml:3:5 parallelism.tensr: unknown key 'tensr'",
      '  nearest: tensor',
      'warning: odd',
      '  hint: look',
    ].join('\n'),
  );
});

test('colour adds escapes and nothing else; control characters of the input never reach the terminal', () => {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  expect(renderIssues([unknown], { colour: true }).replaceAll(/\u001b\[\d+m/gu, '')).toBe(
    renderIssues([unknown]),
  );
  expect(renderIssues([issue({ code: 'x', message: 'a\u001b[31mb\nc' })])).toBe('a [31mb c');
});

test('paths', () => {
  expect(formatPath(['a', 0, 1, 'b'])).toBe('a[0][1].b');
  expect(formatPath([])).toBe('');
});
