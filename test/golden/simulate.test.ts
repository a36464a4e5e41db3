import { spawn } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { planewright, ROOT } from '../support/cli.ts';

const scratch = mkdtempSync(join(tmpdir(), 'planewright-simulate-'));
const at = (name: string): string => join(scratch, name);
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const tree = 'test/fixtures/tree16.topo';
const matrix = 'test/fixtures/tree16.cm';
const irregular = 'test/fixtures/irregular.ibnetdiscover';

describe('simulate', () => {
  it('has an example in its help', () => {
    expect(planewright(['simulate', '--help']).stdout).toMatch(/Examples?:\n {2}planewright/);
  });

  it('compares routings for the flows of a connection matrix', async () => {
    const routing = ['--routing', 'ecmp,ecmp:4,modulo,static,adaptive,hybrid:4,ideal'];
    const run = planewright(['simulate', tree, '--traffic', matrix, ...routing, '--top', '2']);
    expect(run.stderr).toBe('');
    expect(run.status).toBe(0);
    await expect(run.stdout).toMatchFileSnapshot('pages/simulate-tree.txt');
  });

  it('shows jobs side by side, and who suffers from a failure, at packet level', async () => {
    const traffic = ['--traffic', 'permutation,4xshift:1>20us>incast:5'];
    const fail = ['--fail', 'link:leaf0-spine1@10us', 'spine:spine2@30us', '--reroute-after', '5us'];
    const run = planewright([
      'simulate',
      tree,
      ...traffic,
      ...fail,
      '--routing',
      'modulo,adaptive',
      '--fidelity',
      'packet',
      '--top',
      '3',
    ]);
    expect(run.status).toBe(0);
    await expect(run.stdout).toMatchFileSnapshot('pages/simulate-failure.txt');
  });

  it('takes real tables, an irregular fabric and a size', () => {
    const lfts = at('lfts.txt');
    planewright(['route', irregular, '--out', lfts]);
    const args = ['simulate', irregular, '--size', '1MB', '--routing', `${lfts},ideal`, '--json'];
    const { outcomes } = JSON.parse(planewright(args).stdout);
    expect(outcomes.map((o: { routing: string }) => o.routing)).toEqual(['lfts.txt', 'ideal']);
    expect(outcomes[0].completion.median).toBeGreaterThanOrEqual(outcomes[1].completion.median);
  });

  it('simulates the step of a plan by its folder', () => {
    const plan = at('plan');
    planewright(['plan', 'examples/small-32.yaml', '--out', plan]);
    const run = planewright(['simulate', plan, '--routing', 'modulo', '--json']);
    expect(run.status).toBe(0);
    expect(JSON.parse(run.stdout).flows).toBeGreaterThan(0);
  });

  it('writes every flow and link and a timeline that a trace viewer opens, the same each time', () => {
    const args = ['simulate', tree, '--traffic', matrix, '--routing', 'ecmp,ideal', '--json'];
    const first = planewright([...args, '--out', at('one')]);
    const second = planewright([...args, '--out', at('two')]);
    expect(second.stdout).toBe(first.stdout);
    expect(readdirSync(at('one')).sort()).toEqual(['flows.csv', 'links.csv', 'timeline.json']);
    const text = (folder: string, name: string) => readFileSync(join(at(folder), name), 'utf8');
    for (const name of readdirSync(at('one'))) expect(text('two', name)).toBe(text('one', name));
    expect(text('one', 'flows.csv').trim().split('\n')).toHaveLength(1 + 2 * 8);
    const rows = text('one', 'links.csv').trim().split('\n').slice(1);
    for (const row of rows) expect(Number(row.split(',').at(-1))).toBeLessThanOrEqual(1 + 1e-9);
    const { traceEvents } = JSON.parse(text('one', 'timeline.json')) as {
      traceEvents: { ph: string; pid: number; tid?: number; ts?: number; dur?: number; name: string }[];
    };
    const slices = traceEvents.filter((e) => e.ph === 'X');
    expect(slices).toHaveLength(8);
    for (const e of slices) expect(e.ts! >= 0 && e.dur! > 0 && e.tid! > 0).toBe(true);
    expect(traceEvents.filter((e) => e.ph === 'C').length).toBeGreaterThan(10);
    expect(new Set(traceEvents.map((e) => e.ph))).toEqual(new Set(['M', 'X', 'C']));
  });
});

describe('profile without tables', () => {
  it('shows how far pins get, and the knee', async () => {
    const run = planewright(['profile', tree, '--traffic', 'permutation', '--seed', '2', '--pins', '8']);
    expect(run.stderr).toBe('');
    expect(run.status).toBe(0);
    await expect(run.stdout).toMatchFileSnapshot('pages/profile-pins.txt');
  });

  it('takes a spec: what its operations gain', () => {
    const run = planewright(['profile', 'examples/small-32.yaml', '--json']);
    expect(run.status).toBe(0);
    const { profile, pinCurve } = JSON.parse(run.stdout);
    expect(pinCurve.points[0]).toMatchObject({ pinned: 0, ratio: 1 });
    expect(pinCurve.points[0].maxLoad).toBe(profile.hotPathCurve[0].maxLoad);
    expect(pinCurve.points[0].seconds).toBeGreaterThan(0);
  });
});

describe('bad input', () => {
  it('names every flow that nobody can send, with its line, and writes nothing', () => {
    const file = at('bad.cm');
    writeFileSync(
      file,
      'Nodes 16\nConnections 3\n0->0 id 1 start 0 size 5\n1->99 id 2 start 0 size 5\n2->3 id 3 start 0 size 0\n',
    );
    const run = planewright(['simulate', tree, '--traffic', file, '--out', at('nothing')]);
    expect(run.status).toBe(2);
    expect(run.stderr).toMatch(
      /bad\.cm:3: flow 0 goes from host 0 to itself[\s\S]*bad\.cm:4: .*host 99[\s\S]*bad\.cm:5: flow 2/,
    );
    expect(existsSync(at('nothing'))).toBe(false);
    const cut = ['--without', 'leaf:leaf0'];
    const lost = planewright(['simulate', tree, '--traffic', matrix, ...cut]);
    expect(lost.status).toBe(2);
    expect(lost.stderr).toMatch(/tree16\.cm:4: flow 0 \(host0 -> host4\) has no way/);
    writeFileSync(at('bad.csv'), 'from,to,bytes\nhost0,host0,5\nhost1,host2,0\nhost1,hst3,1\n');
    const csv = planewright(['simulate', tree, '--traffic', at('bad.csv')]);
    expect(csv.status).toBe(2);
    expect(csv.stderr).toMatch(
      /bad\.csv:2: [\s\S]*bad\.csv:3: [\s\S]*bad\.csv:4: .*hst3[\s\S]*nearest: host3/,
    );
  });

  it('refuses words, sizes and failures that it does not know', () => {
    for (const [args, said] of [
      [['--routing', 'ecpm'], 'unknown routing'],
      [['--size', '2'], 'needs a unit'],
      [['--fail', 'link:leaf0-spine9@1ms'], "no node 'spine9'"],
      [['--fail', 'leaf0'], 'a part and a time'],
      [['--traffic', '90000xpermutation,90000xall-to-all'], 'more than memory holds'],
    ] as const) {
      const run = planewright(['simulate', tree, ...args]);
      expect(run.status).toBe(2);
      expect(run.stdout).toBe('');
      expect(run.stderr).toContain(said);
    }
  });

  it('leaves no half file when it is interrupted', async () => {
    const out = at('interrupted');
    mkdirSync(out);
    const child = spawn(
      process.execPath,
      ['dist/cli/main.js', 'simulate', tree, '--traffic', '500xall-to-all', '--seeds', '200', '--out', out],
      { cwd: ROOT, stdio: ['ignore', 'ignore', 'pipe'] },
    );
    let stderr = '';
    child.stderr.on('data', (text) => {
      stderr += text;
    });
    await new Promise((resolve) => setTimeout(resolve, 2500));
    child.kill('SIGINT');
    const status = await new Promise((resolve) => child.on('exit', resolve));
    expect(stderr).toContain('interrupted');
    expect(status).toBe(130);
    expect(readdirSync(out)).toEqual([]);
  });
});
