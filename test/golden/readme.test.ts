import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { planSpec } from '../../src/index.ts';
import { planewright } from '../support/cli.ts';

const readme = readFileSync('README.md', 'utf8');
const blocks = [...readme.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)].map((m) => ({
  language: m[1]!,
  text: m[2]!,
}));

describe('README', () => {
  it('shows lines that the command prints, in their order', () => {
    const page = planewright(['plan', 'examples/deepseek-v3.yaml']).stdout.split('\n');
    const shown = blocks
      .find((b) => b.text.startsWith('DeepSeek-V3 pre-training'))!
      .text.trimEnd()
      .split('\n');
    let at = 0;
    for (const line of shown) {
      if (line === '' || line === '  ...') continue;
      const found = page.indexOf(line, at);
      expect(found, line).toBeGreaterThanOrEqual(at);
      at = found + 1;
    }
  });

  it('has a library block that works', async () => {
    const code = blocks.find((b) => b.language === 'js')!.text;
    const printed: unknown[][] = [];
    const body = code.replace(/^import .*$/m, '');
    const run = new Function('planSpec', 'console', `return (async () => {${body}})()`);
    await run(planSpec, { log: (...values: unknown[]) => printed.push(values) });
    expect(printed[0]!.every((x) => typeof x === 'number')).toBe(true);
  });
});
