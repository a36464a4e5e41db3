import { createHash } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Plan } from '../../src/plan/types.ts';
import { planewright, ROOT } from '../support/cli.ts';

const examples = readdirSync(join(ROOT, 'examples')).filter((name) => name.endsWith('.yaml'));

/**
 * The examples are tests: each runs as it is, meets its own expectations and prints the same page and the same
 * plan, byte for byte, on every Node that CI runs. After an intended change: `npx vitest run test/golden -u`.
 */
describe.each(examples)('examples/%s', (example) => {
  const name = example.replace('.yaml', '');

  it('prints its page', async () => {
    const run = planewright(['plan', `examples/${example}`]);
    expect(run.stderr).toBe('');
    expect(run.status).toBe(0);
    await expect(run.stdout).toMatchFileSnapshot(`pages/${name}.txt`);
  });

  it('makes the same plan everywhere', async () => {
    const run = planewright(['plan', `examples/${example}`, '--json']);
    expect(run.status).toBe(0);
    const plan = JSON.parse(run.stdout) as Record<string, unknown> & Pick<Plan, 'step'>;
    expect(Object.keys(plan)).toEqual([
      'version',
      'spec',
      'assumptions',
      'workload',
      'traffic',
      'fabric',
      'profile',
      'routing',
      'step',
      // Where the job does not fit, the nearest plan that does.
      ...(plan.step!.memory.fits ? [] : ['fitting']),
      'risk',
      'economy',
      'checks',
    ]);
    const hash = createHash('sha256').update(run.stdout).digest('hex');
    await expect(`${hash}\n`).toMatchFileSnapshot(`hashes/${name}.txt`);
  });
});
