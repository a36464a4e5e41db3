import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { clos2, clos3 } from '../../test/support/fabrics.ts';
import type { Fabric } from '../fabric/types.ts';
import { fromText } from './bytes.ts';
import { fabricJson, writeFabricJson } from './fabric-json.ts';
import { readFabric } from './registry.ts';
import type { Chunks } from './types.ts';

const irregular = readFileSync(
  new URL('../../test/fixtures/irregular.ibnetdiscover', import.meta.url),
  'utf8',
);

function textOf(fabric: Fabric): string {
  return [...writeFabricJson(fabric)].join('');
}

async function gzip(text: string): Promise<Uint8Array> {
  const stream = new Blob([text]).stream().pipeThrough(new CompressionStream('gzip'));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

async function fabricFrom(chunks: Chunks): Promise<Fabric> {
  const result = await readFabric(chunks, 'fabric.json');
  if (!result.ok) throw new Error(result.issues.map((i) => `${i.path.join('.')} ${i.message}`).join('\n'));
  return result.value;
}

describe('fabric.json', () => {
  test('a generated fabric comes back link by link, dead cables and all', async () => {
    for (const fabric of [clos2({ leaves: 4, spines: 2, hostsPerLeaf: 3, cables: 2 }), clos3(4)]) {
      fabric.linkAlive[fabric.links - 1] = fabric.linkAlive[fabric.linkReverse[fabric.links - 1]!] = 0;
      expect(await fabricFrom(fromText(textOf(fabric)))).toEqual(fabric);
    }
  });

  test('an imported fabric comes back with GUIDs, LIDs and rates', async () => {
    const fabric = await fabricFrom(fromText(irregular));
    expect(fabric.guid).not.toBeNull();
    expect(await fabricFrom(fromText(textOf(fabric)))).toEqual(fabric);
  });

  test('gzipped or not, in any chunks', async () => {
    const fabric = clos2({ leaves: 3, spines: 2, hostsPerLeaf: 2 });
    const bytes = await gzip(textOf(fabric));
    const chunks = Array.from({ length: Math.ceil(bytes.length / 50) }, (_, i) =>
      bytes.subarray(50 * i, 50 * i + 50),
    );
    expect(await fabricFrom(chunks)).toEqual(fabric);
  });

  test('random irregular fabrics round-trip', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 5 }),
        fc.integer({ min: 1, max: 4 }),
        fc.integer({ min: 0, max: 3 }),
        fc.nat(),
        async (leaves, spines, hosts, mask) => {
          const fabric = clos2({
            leaves,
            spines,
            hostsPerLeaf: hosts,
            missing: (l, s) => ((mask >> (l * 4 + s)) & 1) === 1,
          });
          expect(await fabricFrom(fromText(textOf(fabric)))).toEqual(fabric);
        },
      ),
      { numRuns: 40 },
    );
  });
});

describe('bad fabric files', () => {
  const document = JSON.parse(textOf(clos2({ leaves: 2, spines: 1, hostsPerLeaf: 2 })));
  async function issuesOf(change: (d: typeof document) => void) {
    const copy = structuredClone(document);
    change(copy);
    const result = await fabricJson.read(fromText(JSON.stringify(copy)), 'f.json');
    expect(result.ok).toBe(false);
    return result.issues.map((i) => i.path.join('.'));
  }

  test('every error at once, each with its path', async () => {
    const paths = await issuesOf((d) => {
      d.version = 2;
      d.transport = 'token-ring';
      d.cables.b[0] = 99;
      d.cables.rate = 0;
      d.nodes.tier[1] = 'x';
    });
    expect(paths).toEqual(
      expect.arrayContaining(['version', 'transport', 'cables.b.0', 'cables.rate.0', 'nodes.tier.1']),
    );
  });

  test('missing columns, shared ports, endpoints after switches', async () => {
    expect(await issuesOf((d) => delete d.hosts)).toContain('hosts');
    expect(await issuesOf((d) => delete d.nodes.kind)).toContain('nodes.kind');
    expect(
      await issuesOf((d) => {
        d.cables.bPort[1] = d.cables.bPort[0];
      }),
    ).toContain('cables.a.1');
    expect(
      await issuesOf((d) => {
        d.nodes.kind[0] = 1;
      }),
    ).toContain('nodes.kind.0');
    expect(
      await issuesOf((d) => {
        d.cables.a = [];
      }),
    ).toContain('cables.b');
  });

  test('a cut file says where', async () => {
    const text = textOf(clos2({ leaves: 2, spines: 1, hostsPerLeaf: 2 }));
    const result = await readFabric(fromText(text.slice(0, 400)), 'cut.json');
    expect(result.issues).toMatchObject([{ code: 'not-json', file: 'cut.json' }]);
  });

  test('garbage, nothing, and damaged gzip are issues', async () => {
    expect((await readFabric(fromText('\u0000 garbage'.repeat(1000)), 'x')).issues).toMatchObject([
      {
        code: 'unknown-format',
        allowed: 'fabric.json, ibnetdiscover, opensm-subnet.lst, htsim-topology, netq-topology, links.csv',
      },
    ]);
    expect((await readFabric([], 'x')).issues).toMatchObject([{ code: 'empty' }]);
    const bytes = await gzip(irregular);
    expect(
      (await readFabric([bytes.subarray(0, 200)], 'x')).issues.some((i) => i.code === 'corrupt-gzip'),
    ).toBe(true);
  });

  test('any JSON is read or refused, never a crash', async () => {
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...Object.keys(document)), fc.jsonValue(), async (key, value) => {
        const result = await fabricJson.read(fromText(JSON.stringify({ ...document, [key]: value })), 'f');
        expect(result.ok || result.issues.length > 0).toBe(true);
      }),
    );
  });
});
