import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { NodeKind } from '../fabric/types.ts';
import { fromText } from './bytes.ts';
import { ibnetdiscover } from './ibnetdiscover.ts';

const root = new URL('../../', import.meta.url);
const fixture = readFileSync(new URL('test/fixtures/irregular.ibnetdiscover', root), 'utf8');
const sample = (name: string) => fileURLToPath(new URL(`../shared/samples/ib/${name}`, root));

async function read(text: string) {
  return ibnetdiscover.read(fromText(text), 'irregular.ibnetdiscover');
}

async function fabricOf(text: string) {
  const result = await read(text);
  if (!result.ok) throw new Error(result.issues.map((i) => i.message).join('\n'));
  return result.value;
}

function count(array: ArrayLike<number>, value: number): number {
  return Array.from(array).filter((x) => x === value).length;
}

describe('the irregular fixture', () => {
  test('has 24 hosts, 6 leaves, 3 spines, an aggregation node and 30 uplinks', async () => {
    const f = await fabricOf(fixture);
    expect(f.hosts.count).toBe(24);
    expect(f.endpoints).toBe(25);
    expect(count(f.kind, NodeKind.aggregator)).toBe(1);
    expect([count(f.tier, 1), count(f.tier, 2), count(f.tier, 3)]).toEqual([6, 3, 0]);
    expect([f.planes, f.layers]).toEqual([1, 2]);
    let uplinks = 0;
    for (let l = 0; l < f.links; l++)
      if (f.linkFrom[l]! >= f.endpoints && f.linkDirection[l] === 1) uplinks++;
    expect(uplinks).toBe(30);
    // Nodes come sorted by name; ports, LIDs and GUIDs are those of the dump.
    expect(f.names[25]).toBe('rack1-leaf');
    expect(f.names[33]).toBe('row-spine3');
    expect(f.lid![25]).toBe(40);
    expect(f.guid![25]).toBe('7c10000000000100');
    expect(Array.from(f.linkPort.subarray(f.linkStart[25]!, f.linkStart[26]!))).toEqual([
      1, 2, 3, 4, 5, 21, 22, 23, 24, 25,
    ]);
  });

  test('keeps the rate of each cable: 4xHDR is 25 GB/s, 2xHDR half of it', async () => {
    const f = await fabricOf(fixture);
    expect(count(f.linkRate, 12.5e9)).toBe(2);
    expect(count(f.linkRate, 25e9)).toBe(f.links - 2);
  });

  test('is the same whatever block the dump starts with', async () => {
    const blocks = fixture.split(/\n\n/).slice(1);
    const turned = [...blocks.slice(7), ...blocks.slice(0, 7)].join('\n\n');
    const [a, b] = [await fabricOf(fixture), await fabricOf(turned)];
    expect(b.names).toEqual(a.names);
    expect(b.linkTo).toEqual(a.linkTo);
    expect(b.hosts).toEqual(a.hosts);
  });

  test('is the same in chunks of any size', async () => {
    const bytes = new TextEncoder().encode(fixture);
    const whole = await fabricOf(fixture);
    for (const size of [7, 100, 4096]) {
      const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) =>
        bytes.subarray(i * size, (i + 1) * size),
      );
      const result = await ibnetdiscover.read(chunks, 'irregular.ibnetdiscover');
      expect(result).toEqual({ ok: true, value: whole, issues: [] });
    }
  });
});

describe('damaged dumps', () => {
  test('a cut port line is an error with its line', async () => {
    const lines = fixture.split('\n');
    const at = lines.findIndex((l) => l.startsWith('[21]'));
    lines[at] = lines[at]!.slice(0, 30);
    const result = await read(lines.join('\n'));
    expect(result.ok).toBe(false);
    expect(result.issues.find((i) => i.code === 'truncated-line')).toMatchObject({
      line: at + 1,
      file: 'irregular.ibnetdiscover',
    });
  });

  test('a cut end of the file names what is missing', async () => {
    const adapters = await read(fixture.slice(0, fixture.indexOf('Ca\t1 "H-7c30000000000310"')));
    expect(adapters.ok && adapters.value.hosts).toEqual((await fabricOf(fixture)).hosts);
    expect(adapters.issues.filter((i) => i.code === 'one-sided-link')).toHaveLength(9);
    const switches = await read(
      fixture.slice(0, fixture.indexOf('vendid', fixture.indexOf('row-spine1:MQM8700/U1" enhanced'))),
    );
    expect(switches.ok).toBe(false);
    expect(switches.issues.map((i) => i.code)).toContain('unknown-node');
  });

  test('a cable told from one end stands, with a warning', async () => {
    const lines = fixture.split('\n');
    const at = lines.findIndex((l) => l.startsWith('[21]'));
    lines.splice(at, 1);
    const result = await read(lines.join('\n'));
    expect(result.ok).toBe(true);
    expect(result.issues.map((i) => [i.code, i.severity])).toEqual([['one-sided-link', 'warning']]);
    expect(result.ok && result.value.links).toBe((await fabricOf(fixture)).links);
  });

  test('what one end leaves out is taken from the other, LIDs too', async () => {
    const line = /\n\[1\]\(7c30000000000300\) .*/;
    const f = await fabricOf(fixture.replace(line, ''));
    expect(f.lid).toEqual((await fabricOf(fixture)).lid);
  });

  test('a GUID declared twice names both lines', async () => {
    const line = fixture.split('\n').findIndex((l) => l.startsWith('Switch')) + 1;
    const result = await read(`${fixture}\n${fixture.split('\n\n')[1]}`);
    expect(result.ok).toBe(false);
    expect(result.issues[0]).toMatchObject({ code: 'duplicate-guid' });
    expect(result.issues[0]!.message).toContain(`line ${line}`);
  });

  test('two ends that disagree are an error', async () => {
    const result = await read(
      fixture.replace(
        '[1](7c30000000000301) \t"S-7c10000000000100"[2]',
        '[1](7c30000000000301) \t"S-7c10000000000100"[3]',
      ),
    );
    expect(result.ok).toBe(false);
    expect(result.issues.map((i) => i.code)).toContain('conflicting-link');
  });

  test('no line of it can break the reader', async () => {
    const lines = fixture.split('\n');
    await fc.assert(
      fc.asyncProperty(fc.nat(lines.length - 1), fc.string(), async (at, junk) => {
        const result = await read([...lines.slice(0, at), junk, ...lines.slice(at + 1)].join('\n'));
        expect(result.ok || result.issues.some((i) => i.severity === 'error')).toBe(true);
      }),
      { numRuns: 60 },
    );
  });
});

describe('what real fabrics do', () => {
  test('a management adapter under a spine does not make it a leaf', async () => {
    const port = '[40]\t"H-7c50000000000500"[1](7c50000000000500) \t\t# "manager mlx5_0" lid 61 4xHDR';
    const spine = '"S-7c20000000000200"';
    const withPort = fixture.replace(/(Switch\t41 "S-7c20000000000200".*\n)/, `$1${port}\n`);
    const f = await fabricOf(
      `${withPort}\nCa\t1 "H-7c50000000000500"\t\t# "manager mlx5_0"\n[1](7c50000000000500) \t${spine}[40]\t\t# lid 61 lmc 0 "x" lid 50 4xHDR\n`,
    );
    expect([count(f.tier, 1), count(f.tier, 2), count(f.tier, 3)]).toEqual([6, 3, 0]);
  });

  test('a leaf that nothing is plugged into is not a core', async () => {
    const gone = new Set(['7c30000000000305', '7c30000000000306', '7c30000000000307', '7c30000000000308']);
    const text = fixture
      .split('\n\n')
      .map((block) =>
        block
          .split('\n')
          .filter((l) => !(/^\[\d+\]\t"H-/.test(l) && [...gone].some((g) => l.includes(g))))
          .join('\n'),
      )
      .filter((block) => ![...gone].some((g) => block.includes(`caguid=0x${g}`)))
      .join('\n\n');
    const f = await fabricOf(text);
    expect(f.hosts.count).toBe(20);
    expect([count(f.tier, 1), count(f.tier, 2), count(f.tier, 3)]).toEqual([6, 3, 0]);
  });
});

describe('dumps of real fabrics', () => {
  const superpod = sample('superpod-ndr.ibnetdiscover');
  test.skipIf(!existsSync(superpod))(
    'an NDR fabric with 31 leaves and 9 spines (skipped without ../shared/samples)',
    async () => {
      const result = await ibnetdiscover.read([readFileSync(superpod)], superpod);
      if (!result.ok) throw new Error(result.issues.map((i) => i.message).join('\n'));
      const f = result.value;
      expect(f.name).toBe('superpod-ndr');
      expect(f.endpoints).toBe(582);
      expect(count(f.kind, NodeKind.aggregator)).toBe(40);
      expect([count(f.tier, 1), count(f.tier, 2)]).toEqual([31, 9]);
      let uplinks = 0;
      for (let l = 0; l < f.links; l++)
        if (f.linkFrom[l]! >= f.endpoints && f.linkDirection[l] === 1) uplinks++;
      expect(uplinks).toBe(532);
      expect(f.linkRate.every((r) => r === 50e9)).toBe(true);
      const host = f.hosts.names.indexOf('a08-p1-dgx-04-c01');
      const nics = Array.from(f.hosts.of.keys()).filter((e) => f.hosts.of[e] === host);
      expect(nics.map((e) => f.names[e])).toEqual([0, 1, 4, 5].map((d) => `a08-p1-dgx-04-c01 mlx5_${d}`));
      expect(nics.map((e) => f.hosts.nic[e])).toEqual([0, 1, 2, 3]);
      expect(f.lid![nics[3]!]).toBe(647);
      expect(result.issues.map((i) => i.code)).toEqual(['nameless-adapters']);
    },
  );

  const older = sample('older-syntax.ibnetdiscover');
  test.skipIf(!existsSync(older))(
    'the older suffix syntax, three layers (skipped without ../shared/samples)',
    async () => {
      const result = await ibnetdiscover.read([readFileSync(older)], 'older');
      if (!result.ok) throw new Error(result.issues.map((i) => `${i.line} ${i.message}`).join('\n'));
      const f = result.value;
      expect([count(f.tier, 1), count(f.tier, 2), count(f.tier, 3)]).toEqual([5, 2, 1]);
      expect(f.layers).toBe(3);
      expect(f.linkRate.every((r) => r === 25e9)).toBe(true);
      expect(f.names).toContain('rmd70-0101-0908-01ib1-A/L01');
    },
  );
});
