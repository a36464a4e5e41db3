import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { planewright } from '../support/cli.ts';

const scratch = mkdtempSync(join(tmpdir(), 'planewright-fabric-'));
const at = (name: string): string => join(scratch, name);
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const irregular = 'test/fixtures/irregular.ibnetdiscover';
/** Tables that are best for the irregular fabric under all-to-all. */
const lfts = at('lfts.txt');
beforeAll(() => {
  expect(planewright(['route', irregular, '--out', lfts]).status).toBe(0);
});

/** Faults name their file in the scratch folder, which is another one each time. */
const page = (text: string): string => text.replaceAll(scratch, 'SCRATCH');

/** fabric.json of the irregular fabric with its cables changed. */
interface Columns {
  readonly nodes: { readonly names: string[] };
  readonly cables: Record<'a' | 'aPort' | 'b' | 'bPort' | 'rate', number[]> & { dead: number[] };
}
function recabled(
  name: string,
  change: (cables: Columns['cables'], find: (a: string, b: string) => number) => void,
): string {
  planewright(['import', irregular, '--out', at('fabric.json')]);
  const document = JSON.parse(readFileSync(at('fabric.json'), 'utf8')) as Columns;
  const { cables } = document;
  const { names } = document.nodes;
  change(cables, (a, b) =>
    cables.a.findIndex((x, i) => [names[x], names[cables.b[i]!]].sort().join() === [a, b].sort().join()),
  );
  writeFileSync(at(name), JSON.stringify(document));
  return at(name);
}

describe('every fabric command', () => {
  it.each(['import', 'route', 'verify', 'profile', 'diff', 'export'])(
    '%s --help has an example',
    (command) => {
      const run = planewright([command, '--help']);
      expect(run.status).toBe(0);
      expect(run.stdout).toMatch(/Examples?:\n {2}planewright/);
    },
  );

  it.each(['route', 'verify', 'profile', 'diff'])('%s names everything wrong with its traffic', (command) => {
    const files = command === 'route' ? [irregular] : [irregular, command === 'diff' ? irregular : lfts];
    const run = planewright([command, ...files, '--traffic', 'al-to-all,same-rail:0']);
    expect(run.status).toBe(2);
    expect(run.stdout).toBe('');
    expect(run.stderr).toContain('nearest: all-to-all');
    expect(run.stderr).toContain('a priority is a number above 0');
  });
});

describe('import', () => {
  it('says what is uneven, missing or special', async () => {
    const run = planewright(['import', irregular]);
    expect(run.status).toBe(0);
    await expect(run.stdout).toMatchFileSnapshot('pages/import-irregular.txt');
  });

  it('reads gzip and stdin alike, and writes a file that says the same', () => {
    const text = readFileSync(irregular);
    writeFileSync(at('irregular.gz'), gzipSync(text));
    const plain = JSON.parse(planewright(['import', irregular, '--json', '--out', at('same.json')]).stdout);
    for (const [args, options] of [
      [[at('irregular.gz')], {}],
      [['-'], { input: text }],
      [[at('same.json')], {}],
    ] as const) {
      const again = JSON.parse(planewright(['import', ...args, '--json'], options).stdout);
      expect({ ...again, summary: { ...again.summary, name: '' } }).toEqual({
        ...plain,
        summary: { ...plain.summary, name: '' },
      });
    }
  });

  it('refuses what it cannot read', () => {
    for (const [file, said] of [
      [at('none'), 'no such file'],
      ['package.json', 'no format for fabrics'],
      ['docs', 'no such file'],
    ] as const) {
      const run = planewright(['import', file]);
      expect(run.status).toBe(2);
      expect(run.stderr).toContain(said);
    }
  });
});

describe('route', () => {
  it('shows loads before and after, and the bounds', async () => {
    const traffic = ['--traffic', 'all-to-all:1,shift:3:2', '--tables', lfts];
    const run = planewright(['route', irregular, ...traffic]);
    expect(run.status).toBe(0);
    expect(run.stderr).toMatch(/tables made in/);
    await expect(run.stdout).toMatchFileSnapshot('pages/route-irregular.txt');
  });

  it('writes the same tables every time, on stdout too', () => {
    const run = planewright(['route', irregular, '--out', '-']);
    expect(run.stdout).toBe(readFileSync(lfts, 'utf8'));
  });

  it('serves a demand by name, and says what is wrong with one', () => {
    writeFileSync(at('demand.csv'), 'from,to,bytes\ngpu01,gpu09,5000000000\ngpu02 mlx5_0,gpu10,5000000000\n');
    const run = planewright(['route', irregular, '--traffic', at('demand.csv'), '--json']);
    const { traffic } = JSON.parse(run.stdout);
    // Two destinations below one leaf with four uplinks at 25 GB/s: each takes one whole.
    expect(traffic[0].wholeDestinationBound).toBe(0.2);
    writeFileSync(at('wrong.csv'), 'gpu01,gpu0x,5\ngpu01,gpu02\n');
    const wrong = planewright(['route', irregular, '--traffic', at('wrong.csv')]);
    expect(wrong.status).toBe(2);
    expect(wrong.stderr).toMatch(/wrong\.csv:1: .*gpu0x[\s\S]*wrong\.csv:2: /);
  });

  it('warns of pairs that no tables can join', () => {
    const without = [
      'link:rack1-leaf-row-spine1',
      'link:rack1-leaf-row-spine2',
      'link:rack1-leaf-row-spine3',
    ];
    const run = planewright(['route', irregular, '--without', ...without]);
    expect(run.status).toBe(0);
    expect(run.stderr).toContain('(leaf, endpoint) pairs have no up/down path');
  });
});

describe('route, beyond one set of tables', () => {
  const without = ['--without', 'spine:row-spine2'];

  it('repairs the current tables with few changes, and says how many', async () => {
    const out = at('repaired.txt');
    const run = planewright(['route', irregular, '--tables', lfts, ...without, '--repair', '--out', out]);
    expect(run.status).toBe(0);
    await expect(run.stdout.split('Try next')[0]!).toMatchFileSnapshot('pages/route-repaired.txt');
    expect(planewright(['verify', irregular, out, ...without]).status).toBe(0);
    // Without --repair the repair is shown beside the new tables.
    const shown = JSON.parse(
      planewright(['route', irregular, '--tables', lfts, ...without, '--json']).stdout,
    );
    expect(shown.repair.changedEntries).toBeGreaterThan(0);
    expect(shown.before.map((t: { tables: string }) => t.tables)).toContain('current tables, repaired');
  });

  it('finds nothing to repair where nothing broke', () => {
    const run = planewright(['route', irregular, '--tables', lfts, '--repair', '--out', at('same.txt')]);
    expect(run.status).toBe(0);
    expect(run.stdout).toContain('Nothing in the current tables is broken');
    expect(readFileSync(at('same.txt'), 'utf8')).toBe(readFileSync(lfts, 'utf8'));
  });

  it('writes tables for every single failure, each of which verifies', () => {
    const folder = at('backups');
    const run = planewright(['route', irregular, '--backup', folder, '--json']);
    expect(run.status).toBe(0);
    const { backups } = JSON.parse(run.stdout) as { backups: { kind: string; count: number }[] };
    const names = readdirSync(folder);
    expect(names).toHaveLength(backups.reduce((n, b) => n + b.count, 0));
    for (const name of [names[0]!, ...names.filter((n) => n.startsWith('spine-'))]) {
      const stem = name.replace('.lfts.gz', '');
      const part = stem.startsWith('spine-')
        ? stem.replace('spine-', 'spine:')
        : stem.replace(/^link-(.*)-(\d+)$/, 'link:$1:$2');
      const check = planewright(['verify', irregular, join(folder, name), '--without', part]);
      expect([part, check.status]).toEqual([part, 0]);
    }
  });

  it('makes tables for every LID of a port, and says what NCCL has of them', () => {
    const out = at('lmc.txt');
    const run = planewright(['route', irregular, '--lmc', '1', '--out', out]);
    expect(run.status).toBe(0);
    expect(run.stdout).toContain('NCCL uses the base LID');
    const check = planewright(['verify', irregular, out]);
    expect(check.status).toBe(0);
    expect(check.stdout).toContain('leaf to endpoint, LID + 1');
  });

  it('leaves pairs without an up/down path out on request', () => {
    const { valley } = JSON.parse(planewright(['route', irregular, '--json']).stdout);
    expect(valley.pairs).toBeGreaterThan(0);
    expect(valley.leftOut).toBe(0);
    const run = planewright(['route', irregular, '--valleys', 'omit', '--out', at('omit.txt'), '--json']);
    expect(JSON.parse(run.stdout).valley.leftOut).toBe(valley.pairs);
    expect(run.stderr).toContain('as asked');
    expect(planewright(['verify', irregular, at('omit.txt')]).status).toBe(3);
  });

  it('refuses wiring that is no tree, and routes it up and down from a root when asked', () => {
    const rows = [0, 1, 2, 3, 4, 5].map(
      (i) => `h${i},1,sw${i},1,400 Gb/s\nh1${i},1,sw${i},2,400 Gb/s\nsw${i},3,sw${(i + 1) % 6},4,400 Gb/s`,
    );
    writeFileSync(at('ring.csv'), `a,a_port,b,b_port,rate\n${rows.join('\n')}\n`);
    const refused = planewright(['route', at('ring.csv'), '--out', at('ring.json')]);
    expect(refused.status).toBe(2);
    expect(refused.stderr).toContain('no tree: 6 cables join switches of one tier');
    expect(existsSync(at('ring.json'))).toBe(false);
    const run = planewright(['route', at('ring.csv'), '--up-down', '--out', at('ring.json'), '--json']);
    expect(JSON.parse(run.stdout).after).toMatchObject({ reachable: true, deadlockFree: true });
  });

  it('warns of two fabrics in one file', () => {
    const text = readFileSync(irregular, 'utf8');
    const second = text.replace(/7c([1-4])0/g, '9d$10').replace(/rack|row-|gpu/g, 'other-$&');
    writeFileSync(at('two.ibnetdiscover'), `${text}\n${second}`);
    const run = planewright(['import', at('two.ibnetdiscover')]);
    expect(run.status).toBe(0);
    expect(run.stderr).toContain('two fabrics in one file');
    expect(run.stderr).toContain('33 more nodes share theirs');
  });

  it('says everything that the options together cannot do', () => {
    const run = planewright(['route', irregular, '--repair', '--lmc', '2']);
    expect(run.status).toBe(2);
    expect(run.stderr).toContain('no tables to repair');
    expect(run.stderr).toContain('keeps the LIDs');
    const flows = planewright(['route', irregular, '--flow-based', '--traffic', 'permutation']);
    expect(flows.status).toBe(2);
    expect(flows.stderr).toContain('InfiniBand tables know destinations only');
  });
});

describe('verify', () => {
  it('finds nothing wrong with our tables', async () => {
    const run = planewright(['verify', irregular, lfts]);
    expect(run.status).toBe(0);
    await expect(run.stdout).toMatchFileSnapshot('pages/verify-irregular.txt');
  });

  it('lists what is wrong with tables of yesterday, status 3', async () => {
    const run = planewright(['verify', irregular, lfts, '--without', 'spine:row-spine2', '--json']);
    expect(run.status).toBe(3);
    const { wrong } = JSON.parse(run.stdout) as { wrong: string[] };
    await expect(page(`${wrong.join('\n')}\n`)).toMatchFileSnapshot('pages/verify-broken.txt');
  });

  it('finds a hole, a loop and a port without a cable', () => {
    const text = readFileSync(lfts, 'utf8');
    const [line] = /^0x\w+ \d+ # Channel Adapter portguid \w+: 'gpu24 mlx5_0'$/m.exec(text)!;
    const lid = line.slice(0, 6);
    const section = (name: string, entry: string): string =>
      text.replace(new RegExp(`(\\('${name}'\\):\\n(?:0x.*\\n)*?)${lid} .*\\n`), `$1${entry}`);
    const tried = (name: string, port: string | null) => {
      const changed = section(name, port === null ? '' : line.replace(/ \d+ /, ` ${port} `).concat('\n'));
      expect(changed).not.toBe(text);
      writeFileSync(at('bad.txt'), changed);
      const run = planewright(['verify', irregular, at('bad.txt'), '--json']);
      expect(run.status).toBe(3);
      return (JSON.parse(run.stdout).wrong as string[]).join('\n');
    };
    expect(tried('rack1-leaf', null)).toContain('no entry at rack1-leaf');
    expect(tried('rack1-leaf', '020')).toContain('entries on a port without a cable');
    expect(tried('rack1-leaf', '003')).toContain('wrong endpoint');
    // Spines 1 and 3 both lead to gpu24's leaf; sending it back up is a loop.
    expect(tried('row-spine1', '001')).toMatch(/loop|circle/);
  });

  it('refuses the tables of another fabric', () => {
    writeFileSync(at('other.txt'), readFileSync(lfts, 'utf8').replaceAll('0x7c', '0x99'));
    const run = planewright(['verify', irregular, at('other.txt')]);
    expect(run.status).toBe(2);
    expect(run.stderr).toContain('another fabric');
  });
});

describe('profile', () => {
  it('names hot links with their causes and cures', async () => {
    // Tables that are made for two receivers jam under all-to-all.
    planewright(['route', irregular, '--traffic', 'incast:6', '--out', at('incast.txt')]);
    const run = planewright(['profile', irregular, at('incast.txt'), '--top', '4']);
    expect(run.status).toBe(0);
    await expect(run.stdout).toMatchFileSnapshot('pages/profile-irregular.txt');
  });
});

describe('diff', () => {
  it('finds nothing between a fabric and itself', () => {
    const run = planewright(['diff', irregular, irregular]);
    expect(run.status).toBe(0);
    expect(run.stdout).toContain('No differences');
  });

  it('orders repairs by what they cost', async () => {
    const observed = recabled('observed.json', (cables, find) => {
      const remove = (i: number): void => {
        for (const column of ['a', 'aPort', 'b', 'bPort', 'rate'] as const) cables[column].splice(i, 1);
      };
      remove(find('rack1-leaf', 'row-spine1'));
      remove(find('gpu03 mlx5_0', 'rack1-leaf'));
      cables.rate[find('rack2-leaf', 'row-spine2')]! /= 2;
      cables.bPort[find('rack3-leaf', 'row-spine2')] = 30;
      const x = find('rack5-leaf', 'row-spine1');
      const y = find('rack6-leaf', 'row-spine3');
      for (const column of ['b', 'bPort'] as const)
        [cables[column][x], cables[column][y]] = [cables[column][y]!, cables[column][x]!];
    });
    const run = planewright(['diff', irregular, observed]);
    expect(run.status).toBe(3);
    await expect(run.stdout).toMatchFileSnapshot('pages/diff-irregular.txt');
    const { repairs } = JSON.parse(planewright(['diff', irregular, observed, '--json']).stdout);
    expect(repairs).toHaveLength(5);
  });
});

describe('export', () => {
  it('writes what OpenSM and ibsim need', () => {
    const sets = { opensm: [], ibsim: ['net.ibnetdiscover'] };
    for (const [to, more] of Object.entries(sets)) {
      const run = planewright(['export', irregular, '--to', to, '--out', at(to)]);
      expect(run.status).toBe(0);
      const names = ['compute.txt', 'guid2lid', 'lfts.txt', ...more, 'opensm.conf', 'roots.txt'];
      expect(readdirSync(at(to)).sort()).toEqual(names.sort());
    }
    const run = planewright(['verify', join(at('ibsim'), 'net.ibnetdiscover'), at('ibsim')]);
    expect(run.status).toBe(0);
  });

  it('draws on stdout', () => {
    expect(planewright(['export', irregular, '--to', 'dot']).stdout).toMatch(/^graph "irregular" \{/);
    expect(planewright(['export', irregular, '--to', 'graphml']).stdout).toContain('<graphml');
  });

  it('says that a set of files needs a folder', () => {
    const run = planewright(['export', irregular, '--to', 'opensm']);
    expect(run.status).toBe(2);
    expect(run.stderr).toContain('--out FOLDER');
  });
});

describe('a designed fabric of two planes', () => {
  const spec = at('two-planes.yaml');
  const plan = at('plan');
  beforeAll(() => {
    const small = readFileSync('examples/small-32.yaml', 'utf8');
    writeFileSync(spec, small.replace('topology: fat-tree,', 'topology: multi-plane-fat-tree, planes: 2,'));
    expect(planewright(['plan', spec, '--out', plan]).status).toBe(0);
  });

  it('gets a file of tables a plane, for its own traffic', () => {
    const traffic = `${join(plan, 'plan.json')},all-to-all`;
    const out = at('planes');
    const run = planewright(['route', plan, '--traffic', traffic, '--out', out, '--json']);
    expect(run.status).toBe(0);
    const { after, traffic: demands } = JSON.parse(run.stdout);
    expect(after).toMatchObject({ reachable: true, deadlockFree: true });
    expect(demands[0].wholeDestinationBound).toBeGreaterThan(0);
    expect(readdirSync(out).sort()).toEqual(['lfts-plane0.txt', 'lfts-plane1.txt']);
    expect(planewright(['verify', plan, out, '--traffic', traffic]).status).toBe(0);
  });

  it('is exported a subnet a plane, for its own traffic unless another is named', () => {
    const run = planewright(['export', plan, '--to', 'opensm', '--out', at('subnets')]);
    expect(run.status).toBe(0);
    expect(readdirSync(at('subnets')).filter((n) => n.includes('plane1'))).toHaveLength(5);
  });

  it('says that a plan without its matrices holds no demand', () => {
    writeFileSync(at('alone.json'), readFileSync(join(plan, 'plan.json')));
    const run = planewright(['route', plan, '--traffic', at('alone.json')]);
    expect(run.status).toBe(2);
    expect(run.stderr).toContain('traffic-nic.csv');
  });

  it('is refused tables by LID when it is RoCE, and gets routes.json', () => {
    const text = readFileSync(spec, 'utf8').replace('transport: infiniband', 'transport: roce');
    writeFileSync(at('roce.yaml'), text);
    const roce = at('roce');
    expect(planewright(['plan', at('roce.yaml'), '--out', roce]).status).toBe(0);
    const refused = planewright(['route', roce, '--out', at('roce.txt')]);
    expect(refused.status).toBe(2);
    expect(refused.stderr).toContain('RoCE');
    expect(planewright(['route', roce, '--out', at('roce.json')]).status).toBe(0);
    const pins = ['--traffic', 'permutation', '--flow-based', '--out', at('pins.json'), '--json'];
    const pinned = planewright(['route', roce, ...pins]);
    expect(JSON.parse(pinned.stdout).flowBased).toMatchObject({ worstLoad: 1, contentionFree: true });
    expect(JSON.parse(readFileSync(at('pins.json'), 'utf8')).pins.length).toBeGreaterThan(0);
    expect(existsSync(at('roce.json'))).toBe(true);
    expect(planewright(['export', roce, '--to', 'opensm', '--out', at('no')]).status).toBe(2);
  });
});

/** A real fabric with missing cables, SHARP nodes and nameless adapters, and its tables under OpenSM's dfsssp. */
const sample = '../shared/samples/ib/superpod-ndr.ibnetdiscover';
const dfsssp = '../shared/samples/ib/superpod-ndr.dfsssp.lfts.gz';
const present = existsSync(sample) && existsSync(dfsssp);
if (!present) console.log(`skipped: the real fabric needs ${sample}`);

describe.skipIf(!present)('the real NDR fabric', () => {
  it('is found to have four rails of 31 leaves, and its faults', () => {
    const { summary, rails, findings } = JSON.parse(planewright(['import', sample, '--json']).stdout);
    expect(summary).toMatchObject({
      endpoints: 542,
      leaves: 31,
      spines: 9,
      interSwitchLinks: 532,
      layers: 2,
      planes: 1,
    });
    expect(rails).toMatchObject({ count: 4, wired: true, sizes: [139, 139, 123, 141] });
    const counts = Object.fromEntries(
      (findings as { id: string; count: number }[]).map((f) => [f.id, f.count]),
    );
    expect(counts).toMatchObject({ aggregators: 40, 'below-spines': 9, 'missing-cables': 16, nameless: 72 });
  });

  it('gets one set of tables for all-to-all and same-rail, against 925 and 258 under dfsssp', () => {
    const out = at('real.txt');
    const traffic = ['--traffic', 'all-to-all,same-rail'];
    const run = planewright(['route', sample, ...traffic, '--tables', dfsssp, '--out', out, '--json']);
    expect(run.status).toBe(0);
    const { before, after, traffic: bounds } = JSON.parse(run.stdout);
    type Load = { upPairs: number; downPairs: number };
    const pairs = (t: { traffic: Load[] }) => t.traffic.map((l) => [l.upPairs, l.downPairs]);
    // What opensm-link-load.json says of dfsssp, counted by another program.
    expect(pairs(before[0])).toEqual([
      [648, 925],
      [198, 258],
    ]);
    for (const [i, most] of [635, 162].entries())
      for (const load of pairs(after)[i]!) expect(load).toBeLessThanOrEqual(most);
    expect(bounds.map((b: { fractionalBoundPairs: number }) => b.fractionalBoundPairs)).toEqual([
      628.8, 145.2,
    ]);
    expect(bounds.map((b: { wholeDestinationBoundPairs: number }) => b.wholeDestinationBoundPairs)).toEqual([
      630, 162,
    ]);
    const seconds = /tables made in ([\d.]+) (m?s)/.exec(run.stderr)!;
    expect(Number(seconds[1]) / (seconds[2] === 'ms' ? 1000 : 1)).toBeLessThan(5);
    expect(planewright(['verify', sample, out]).status).toBe(0);
  });

  it('needs virtual lanes under dfsssp, which verify says', () => {
    const run = planewright(['verify', sample, dfsssp]);
    expect(run.status).toBe(3);
    expect(run.stdout).toContain('wait in a circle');
    expect(run.stdout).toMatch(/2 virtual lanes would do,\s+with 74 of 23720 paths/);
    expect(planewright(['verify', sample, dfsssp, '--lanes', '2']).status).toBe(0);
  });
});
