import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { clos2, clos3 } from '../../test/support/fabrics.ts';
import { planesOf } from '../../test/support/planes.ts';
import { withIdentities } from '../fabric/identities.ts';
import type { Fabric, IdentifiedFabric } from '../fabric/types.ts';
import { fromText } from './bytes.ts';
import { writeFabricJson } from './fabric-json.ts';
import { writeIbnetdiscover } from './ibnetdiscover-write.ts';
import { readFabric } from './registry.ts';
import { speedName } from './subnet-rates.ts';

const root = new URL('../../', import.meta.url);
const text = (name: string) => readFileSync(new URL(`test/fixtures/${name}`, root), 'utf8');
const sample = (name: string) => fileURLToPath(new URL(`../shared/samples/ib/${name}`, root));

async function imported(content: string | Uint8Array, label: string): Promise<Fabric> {
  const chunks = typeof content === 'string' ? fromText(content) : [content];
  const result = await readFabric(chunks, label);
  if (!result.ok) throw new Error(result.issues.map((i) => `${i.line} ${i.message}`).join('\n'));
  return result.value;
}

function identified(fabric: Fabric): IdentifiedFabric {
  const result = withIdentities(fabric);
  if (!result.ok) throw new Error(result.issues[0]!.message);
  return result.value;
}

function netFile(fabric: Fabric): string {
  const result = writeIbnetdiscover(identified(fabric), { plane: null });
  if (!result.ok) throw new Error(result.issues[0]!.message);
  return [...result.value].join('');
}

/** Import, export, import: both ways through a net file and through fabric.json. */
async function expectIdentity(fabric: Fabric): Promise<void> {
  const label = `${fabric.name}.net`;
  expect(await imported(netFile(fabric), label)).toEqual(fabric);
  expect(await imported([...writeFabricJson(fabric)].join(''), 'x.json')).toEqual(fabric);
}

describe('import, export, import', () => {
  test('is the identity for the irregular fixture', async () => {
    await expectIdentity(await imported(text('irregular.ibnetdiscover'), 'irregular.net'));
  });

  test('is the identity for what real subnet managers list', async () => {
    await expectIdentity(await imported(text('irregular.opensm-subnet.lst'), 'irregular.lst'));
  });

  const real = ['superpod-ndr.ibnetdiscover', 'older-syntax.ibnetdiscover'];
  test.skipIf(!existsSync(sample(real[0]!)))(
    'is the identity for the sample dumps (skipped without ../shared/samples)',
    async () => {
      for (const name of real) await expectIdentity(await imported(readFileSync(sample(name)), name));
    },
  );

  test('is the identity for generated, cut and multi-plane fabrics, once hosts have names of their own', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          leaves: fc.integer({ min: 1, max: 12 }),
          spines: fc.integer({ min: 1, max: 4 }),
          hosts: fc.integer({ min: 1, max: 3 }),
          cables: fc.integer({ min: 1, max: 2 }),
          planes: fc.integer({ min: 1, max: 3 }),
          cut: fc.nat(),
          rate: fc.constantFrom(12.5e9, 25e9, 50e9, 100e9),
        }),
        async ({ leaves, spines, hosts, cables, planes, cut, rate }) => {
          const missing = (l: number, s: number, c: number) =>
            ((cut >> ((l * 5 + s * 2 + c) % 30)) & 1) === 1;
          const one = clos2({ leaves, spines, hostsPerLeaf: hosts, cables, rate, missing });
          const generated = planesOf(one, planes);
          const first = await imported(netFile(generated), `${generated.name}.net`);
          expect(sameCables(first)).toEqual(sameCables(generated));
          expect(first.hosts.names.length).toBe(one.hosts.names.length);
          // Cut-off pieces of two planes may count as islands of one and need other LIDs there.
          await expectIdentity(identified(first));
        },
      ),
      { numRuns: 40 },
    );
  });

  test('a generated three-layer fabric keeps its tiers', async () => {
    const fabric = clos3(6);
    const first = await imported(netFile(fabric), 'clos3.net');
    expect(sameCables(first)).toEqual(sameCables(fabric));
    expect([...first.tier].sort()).toEqual([...fabric.tier].sort());
    await expectIdentity(first);
  });

  test('two endpoints that are ports of one adapter, and names that need care', async () => {
    const described = text('irregular.ibnetdiscover')
      .replaceAll('MF0;rack1-leaf:MQM8700/U1', 'MF0;rack:1:MQM8700/L01/U1')
      .replaceAll('rack2-leaf', 'rack3-leaf')
      .replaceAll('"gpu01 mlx5_0"', '""')
      .replaceAll('"gpu02 mlx5_0"', '"Mellanox ConnectX-7 card"')
      .replaceAll(/\[2\](\(\S+\) )?(.*)H-7c30000000000301"\[1\]/g, '[2]$1$2H-7c30000000000301"[2]')
      .replace(/^Ca\t1 ("H-7c30000000000301".*\n)\[1\]/m, 'Ca\t2 $1[2]')
      .replace(/("S-7c10000000000100"\[2\])/, '$1');
    const fabric = await imported(described, 'care.net');
    expect(fabric.names.some((n) => n.endsWith('card/2'))).toBe(true);
    await expectIdentity(fabric);
  });
});

/** Cables by node names and ports, in no order; names of adapters as hosts know them. */
function sameCables(fabric: Fabric): string[] {
  const name = (n: number) =>
    n < fabric.endpoints
      ? `${fabric.hosts.names[fabric.hosts.of[n]!]}#${fabric.hosts.nic[n]}`
      : fabric.names[n];
  const cables: string[] = [];
  for (let l = 0; l < fabric.links; l++) {
    const [a, b] = [fabric.linkFrom[l]!, fabric.linkTo[l]!];
    cables.push(`${name(a)}:${fabric.linkPort[l]} ${name(b)} ${fabric.linkRate[l]}`);
  }
  return cables.sort();
}

describe('net files', () => {
  test('one plane alone, without the dead cables', async () => {
    const fabric = planesOf(clos2({ leaves: 2, spines: 2, hostsPerLeaf: 2 }), 2);
    const dead = fabric.linkStart[fabric.nodes - 1]!;
    fabric.linkAlive[dead] = fabric.linkAlive[fabric.linkReverse[dead]!] = 0;
    const result = writeIbnetdiscover(identified(fabric), { plane: 1 });
    expect(result.issues.map((i) => i.code)).toEqual(['dead-cables']);
    const plane = await imported(result.ok ? [...result.value].join('') : '', 'p1.net');
    expect([plane.planes, plane.endpoints, plane.nodes, plane.links]).toEqual([1, 4, 8, 14]);
  });

  test('rates by width and speed; what InfiniBand has not is rounded down', () => {
    expect(speedName(50e9)).toEqual({ name: '4xNDR', exact: true });
    expect(speedName(100e9).name).toBe('4xXDR');
    expect(speedName(60e9)).toEqual({ name: '4xNDR', exact: false });
    const odd = clos2({ leaves: 1, spines: 1, hostsPerLeaf: 1, rate: 60e9 });
    const result = writeIbnetdiscover(identified(odd), { plane: null });
    expect(result.issues.map((i) => i.code)).toEqual(['rate-rounded']);
  });
});

describe('identities', () => {
  test('a fabric without any gets distinct ones, the same every time; what is there stays', async () => {
    const fabric = identified(planesOf(clos2({ leaves: 3, spines: 2, hostsPerLeaf: 2 }), 2));
    expect(new Set([...fabric.guid, ...fabric.portGuid]).size).toBe(2 * fabric.endpoints + 10);
    expect(identified(planesOf(clos2({ leaves: 3, spines: 2, hostsPerLeaf: 2 }), 2))).toEqual(fabric);
    expect(identified(fabric)).toEqual(fabric);
    for (const p of [0, 1]) {
      const lids = [...fabric.lid].filter((_, n) => fabric.plane[n] === p);
      expect(lids).toEqual(Array.from({ length: 11 }, (_, i) => i + 1));
    }
    const real = await imported(text('irregular.ibnetdiscover'), 'irregular.net');
    expect(identified(real)).toEqual(real);
  });

  test('more than 49,151 LIDs are refused', () => {
    const large = clos2({ leaves: 2, spines: 1, hostsPerLeaf: 3000 });
    const result = withIdentities(large, { lmc: 4 });
    expect(result.issues.map((i) => i.code)).toEqual(['too-many-lids']);
  });
});
