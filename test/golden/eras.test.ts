import { expect, it } from 'vitest';
import { planewright } from '../support/cli.ts';

it('eras prints its page', async () => {
  const run = planewright(['eras']);
  expect(run.stderr).toBe('');
  expect(run.status).toBe(0);
  await expect(run.stdout).toMatchFileSnapshot('pages/eras.txt');
});

it('eras with a spec says where the cluster stands', () => {
  const run = planewright(['eras', 'examples/small-32.yaml', '--json']);
  expect(run.status).toBe(0);
  const { cluster } = JSON.parse(run.stdout) as { cluster: Record<string, number> };
  expect(cluster['powerShare']).toBeGreaterThan(1e-8);
  expect(cluster['powerShare']).toBeLessThan(1e-5);
  expect(planewright(['eras', 'no-such.yaml']).status).toBe(2);
});
