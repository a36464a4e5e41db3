import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { withIdentities } from '../../src/fabric/identities.ts';
import { fromText, textOf } from '../../src/formats/bytes.ts';
import { writeFabricJson } from '../../src/formats/fabric-json.ts';
import { readHtsimCm } from '../../src/formats/htsim-cm.ts';
import { writeOpensmLft } from '../../src/formats/opensm-lft.ts';
import { readOpensmLfts } from '../../src/formats/opensm-lft-read.ts';
import { fabricReaders, readFabric } from '../../src/formats/registry.ts';
import { moduloTables } from '../../src/routes/modulo.ts';
import { nextHops } from '../../src/routes/next-hops.ts';
import { clos2 } from '../support/fabrics.ts';

const root = new URL('../../', import.meta.url);
const fixture = (name: string) => readFileSync(new URL(`test/fixtures/${name}`, root), 'utf8');
const fabric = clos2({ leaves: 3, spines: 2, hostsPerLeaf: 2, cables: 2 });
const identified = withIdentities(fabric);
if (!identified.ok) throw new Error('identities');
const own = identified.value;
const lfts = writeOpensmLft(own, [moduloTables(own, nextHops(own))], { plane: 0 });

/** One healthy input of every format. */
const inputs: Record<string, string> = {
  ibnetdiscover: fixture('irregular.ibnetdiscover'),
  'opensm-subnet.lst': fixture('irregular.opensm-subnet.lst'),
  'fabric.json': [...writeFabricJson(own)].join(''),
  'links.csv': `a,a_port,b,b_port,rate,alive\n${cables().join('\n')}\n`,
  'htsim-topology': [
    'Nodes 8\nTiers 2\nPodsize 8\nTier 0\nDownlink_speed_Gbps 400\nRadix_Down 2\nRadix_Up 2',
    'Downlink_Latency_ns 1000\nTier 1\nDownlink_speed_Gbps 400\nRadix_Down 4\nDownlink_Latency_ns 1000\n',
  ].join('\n'),
  'htsim flows': [
    'Nodes 6\nConnections 3\nTriggers 1\n0->1 id 1 start 0 size 9 send_done_trigger 1',
    '2->3 id 2 start 0 size 9 send_done_trigger 1\n4->5 id 3 trigger 1 size 9\ntrigger id 1 barrier count 2\n',
  ].join('\n'),
  lfts: lfts.ok ? textOf(lfts.value) : '',
};
const netq = fileURLToPath(new URL('../shared/samples/eth/netq-topologyGraph.json', root));
if (existsSync(netq)) inputs['netq-topology'] = readFileSync(netq, 'utf8');

function cables(): string[] {
  const lines: string[] = [];
  for (let l = 0; l < fabric.links; l++) {
    const back = fabric.linkReverse[l]!;
    const end = (k: number) => `${fabric.names[fabric.linkFrom[k]!]},${fabric.linkPort[k]}`;
    if (back > l) lines.push(`${end(l)},${end(back)},400 Gb/s,1`);
  }
  return lines;
}

/** What happens to files: cut, a piece doubled, dropped or moved, characters changed, garbage put in. */
const damage = fc.array(
  fc.record({
    kind: fc.constantFrom('cut', 'double', 'drop', 'swap', 'put', 'digit'),
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    size: fc.integer({ min: 1, max: 400 }),
    text: fc.oneof(
      fc.string(),
      fc.constantFrom(
        '\n',
        '0',
        '"',
        '{',
        '}',
        '[',
        '\u0000',
        'ffff',
        '99999999999999999999',
        '-1',
        'S-',
        '#',
      ),
    ),
  }),
  { minLength: 1, maxLength: 4 },
);
type Damage = typeof damage extends fc.Arbitrary<infer T> ? T : never;

function damaged(text: string, steps: Damage): string {
  let now = text;
  for (const { kind, at, size, text: junk } of steps) {
    const i = Math.floor(at * now.length);
    const [before, piece, after] = [now.slice(0, i), now.slice(i, i + size), now.slice(i + size)];
    if (kind === 'cut') now = before;
    else if (kind === 'double') now = before + piece + piece + after;
    else if (kind === 'drop') now = before + after;
    else if (kind === 'swap') now = before + after + piece;
    else if (kind === 'put') now = before + junk + piece + after;
    else now = before + piece.replace(/\d/, junk) + after;
  }
  return now;
}

async function readAs(format: string, text: string) {
  if (format === 'lfts') return readOpensmLfts([{ chunks: fromText(text), label: 'x' }], own);
  if (format === 'htsim flows') return readHtsimCm(fromText(text), 'x', own);
  const reader = fabricReaders.find((r) => r.name === format);
  if (!reader) throw new Error(`no reader of the name ${format}`);
  return reader.read(fromText(text), 'x');
}

describe('damaged files', () => {
  for (const [format, text] of Object.entries(inputs)) {
    test(`${format}: read, or refused with reasons, and never a crash`, async () => {
      expect((await readAs(format, text)).ok).toBe(true);
      await fc.assert(
        fc.asyncProperty(damage, async (steps) => {
          const result = await readAs(format, damaged(text, steps));
          expect(result.ok || result.issues.some((i) => i.severity === 'error')).toBe(true);
          if (result.ok) expect(result.issues.some((i) => i.severity === 'error')).toBe(false);
        }),
        { numRuns: 250 },
      );
    });
  }

  test('any bytes at all, whoever feels called to read them', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 4 }), async (chunks) => {
        const result = await readFabric(chunks, 'x');
        expect(result.ok || result.issues.length > 0).toBe(true);
        for (const reader of fabricReaders) await reader.read(chunks, 'x');
      }),
      { numRuns: 200 },
    );
  });

  test('long garbage takes time in proportion', async () => {
    for (const piece of [
      '{ CA Ports:01 ',
      '[1]"S-0"[1] # ',
      'a,"',
      '0x0001 001 ',
      '{}} LID:',
      '" lid ',
      '0->1 id 1 ',
      'Tier 0 ',
      '[',
    ]) {
      const text = piece.repeat(100_000);
      for (const format of Object.keys(inputs)) {
        for (const garbage of [text, `${text}\n`, text.replaceAll(' ', '\n')]) {
          expect((await readAs(format, garbage)).ok).toBe(false);
        }
      }
    }
  });
});
