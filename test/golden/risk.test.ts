import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { planewright } from '../support/cli.ts';

const scratch = mkdtempSync(join(tmpdir(), 'planewright-risk-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

describe('planewright risk', () => {
  it('prints the page of a small job under stress', async () => {
    const run = planewright([
      'risk',
      'examples/small-32.yaml',
      '--runs',
      '300',
      '--stress',
      'thermal=+10C,power-drops=2/day',
    ]);
    expect(run.stderr).toBe('');
    expect(run.status).toBe(0);
    await expect(run.stdout).toMatchFileSnapshot('pages/risk-small-32.txt');
  });

  it('fits a log, and a spec reads the fit', async () => {
    const out = join(scratch, 'failures.json');
    const run = planewright([
      'risk',
      'fit',
      'test/fixtures/faults.csv',
      '--nodes',
      '24',
      '--span',
      '121d',
      '--out',
      out,
    ]);
    expect(run.status).toBe(0);
    await expect(run.stdout).toMatchFileSnapshot('pages/risk-fit.txt');
    const spec = join(scratch, 'spec.yaml');
    writeFileSync(
      spec,
      `${readFileSync('examples/small-32.yaml', 'utf8')}\nreliability: {failures: failures.json}\n`,
    );
    const plan = planewright(['risk', spec, '--no-fabric', '--runs', '20', '--json']);
    expect(plan.stderr).toBe('');
    const { risk } = JSON.parse(plan.stdout) as { risk: { failures: { perDay: number } } };
    expect(risk.failures.perDay).toBeCloseTo((96 / 121 / 24) * 4, 6);
  });

  it('says what is wrong with stress, options and logs, and where', () => {
    const stress = planewright([
      'risk',
      'examples/small-32.yaml',
      '--stress',
      'thermal=hot,power-drop=2/day',
    ]);
    expect([stress.status, stress.stdout]).toEqual([2, '']);
    expect(stress.stderr).toContain('nearest: power-drops');
    expect(planewright(['risk', 'examples/small-32.yaml', '--runs', '0']).status).toBe(2);
    const log = join(scratch, 'bad.csv');
    writeFileSync(log, 'node,start,end\na,1,2\nb,x,3\nc,5,4\n');
    const fit = planewright(['risk', 'fit', log]);
    expect([fit.status, fit.stdout]).toEqual([2, '']);
    expect(fit.stderr).toMatch(/bad\.csv:3[\s\S]*bad\.csv:4/);
    expect(planewright(['risk', 'fit', join(scratch, 'none.csv')]).stderr).toContain('no such file');
  });
});
