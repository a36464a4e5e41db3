import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import { findPeer } from '../../scripts/peers.mjs';
import {
  type IdentifiedFabric,
  withIdentities,
  withSimulatedPortGuids,
} from '../../src/fabric/identities.ts';
import { patternFlows } from '../../src/fabric/pattern-flows.ts';
import { railsOf } from '../../src/fabric/rails.ts';
import { type Fabric, NodeKind } from '../../src/fabric/types.ts';
import { fromText, textOf } from '../../src/formats/bytes.ts';
import { ibnetdiscover } from '../../src/formats/ibnetdiscover.ts';
import { writeIbnetdiscover } from '../../src/formats/ibnetdiscover-write.ts';
import { guidToLid, simulatorLimits } from '../../src/formats/opensm-files.ts';
import { writeOpensmLft } from '../../src/formats/opensm-lft.ts';
import { readOpensmLfts } from '../../src/formats/opensm-lft-read.ts';
import { stream } from '../../src/numeric/random.ts';
import { nextHops } from '../../src/routes/next-hops.ts';
import { NO_ENTRY, type TableRoutes } from '../../src/routes/types.ts';
import { patternTables } from '../../src/routing/patterns.ts';
import { multiPlane } from '../support/networks.ts';
import { type Sweep, sweep } from '../support/opensm.ts';

/**
 * The real OpenSM, on the fabric that ibsim simulates, loads our tables: it must say so (a fault makes it fall back to
 * minhop with exit status 0), dump them back unchanged, and ibdmchk must find every path and no credit loop.
 */
const missing = ['opensm', 'ibsim', 'ibdmchk', 'ibnetdiscover'].filter((name) => findPeer(name) === null);
if (missing.length > 0) console.log(`skipped: OpenSM tests need ${missing.join(', ')}`);

const sample = '../shared/samples/ib/superpod-ndr.ibnetdiscover';
if (!existsSync(sample)) console.log(`skipped: the real fabric needs ${sample}`);

const open: Sweep[] = [];
afterEach(() => {
  for (const s of open.splice(0)) s.close();
});

describe.skipIf(missing.length > 0)('OpenSM', () => {
  it('loads the tables of an irregular fabric', async () => {
    await loads(await read('test/fixtures/irregular.ibnetdiscover'), 0);
  });

  it.each([0, 1])('loads the tables of plane %i of two, a subnet manager each', async (plane) => {
    await loads(twoPlanes(), plane);
  });

  it.each([1, 2])('loads the tables of every LID with LMC %i', async (lmc) => {
    await loads(await read('test/fixtures/irregular.ibnetdiscover'), 0, lmc);
  });

  it('refuses a table with a port that is not there, so that the tests above could fail', async () => {
    const fabric = await read('test/fixtures/irregular.ibnetdiscover');
    const spoilt = await sweepTables(fabric, 0, (text) =>
      text.replace(/^(0x\w+) \d{3} # Channel/m, '$1 250 # Channel'),
    );
    expect(spoilt.swept.log).not.toContain('file tables configured');
  });

  it.skipIf(!existsSync(sample))('loads the tables of the real fabric', async () => {
    await loads(await read(sample), 0);
  });
});

async function read(path: string): Promise<Fabric> {
  const result = await ibnetdiscover.read([readFileSync(path)], path);
  if (!result.ok) throw new Error(JSON.stringify(result.issues));
  return result.value;
}

/** 64 GPUs in 32 servers on two planes, some cables cut. */
const twoPlanes = (): Fabric =>
  multiPlane({ gpus: 64, planes: 2, ports: 8, rate: 12.5e9, cut: 0.05, seed: 3 });

/** By LID offset, for all-to-all between the workload endpoints. */
function allToAllTables(fabric: Fabric, lmc: number): readonly TableRoutes[] {
  const hops = nextHops(fabric);
  const request = patternFlows(
    fabric,
    railsOf(fabric),
    { kind: 'all-to-all' },
    { seed: 1, label: '', merge: 'always' },
  );
  if (!request.ok) throw new Error(JSON.stringify(request.issues));
  const demand = { label: 'all-to-all', priority: 1, unit: true, ...request.value };
  return patternTables({ fabric, hops, demands: [demand] }, { lmc, valleys: 'lane' });
}

/** What OpenSM made of a fabric and its tables; `spoil` may change the text of the tables on the way. */
async function sweepTables(bare: Fabric, plane: number, spoil = (text: string) => text, lmc = 0) {
  const identified = withIdentities(bare, { lmc });
  if (!identified.ok) throw new Error(JSON.stringify(identified.issues));
  const fabric = withSimulatedPortGuids(identified.value);
  const byOffset = allToAllTables(fabric, lmc);
  const net = writeIbnetdiscover(fabric, { plane });
  const lfts = writeOpensmLft(fabric, byOffset, { plane });
  if (!net.ok || !lfts.ok) throw new Error(JSON.stringify([net.issues, lfts.issues]));
  const result = await sweep({
    net: net.value,
    lfts: [spoil(textOf(lfts.value))],
    guidToLid: guidToLid(fabric, plane),
    host: managerOf(fabric, plane),
    limits: simulatorLimits(fabric, plane),
    lmc,
  });
  open.push(result);
  return { fabric, byOffset, swept: result };
}

async function loads(bare: Fabric, plane: number, lmc = 0): Promise<void> {
  const { fabric, byOffset, swept } = await sweepTables(bare, plane, (text) => text, lmc);
  expect(swept.log).toContain('file tables configured');
  expect(swept.log).not.toMatch(/minhop tables configured|falling back/i);
  const differing = await differences(fabric, byOffset, plane, swept.dump('opensm-lfts.dump'));
  expect(differing).toEqual([]);

  const checked = spawnSync(
    findPeer('ibdmchk')!,
    ['-s', 'opensm-subnet.lst', '-f', 'opensm.fdbs', '-m', 'opensm.mcfdbs'],
    { cwd: swept.folder, encoding: 'utf8', timeout: 60_000 },
  ).stdout;
  const adapters = fabric.plane.subarray(0, fabric.endpoints).filter((p) => p === plane).length;
  expect(checked).toContain(`Scanned:${adapters * (adapters - 1)} CA to CA paths`);
  expect(checked).toMatch(/no credit loops found/i);
  expect(checked).not.toMatch(/-E-|missing path|loop.*found in/i);
  traces(fabric, plane, swept);
}

/** Node name in the net of an adapter of the plane: whoever runs the subnet manager. */
function managerOf(fabric: IdentifiedFabric, plane: number): string {
  for (let e = 0; e < fabric.endpoints; e++) {
    if (fabric.plane[e] === plane && fabric.kind[e] === NodeKind.endpoint) return `H-${fabric.guid[e]}`;
  }
  throw new Error('a plane without an endpoint');
}

/** Entries to live endpoints of the plane in which OpenSM's dump and our tables disagree, as text. */
async function differences(
  fabric: IdentifiedFabric,
  ours: readonly TableRoutes[],
  plane: number,
  dump: string,
) {
  const theirs = await readOpensmLfts([{ chunks: fromText(dump), label: 'opensm-lfts.dump' }], fabric);
  if (!theirs.ok) throw new Error(JSON.stringify(theirs.issues));
  expect(theirs.value.byOffset).toHaveLength(ours.length);
  const found: string[] = [];
  for (const [offset, { rows, column }] of ours.entries()) {
    const dumped = theirs.value.byOffset[offset]!;
    for (let s = fabric.endpoints; s < fabric.nodes; s++) {
      if (fabric.plane[s] !== plane) continue;
      for (let e = 0; e < fabric.endpoints; e++) {
        if (fabric.plane[e] !== plane || fabric.kind[e] !== NodeKind.endpoint) continue;
        const mine = rows[s - fabric.endpoints]![column[e]!];
        const his = dumped.rows[s - fabric.endpoints]![dumped.column[e]!];
        // Where no packet of ours comes by we have no entry; the file fills these in.
        if (mine !== NO_ENTRY && mine !== his)
          found.push(`${fabric.names[s]} to ${fabric.names[e]} + ${offset}: ${mine} and ${his}`);
      }
    }
  }
  return found;
}

/** ibtracert exits with 0 even on a loop, so its last line is compared with where the way should end. */
function traces(fabric: IdentifiedFabric, plane: number, swept: Sweep): void {
  const lidOf = new Map<string, number>();
  for (const line of swept.dump('guid2lid').split('\n')) {
    const [guid, lid] = line.split(/\s+/);
    if (guid?.startsWith('0x') && lid !== undefined) lidOf.set(guid.slice(2), Number(lid));
  }
  const members: number[] = [];
  for (let e = 0; e < fabric.endpoints; e++) {
    if (fabric.plane[e] === plane && fabric.kind[e] === NodeKind.endpoint) members.push(e);
  }
  const random = stream(1, 'traces', plane);
  for (let i = 0; i < 10; i++) {
    const from = members[random.below(members.length)]!;
    const to = members[random.below(members.length)]!;
    if (from === to) continue;
    const lids = [from, to].map((e) => String(lidOf.get(fabric.portGuid[e]!)));
    const trace = swept.tool('ibtracert', lids).trim().split('\n');
    expect(trace.at(-1), `from ${fabric.names[from]} to ${fabric.names[to]}`).toContain(fabric.guid[to]!);
  }
}
