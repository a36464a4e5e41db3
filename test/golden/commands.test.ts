import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { planewright } from '../support/cli.ts';

const scratch = mkdtempSync(join(tmpdir(), 'planewright-golden-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

describe('every command', () => {
  it.each(['plan', 'check', 'init', 'fabric', 'catalog', 'risk', 'validate'])(
    '%s --help has an example',
    (command) => {
      const run = planewright([command, '--help']);
      expect(run.status).toBe(0);
      expect(run.stdout).toMatch(/Examples?:\n {2}planewright/);
    },
  );

  it('shows the 32-GPU example when none is named', () => {
    const run = planewright([]);
    expect(run.status).toBe(0);
    expect(run.stdout).toContain('32');
    expect(run.stderr).toContain('32-GPU example');
  });

  it('suggests the command that was meant', () => {
    const run = planewright(['plam']);
    expect(run.status).toBe(2);
    expect(run.stderr).toContain('Did you mean plan?');
  });

  it('checks a spec', () => {
    const run = planewright(['check', 'examples/deepseek-v3.yaml']);
    expect(run.status).toBe(0);
    expect(run.stdout).toContain('2048 GPUs');
  });

  it('writes a spec that plans as it is', () => {
    const init = planewright(['init', 'deepseek-v3']);
    expect(init.status).toBe(0);
    expect(planewright(['plan', '-', '--json'], { input: init.stdout }).status).toBe(0);
  });

  it.each([
    ['megatron-175b.sh', '512 GPUs, tensor 8 x pipeline 16'],
    ['torchtitan.toml', '512 GPUs, tensor 8'],
  ])('reads what other tools were told: %s', (file, shape) => {
    const init = planewright(['init', '--from', `test/fixtures/from/${file}`]);
    expect(init.status).toBe(0);
    expect(init.stderr).toContain('a placeholder is written');
    const check = planewright(['check', '-'], { input: init.stdout });
    expect(check.status).toBe(0);
    expect(check.stdout).toContain(shape);
  });

  it('makes tables of a GPU from its kernels, and says which GPUs it knows', async () => {
    const run = planewright(['calibrate', 'examples/gpu/h100-kernels.jsonl', '--gpu', 'h100']);
    expect(run.status).toBe(0);
    await expect(run.stdout).toMatchFileSnapshot('pages/calibrate-h100.txt');
    const out = join(scratch, 'mine');
    const kernels = ['calibrate', 'examples/gpu/h100-kernels.jsonl', '--out', out, '--gpu'];
    expect(planewright([...kernels, 'h200']).status).toBe(0);
    expect(planewright(['check', 'examples/small-32.yaml', '--catalog', out]).status).toBe(0);
    const text = planewright(['calibrate', 'README.md', '--gpu', 'h100']);
    expect([text.status, text.stdout]).toEqual([2, '']);
    expect(text.stderr.split('\n').length).toBeLessThan(60);
    const unknown = planewright([...kernels, 'h1000']);
    expect(unknown.status).toBe(2);
    expect(unknown.stderr).toContain('nearest: h100');
  });

  it('searches plans', async () => {
    const run = planewright(['search', 'examples/small-32.yaml', '--top', '2']);
    expect(run.status).toBe(0);
    await expect(run.stdout).toMatchFileSnapshot('pages/search-small-32.txt');
  });

  it('advises', async () => {
    const run = planewright(['advise', 'examples/small-32.yaml']);
    expect(run.status).toBe(0);
    await expect(run.stdout).toMatchFileSnapshot('pages/advise-small-32.txt');
  });

  it('scales up and out', async () => {
    const run = planewright(['scale', 'examples/small-32.yaml', '--days', '30']);
    expect(run.status).toBe(0);
    await expect(run.stdout).toMatchFileSnapshot('pages/scale-small-32.txt');
  });

  it('names the nearest plan that works where the spec contradicts itself', () => {
    const spec = `
model: llama-3.1-8b
training: {batch: 128, sequence: 2048}
parallelism: {tensor: 3, pipeline: 2, data: 2}
cluster: {node: hgx-h100, gpus: 16}
`;
    const run = planewright(['search', '-', '--top', '1'], { input: spec });
    expect(run.status).toBe(2);
    expect(run.stderr).toContain('do not split over tensor: 3');
    expect(run.stdout).toContain('tensor: 3 -> 4');
  });

  it('says on how many GPUs a model fits that fits nowhere here', () => {
    const spec = `
model: turing-nlg-530b
training: {batch: 64, sequence: 2048}
cluster: {node: hgx-a100-8nic, gpus: 64}
`;
    const run = planewright(['search', '-'], { input: spec });
    expect(run.status).toBe(2);
    expect(run.stderr).toContain('fits no plan on 64 GPUs');
    expect(run.stderr).toMatch(/nearest: 256 GPUs with tensor: 8/);
  });

  it('compares topologies', async () => {
    const run = planewright(['fabric', 'examples/deepseek-v3.yaml', '--compare']);
    expect(run.status).toBe(0);
    await expect(run.stdout).toMatchFileSnapshot('pages/fabric-compare.txt');
  });

  it('lists the catalog with sources', () => {
    expect(planewright(['catalog']).stdout).toContain('hgx-h800');
    expect(planewright(['catalog', 'model', 'deepseek-v3']).stdout).toContain('arXiv');
    expect(planewright(['catalog', 'model', 'deepseek-v4']).stderr).toContain('deepseek-v3');
  });

  it('agrees with every published figure within its tolerance', () => {
    const run = planewright(['validate', '--json']);
    const outcomes = JSON.parse(run.stdout) as { id: string; within: boolean }[];
    expect(outcomes.filter((o) => !o.within).map((o) => o.id)).toEqual([]);
    expect(outcomes.length).toBeGreaterThan(40);
    expect(run.status).toBe(0);
  });

  it('writes every artefact with --out', () => {
    const out = join(scratch, 'plan');
    const run = planewright(['plan', 'examples/small-32.yaml', '--out', out]);
    expect(run.status).toBe(0);
    const names = readdirSync(out).sort();
    expect(names).toEqual(expect.arrayContaining(['fabric.json', 'plan.json', 'routes.json']));
    expect(names.some((n) => n.startsWith('traffic-') && n.endsWith('.csv'))).toBe(true);
    expect(() => JSON.parse(readFileSync(join(out, 'fabric.json'), 'utf8'))).not.toThrow();
    expect(names.filter((n) => n.includes('partial'))).toEqual([]);
  });

  it('reports a missed expectation with status 3', () => {
    const spec = readFileSync('examples/small-32.yaml', 'utf8').replace(/^expect:[\s\S]*$/m, '');
    const file = join(scratch, 'missed.yaml');
    writeFileSync(file, `${spec}\nexpect:\n  - fabric.switches <= 0\n`);
    const run = planewright(['plan', file]);
    expect(run.status).toBe(3);
    expect(run.stderr).toContain('fabric.switches <= 0');
  });
});

describe('bad input', () => {
  const attempt = (text: string | Buffer) => {
    const file = join(scratch, 'bad.yaml');
    writeFileSync(file, text);
    return planewright(['plan', file]);
  };

  it('lists all errors at once, each with its place', () => {
    const good = readFileSync('examples/deepseek-v3.yaml', 'utf8');
    const run = attempt(
      good
        .replace('pipeline: 16', 'pipelin: 16')
        .replace(/64x400G/, '64x400')
        .replace(/sequence: 4096/, 'sequence: -4096'),
    );
    expect(run.status).toBe(2);
    expect(run.stdout).toBe('');
    for (const part of ['pipeline', 'switch', 'sequence']) expect(run.stderr).toContain(part);
    expect(run.stderr.match(/bad\.yaml:\d+:\d+/g)!.length).toBeGreaterThanOrEqual(3);
  });

  it('refuses a directory, a missing file, garbage and an impossible product', () => {
    expect(planewright(['plan', scratch]).stderr).toContain('directory');
    expect(planewright(['plan', join(scratch, 'none.yaml')]).stderr).toContain('no such file');
    const garbage = attempt(Buffer.alloc(10_000_000, 'x: [&a *a {{{\u0000'));
    expect(garbage.status).toBe(2);
    expect(garbage.stderr.length).toBeLessThan(20_000);
    const good = readFileSync('examples/deepseek-v3.yaml', 'utf8');
    const product = attempt(good.replace('gpus: 2048', 'gpus: 2056'));
    expect(product.status).toBe(2);
    expect(product.stderr).toContain('= 2,048');
  });

  it('leaves nothing half-written where it cannot write', () => {
    const blocked = join(scratch, 'a-file');
    writeFileSync(blocked, 'in the way');
    const run = planewright(['plan', 'examples/small-32.yaml', '--out', blocked]);
    expect(run.status).toBe(2);
    expect(run.stderr).toContain('cannot write');
    expect(readFileSync(blocked, 'utf8')).toBe('in the way');
    const nowhere = planewright(['plan', 'examples/small-32.yaml', '--out', '/proc/planewright/plan']);
    expect(nowhere.status).toBe(2);
    expect(nowhere.stderr).toContain('cannot write');
  });
});
