import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { clos2, clos3 } from '../../test/support/fabrics.ts';
import { planesOf } from '../../test/support/planes.ts';
import { withIdentities, withSimulatedPortGuids } from '../fabric/identities.ts';
import { type Fabric, type IdentifiedFabric, NodeKind } from '../fabric/types.ts';
import { withoutParts } from '../fabric/without.ts';
import { stream } from '../numeric/random.ts';
import { moduloTables } from '../routes/modulo.ts';
import { nextHops } from '../routes/next-hops.ts';
import { NO_ENTRY, type TableRoutes } from '../routes/types.ts';
import { fromText, textOf } from './bytes.ts';
import { ibnetdiscover } from './ibnetdiscover.ts';
import { writeOpensmLft } from './opensm-lft.ts';
import { type LftTables, readOpensmLfts } from './opensm-lft-read.ts';

const root = new URL('../../', import.meta.url);
const fixture = readFileSync(new URL('test/fixtures/irregular.ibnetdiscover', root), 'utf8');
const sample = (name: string) => fileURLToPath(new URL(`../shared/samples/ib/${name}`, root));

function identified(fabric: Fabric, lmc = 0): IdentifiedFabric {
  const result = withIdentities(fabric, { lmc });
  if (!result.ok) throw new Error(result.issues[0]!.message);
  return result.value;
}

async function irregular(): Promise<IdentifiedFabric> {
  const result = await ibnetdiscover.read(fromText(fixture), 'irregular.ibnetdiscover');
  if (!result.ok) throw new Error(result.issues[0]!.message);
  return identified(result.value);
}

function write(fabric: IdentifiedFabric, tables: readonly TableRoutes[], plane = 0): string {
  const result = writeOpensmLft(fabric, tables, { plane });
  if (!result.ok) throw new Error(result.issues[0]!.message);
  return textOf(result.value);
}

async function read(text: string, fabric: Fabric): Promise<LftTables> {
  const result = await readOpensmLfts([{ chunks: fromText(text), label: 'x.lfts' }], fabric);
  if (!result.ok) throw new Error(result.issues.map((i) => `${i.line} ${i.message}`).join('\n'));
  return result.value;
}

/** Follows tables from switch to switch until the destination or nowhere; its switches, or null. */
function trace(fabric: Fabric, rows: LftTables, from: number, to: number): number[] | null {
  const path = [from];
  for (let node = from; node !== to && path.length < 20; ) {
    const first = fabric.linkStart[node]!;
    const entry =
      to >= fabric.endpoints
        ? rows.switchRows[node - fabric.endpoints]![to - fabric.endpoints]!
        : rows.routes.rows[node - fabric.endpoints]![rows.routes.column[to]!]!;
    if (entry === NO_ENTRY) return null;
    node = fabric.linkTo[first + entry]!;
    path.push(node);
  }
  return path[path.length - 1] === to ? path : null;
}

/** About one cable between switches in eight is cut. */
function damaged(fabric: Fabric, seed: number): Fabric {
  const linkAlive = fabric.linkAlive.slice();
  const random = stream(seed, 'cables');
  for (let l = 0; l < fabric.links; l++) {
    const inner = fabric.linkFrom[l]! >= fabric.endpoints && fabric.linkTo[l]! >= fabric.endpoints;
    if (inner && l < fabric.linkReverse[l]! && random.below(8) === 0)
      linkAlive[l] = linkAlive[fabric.linkReverse[l]!] = 0;
  }
  return { ...fabric, linkAlive };
}

describe('forwarding tables written and read', () => {
  test('come back entry by entry, whatever the fabric', async () => {
    const cut = clos2({ leaves: 4, spines: 3, hostsPerLeaf: 3, missing: (l, s) => l === 1 && s === 2 });
    for (const plain of [cut, clos3(4), await irregular()]) {
      const fabric = identified(plain);
      const tables = moduloTables(fabric, nextHops(fabric));
      const back = await read(write(fabric, [tables]), fabric);
      for (const [s, row] of tables.rows.entries()) {
        for (const [column, entry] of row!.entries())
          if (entry !== NO_ENTRY) expect(back.routes.rows[s]![column]).toBe(entry);
      }
      expect(back.routes.column).toEqual(tables.column);
      expect(back.faults).toEqual([]);
      expect(back.byOffset).toHaveLength(1);
    }
  });

  test('leave no hole on damaged trees of three layers, where cores lose pods', async () => {
    for (let seed = 1; seed <= 3; seed++) {
      const fabric = identified(damaged(clos3(8), seed));
      const back = await read(write(fabric, [moduloTables(fabric, nextHops(fabric))]), fabric);
      const holes: string[] = [];
      for (let from = fabric.endpoints; from < fabric.nodes; from++)
        for (let to = 0; to < fabric.nodes; to++)
          if (trace(fabric, back, from, to) === null) holes.push(`${fabric.names[from]} ${fabric.names[to]}`);
      expect(holes).toEqual([]);
    }
  });

  test('every switch and endpoint is reached from every switch, aggregation nodes too', async () => {
    const fabric = await irregular();
    const tables = moduloTables(fabric, nextHops(fabric));
    const result = writeOpensmLft(fabric, [tables], { plane: 0 });
    expect(result.issues.map((i) => i.code)).toEqual(['filled-entry']);
    const back = await read(write(fabric, [tables]), fabric);
    const valleys = new Set<number>();
    for (let from = fabric.endpoints; from < fabric.nodes; from++) {
      for (let to = 0; to < fabric.nodes; to++) {
        const path = trace(fabric, back, from, to);
        expect(path).not.toBeNull();
        for (let i = 1; i + 1 < path!.length; i++) {
          const [a, b, c] = [path![i - 1]!, path![i]!, path![i + 1]!];
          if (fabric.tier[a]! > fabric.tier[b]! && fabric.tier[b]! < fabric.tier[c]!) valleys.add(b);
        }
      }
    }
    expect(valleys.size).toBe(1);
  });

  test('LMC gives every endpoint consecutive LIDs, a table each', async () => {
    const fabric = identified(clos2({ leaves: 2, spines: 2, hostsPerLeaf: 2 }), 1);
    const first = moduloTables(fabric, nextHops(fabric));
    const turned = { ...first, rows: first.rows.map((row) => row!.slice()) };
    // Leaf 0 sends host 2 over the other spine in the second table.
    turned.rows[0]![2] = first.rows[0]![2] === 2 ? 3 : 2;
    const back = await read(write(fabric, [first, turned]), fabric);
    expect(back.byOffset.map((t) => t.rows)).toEqual([first.rows, turned.rows]);
    expect(fabric.lid.slice(0, 4)).toEqual(Uint32Array.of(2, 4, 6, 8));
  });

  test('ports may be named as ibsim counts them: the reader knows both', async () => {
    const fabric = await irregular();
    const simulated = withSimulatedPortGuids(fabric);
    expect(simulated.portGuid[0]).toBe('7c30000000000301');
    expect(fabric.portGuid[0]).toBe('7c30000000000300');
    // One adapter's simulated port GUID is the next one's own: the reader must see which it is.
    const tables = moduloTables(fabric, nextHops(fabric));
    const real = await read(write(fabric, [tables]), fabric);
    expect(await read(write(simulated, [tables]), fabric)).toEqual(real);
    expect(real.routes.rows[0]![0]).toBe(tables.rows[0]![0]);
  });

  test('a plane is a file, with LIDs of its own', async () => {
    const fabric = identified(planesOf(clos2({ leaves: 2, spines: 1, hostsPerLeaf: 1 }), 2));
    expect(fabric.lid[0]).toBe(fabric.lid[1]);
    const tables = moduloTables(fabric, nextHops(fabric));
    const inputs = [0, 1].map((plane) => ({
      chunks: fromText(write(fabric, [tables], plane)),
      label: `p${plane}`,
    }));
    const both = await readOpensmLfts(inputs, fabric);
    expect(both.ok && both.value.routes.rows).toEqual(tables.rows);
    expect(both.issues).toEqual([]);
    const one = await readOpensmLfts(inputs.slice(0, 1), fabric);
    expect(one.issues.map((i) => [i.code, i.severity])).toEqual(
      new Array(3).fill(['missing-switch', 'warning']),
    );
  });
});

describe('other texts of the same tables', () => {
  const own = /^0x(\S+) (\d+) # (.*)$/gm;

  test('dump_lfts names GUIDs in brackets, opensm.fdbs only LIDs', async () => {
    const fabric = identified(clos2({ leaves: 3, spines: 2, hostsPerLeaf: 2 }));
    const text = write(fabric, [moduloTables(fabric, nextHops(fabric))]);
    const whole = await read(text, fabric);
    const dumped = text
      .replace(
        /^Unicast lids \[0-(\d+)\] of switch Lid (\d+) guid (\S+) \('(.*)'\):/gm,
        'Unicast lids [0x0-0x$1] of switch Lid $2 guid $3 ($4):\n  Lid  Out   Destination\n       Port     Info ',
      )
      .replace(own, '0x$1 $2 : ($3)')
      .replace(/^\d+ lids dumped/gm, '11 valid lids dumped ');
    const fdbs = text
      .replace(
        /^Unicast lids .* guid (\S+) .*$/gm,
        'dump_ucast_routes: Switch $1\nLID    : Port : Hops : Optimal',
      )
      .replace(own, '0x$1 : $2  : 01   : yes')
      .replace(/^\d+ lids dumped\n/gm, '');
    for (const other of [dumped, fdbs]) {
      const back = await read(other, fabric);
      expect(back.routes.rows).toEqual(whole.routes.rows);
      expect(back.switchRows).toEqual(whole.switchRows);
    }
  });

  test('GUIDs go before LIDs; without GUIDs a renumbered subnet is refused', async () => {
    const fabric = identified(clos2({ leaves: 3, spines: 2, hostsPerLeaf: 2 }));
    const text = write(fabric, [moduloTables(fabric, nextHops(fabric))]);
    const whole = await read(text, fabric);
    const renumbered = { ...fabric, lid: fabric.lid.map((l) => (l % 11) + 1) };
    expect((await read(text, renumbered)).routes.rows).toEqual(whole.routes.rows);
    const bare = text.replace(own, '0x$1 $2');
    expect((await read(bare, fabric)).routes.rows).toEqual(whole.routes.rows);
    const result = await readOpensmLfts([{ chunks: fromText(bare), label: 'x' }], renumbered);
    expect(result.issues.some((i) => i.code === 'other-lids' && i.line !== undefined)).toBe(true);
    const none = { ...fabric, lid: null };
    const blind = await readOpensmLfts([{ chunks: fromText(bare), label: 'x' }], none);
    expect(blind.issues.map((i) => i.code)).toEqual(['no-lids']);
  });
});

describe('faulty tables', () => {
  const fabric = identified(clos2({ leaves: 3, spines: 2, hostsPerLeaf: 2 }));
  const text = write(fabric, [moduloTables(fabric, nextHops(fabric))]);
  const lines = text.split('\n');
  const codes = async (changed: string) =>
    (await readOpensmLfts([{ chunks: fromText(changed), label: 'x' }], fabric)).issues.map((i) => i.code);

  test('are read, with every fault and its line', async () => {
    const changed = [...lines];
    // Leaf 0: no entry for host 0 (LID 1); a port without cable for LID 3; port 0 for LID 4; its own LID out of port 1.
    changed[1] = '0x0001 255';
    changed[3] = changed[3]!.replace(/ \d{3} /, ' 099 ');
    changed[4] = changed[4]!.replace(/ \d{3} /, ' 000 ');
    changed[7] = changed[7]!.replace(/ 000 /, ' 001 ');
    const back = await read(changed.join('\n'), fabric);
    const leaf = fabric.endpoints;
    expect(back.faults).toMatchObject([
      { code: 'missing-port', node: leaf, destination: 2, port: 99, line: 4 },
      { code: 'swallowed', node: leaf, destination: 3, line: 5 },
      { code: 'own-lid', node: leaf, destination: leaf, line: 8 },
      { code: 'holes', node: leaf, count: 3, line: 1 },
    ]);
    expect(back.routes.rows[0]![0]).toBe(NO_ENTRY);
  });

  test('an entry on a dead cable stays, and is a fault', async () => {
    const dead = withoutParts(fabric, ['link:leaf0:3']);
    if (!dead.ok) throw new Error('link');
    const back = await read(text, dead.value);
    expect(new Set(back.faults.map((f) => f.code))).toEqual(new Set(['dead-port']));
    expect(back.routes.rows[0]).toEqual((await read(text, fabric)).routes.rows[0]);
  });

  test('cut off, doubled, out of range, of another fabric, or no tables at all', async () => {
    expect(await codes(lines.slice(0, 20).join('\n'))).toEqual(['truncated-file']);
    expect(await codes(text.slice(0, 30))).toContain('truncated-line');
    expect(await codes(text + text)).toContain('duplicate-switch');
    expect(await codes(text.replace('0x0001 ', '0xc000 '))).toEqual(['lid-range']);
    expect(await codes(text.replaceAll('guid 0x0200', 'guid 0x9200'))).toEqual(['other-fabric']);
    expect(await codes('hello\nworld\n')).toContain('unreadable-line');
    expect(await codes('')).toEqual(['no-table']);
    const stranger = await codes(text.replaceAll(fabric.portGuid[0]!, '1234567812345678'));
    expect(stranger).toEqual(['unknown-guid']);
  });

  test('any line may be anything', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(lines.length - 1), fc.string(), async (at, junk) => {
        const changed = [...lines.slice(0, at), junk, ...lines.slice(at + 1)].join('\n');
        const result = await readOpensmLfts([{ chunks: fromText(changed), label: 'x' }], fabric);
        expect(result.ok || result.issues.length > 0).toBe(true);
      }),
      { numRuns: 60 },
    );
  });
});

describe('dumps of real subnet managers', () => {
  const dump = sample('superpod-ndr.dfsssp.lfts.gz');
  test.skipIf(!existsSync(dump))(
    "dfsssp's tables of the NDR fabric (skipped without ../shared/samples)",
    async () => {
      const result = await ibnetdiscover.read(
        [readFileSync(sample('superpod-ndr.ibnetdiscover'))],
        'superpod',
      );
      if (!result.ok) throw new Error('fabric');
      const fabric = result.value;
      const read = await readOpensmLfts([{ chunks: [readFileSync(dump)], label: dump }], fabric);
      if (!read.ok) throw new Error(read.issues.map((i) => `${i.line} ${i.message}`).join('\n'));
      expect(read.issues).toEqual([]);
      expect(read.value.faults).toEqual([]);
      for (let s = fabric.endpoints; s < fabric.nodes; s++) {
        for (let e = 0; e < fabric.nodes; e++) {
          if (fabric.kind[e] !== NodeKind.aggregator) expect(trace(fabric, read.value, s, e)).not.toBeNull();
        }
      }
    },
  );
});
