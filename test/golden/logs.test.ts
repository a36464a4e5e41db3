import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { exampleLogs } from '../../scripts/logs.mjs';
import { planewright, ROOT } from '../support/cli.ts';

describe.each(Object.entries(exampleLogs()))('examples/logs/%s', (name, text) => {
  const file = `examples/logs/${name}`;

  it('is what scripts/logs.mjs writes', () => {
    expect(readFileSync(join(ROOT, file), 'utf8')).toBe(text);
  });

  it('prints its page', async () => {
    const run = planewright(['inspect', file]);
    expect(run.stderr).toBe('');
    expect(run.status).toBe(0);
    await expect(run.stdout).toMatchFileSnapshot(`pages/inspect-${name.replace(/\..*/u, '')}.txt`);
  });
});

describe('inspect', () => {
  it('reads what is piped in, draws, and prints JSON', async () => {
    const input = readFileSync(join(ROOT, 'examples/logs/eventful.csv'));
    const json = planewright(['inspect', '-', '--json'], { input });
    expect(JSON.parse(json.stdout).events).toHaveLength(9);
    const svg = planewright(['inspect', 'examples/logs/eventful.csv', '--svg', '-']);
    expect(svg.status).toBe(0);
    await expect(svg.stdout).toMatchFileSnapshot('pages/inspect-eventful.svg');
  });

  it('refuses what is no log, with exit status 2', () => {
    for (const file of ['README.md', 'examples', 'no-such.csv']) {
      const run = planewright(['inspect', file]);
      expect(run.status).toBe(2);
      expect(run.stdout).toBe('');
    }
  });
});
