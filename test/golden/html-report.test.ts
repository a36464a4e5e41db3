import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { planewright } from '../support/cli.ts';

let folder = '';
let html = '';
const sha = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'planewright-html-'));
  const file = join(folder, 'report.html');
  const run = planewright(['plan', 'examples/small-32.yaml', '--html', file]);
  expect(run.status).toBe(0);
  html = readFileSync(file, 'utf8');
});
afterAll(() => rmSync(folder, { recursive: true }));

it('names its script and its style by their hashes, and allows nothing else', () => {
  const policy = /content="(default-src[^"]+)"/.exec(html)![1]!;
  const scripts = [...html.matchAll(/<script>([\s\S]*?)<\/script>/g)].map((m) => m[1]!);
  const styles = [...html.matchAll(/<style>([\s\S]*?)<\/style>/g)].map((m) => m[1]!);
  expect(scripts.length).toBe(1);
  expect(styles.length).toBe(1);
  expect(policy).toBe(
    `default-src 'none'; script-src ${sha(scripts[0]!)}; style-src ${sha(styles[0]!)}; base-uri 'none'; form-action 'none'`,
  );
  expect(html).not.toMatch(/ on\w+=| style=|<link|src=|url\(/);
});

it('holds every section of the page and is the same bytes again', () => {
  const page = planewright(['plan', 'examples/small-32.yaml']).stdout;
  for (const title of ['Asked', 'Trains: one step', 'Bounds on the busiest link', 'In short'])
    expect([page.includes(title), html.includes(title)]).toEqual([true, true]);
  expect(planewright(['plan', 'examples/small-32.yaml', '--html', '-']).stdout).toBe(html);
});

it('is only text where a name is code', () => {
  const spec = readFileSync('examples/small-32.yaml', 'utf8').replace(
    /^name: .*$/m,
    `name: ${JSON.stringify('</title><script>alert(1)</script>"\'&\u0007')}`,
  );
  writeFileSync(join(folder, 'hostile.yaml'), spec);
  const out = planewright(['plan', join(folder, 'hostile.yaml'), '--html', '-']).stdout;
  expect(out.match(/<script/g)?.length).toBe(1);
  expect(out).toContain('&lt;script&gt;alert(1)');
  expect(out).not.toContain('\u0007');
});
