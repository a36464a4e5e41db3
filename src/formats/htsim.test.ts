import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { clos2 } from '../../test/support/fabrics.ts';
import { nextHops } from '../routes/next-hops.ts';
import { fromText } from './bytes.ts';
import { writeFabricJson } from './fabric-json.ts';
import { readHtsimCm } from './htsim-cm.ts';
import { htsimTopo } from './htsim-topo.ts';
import { readFabric } from './registry.ts';

const TOPO = `# two layers
Nodes 8
Tiers 2
Podsize 8

Tier 0
Downlink_speed_Gbps 400
Radix_Down 2
Radix_Up 2
Downlink_Latency_ns 1000
Switch_Latency_ns 100

Tier 1
Downlink_speed_Gbps 400
Radix_Down 4
Downlink_Latency_ns 500
`;

const shared = (name: string) => fileURLToPath(new URL(`../../../shared/${name}`, import.meta.url));

async function topology(text: string) {
  const result = await readFabric(fromText(text), 'folder/tree.topo');
  if (!result.ok) throw new Error(result.issues.map((i) => `${i.line} ${i.message}`).join('\n'));
  return result;
}

describe('htsim topology', () => {
  test('two layers: wiring, rates, latencies with half a switch at either end', async () => {
    const { value: fabric, issues } = await topology(TOPO);
    expect(issues).toEqual([]);
    expect([fabric.name, fabric.layers, fabric.endpoints, fabric.nodes, fabric.links]).toEqual([
      'tree',
      2,
      8,
      14,
      32,
    ]);
    expect(fabric.names.slice(8)).toEqual(['leaf0', 'leaf1', 'leaf2', 'leaf3', 'spine0', 'spine1']);
    expect(new Set(fabric.linkRate)).toEqual(new Set([50e9]));
    const latency = fabric.linkLatency!;
    expect(latency[0]).toBeCloseTo(1050e-9, 15);
    expect(latency[fabric.links - 1]).toBeCloseTo(550e-9, 15);
    expect(nextHops(fabric).switchHops(0, 7)).toBe(3);
  });

  test('is kept whole by fabric.json', async () => {
    const { value: fabric } = await topology(TOPO);
    const again = await readFabric(fromText([...writeFabricJson(fabric)].join('')), 'x.json');
    expect(again.ok && again.value).toEqual(fabric);
  });

  test('three layers: pods, cores in groups, bundles', async () => {
    const text = `Nodes 16\nTiers 3\nPodsize 8\nTier 0\nDownlink_speed_Gbps 100\nRadix_Down 4\nRadix_Up 4
Downlink_Latency_ns 1000\nTier 1\nBundle 2\nDownlink_speed_Gbps 100\nRadix_Down 4\nRadix_Up 4\nOversubscribed 3
Downlink_Latency_ns 1000\nTier 2\nDownlink_speed_Gbps 100\nRadix_Down 2\nDownlink_Latency_ns 1000\n`;
    const { value: fabric, issues } = await topology(text);
    expect(issues.map((i) => [i.code, i.line])).toEqual([['oversubscription', 14]]);
    // 16 hosts, 4 leaves, 2 spines a pod, 4 cores a group of spines: 8.
    expect(fabric.nodes).toBe(16 + 4 + 4 + 8);
    expect(fabric.links).toBe(2 * (16 + 4 * 4 + 4 * 4));
    const hops = nextHops(fabric);
    expect([hops.switchHops(0, 1), hops.switchHops(0, 4), hops.switchHops(0, 15)]).toEqual([1, 3, 5]);
  });

  test.each([
    ['Radix_Up 2', 'Radix_Upp 2', 'unknown-key', 9],
    ['Radix_Up 2', 'Radix_Up x', 'wrong-number', 9],
    ['Radix_Up 2', 'Radix_Up 2\nRadix_Up 2', 'doubled-key', 10],
    ['Radix_Up 2', '', 'missing-key', undefined],
    ['Radix_Down 4', 'Radix_Down 3', 'does-not-fit', undefined],
    ['Podsize 8', 'Podsize 3', 'does-not-fit', undefined],
    ['Nodes 8', 'Nodes 0', 'wrong-number', 2],
    ['Tiers 2', 'Tiers 3', 'missing-key', undefined],
  ])('%s instead of %s is %s', async (good, bad, code, line) => {
    const result = await htsimTopo.read(fromText(TOPO.replace(good, bad)), 'x');
    expect(result.ok).toBe(false);
    expect(result.issues.map((i) => [i.code, i.line])).toContainEqual([code, line]);
  });

  const samples = [shared('samples/htsim/fat_tree_1024.topo'), shared('peers/htsim-ft128.topo')];
  test.skipIf(!samples.every(existsSync))('the real files (skipped without ../shared)', async () => {
    const counts = [];
    for (const file of samples) {
      const { value: f } = await topology(readFileSync(file, 'utf8'));
      counts.push([f.endpoints, f.nodes - f.endpoints, f.links / 2]);
    }
    expect(counts).toEqual([
      [1024, 320, 3072],
      [128, 24, 256],
    ]);
  });
});

const fabric = clos2({ leaves: 2, spines: 1, hostsPerLeaf: 2 });

async function matrix(lines: readonly string[], connections = lines.filter((l) => l.includes('->')).length) {
  const triggers = lines.filter((l) => l.startsWith('trigger')).length;
  const text = ['Nodes 4', `Connections ${connections}`, `Triggers ${triggers}`, ...lines].join('\n');
  return readHtsimCm(fromText(text), 'flows.cm', fabric);
}

const codes = async (lines: readonly string[], connections?: number) =>
  (await matrix(lines, connections)).issues.map((i) => [i.code, i.line]);

describe('htsim connection matrix', () => {
  test('flows, sizes and starts', async () => {
    const result = await matrix(['0->3 id 1 start 0 size 2000000', '2->1 id 2 start 1500000 size 5']);
    if (!result.ok) throw new Error(result.issues[0]!.message);
    const { flows, offset, phase, phases } = result.value;
    expect([[...flows.src], [...flows.dst], [...flows.bytes]]).toEqual([
      [0, 2],
      [3, 1],
      [2e6, 5],
    ]);
    expect(offset[1]).toBeCloseTo(1.5e-6, 15);
    expect([[...phase], phases.count, [...phases.start]]).toEqual([[0, 0], 1, [0, 0]]);
  });

  test('a barrier begins its flows after all that fire it, a oneshot after one', async () => {
    const result = await matrix([
      '0->1 id 1 start 0 size 9 recv_done_trigger 1',
      '1->0 id 2 start 0 size 9 send_done_trigger 1',
      '2->3 id 3 trigger 1 size 9 send_done_trigger 2',
      '3->2 id 4 trigger 1 size 9',
      '0->2 id 5 trigger 2 size 9',
      'trigger id 1 barrier count 2',
      'trigger id 2 oneshot',
    ]);
    if (!result.ok) throw new Error(result.issues[0]!.message);
    const { phase, phases } = result.value;
    expect([...phase]).toEqual([0, 0, 1, 2, 3]);
    const waits = (p: number) => [...phases.after.slice(phases.start[p]!, phases.start[p + 1]!)];
    expect([0, 1, 2, 3].map(waits)).toEqual([[], [0], [0], [1]]);
  });

  test('a multishot begins one flow at each end, with a warning that the order is the file’s', async () => {
    const result = await matrix([
      '0->1 id 1 start 0 size 9 send_done_trigger 1',
      '1->0 id 2 start 0 size 9 send_done_trigger 1',
      '2->3 id 3 trigger 1 size 9',
      '3->2 id 4 trigger 1 size 9',
      'trigger id 1 multishot',
    ]);
    if (!result.ok) throw new Error(result.issues[0]!.message);
    expect(result.issues.map((i) => [i.code, i.severity])).toEqual([['multishot-order', 'warning']]);
    expect([...result.value.phase]).toEqual([0, 1, 2, 3]);
    expect([...result.value.phases.after]).toEqual([0, 1]);
  });

  test('what is wrong, all at once, with line and flow', async () => {
    expect(
      await codes([
        '0->0 id 1 start 0 size 9',
        '0->7 id 2 start 0 size 9',
        '0->1 id 3 start 0 size 0',
        '0->1 id 3 start 0 size 9',
        '0->1 id 5 size 9',
        '0->1 id 6 start 0 trigger 1 size 9',
        '0->1 id 7 begin 0 size 9',
        'failure switch_type TOR switch_id 0 link_id 0',
        '0-1 start 0',
        '0->x id 8 start 0 size 9',
      ]),
    ).toEqual([
      ['self-flow', 4],
      ['unknown-host', 5],
      ['zero-size', 6],
      ['doubled-id', 7],
      ['no-start', 8],
      ['no-start', 9],
      ['unknown-word', 10],
      ['failures', 11],
      ['unknown-word', 12],
      ['wrong-number', 13],
    ]);
    expect((await matrix(['3->3 id 1 start 0 size 9'])).issues[0]!.message).toBe(
      'flow 0 goes from host 3 to itself',
    );
  });

  test('counts that differ and triggers that never fire', async () => {
    expect(await codes(['0->1 id 1 start 0 size 9'], 2)).toEqual([['count-differs', 2]]);
    expect(await codes([])).toEqual([['empty', undefined]]);
    const barrier = ['0->1 id 1 start 0 size 9 send_done_trigger 1', '1->2 id 2 trigger 1 size 9'];
    expect(await codes(barrier)).toEqual([['unknown-trigger', 4]]);
    expect(await codes([...barrier, 'trigger id 1 barrier count 3'])).toEqual([['trigger-count', 4]]);
    expect(await codes(['1->2 id 2 trigger 1 size 9', 'trigger id 1 oneshot'])).toEqual([
      ['never-starts', 4],
    ]);
    const circle = ['0->1 id 1 trigger 1 size 9 send_done_trigger 1', 'trigger id 1 oneshot'];
    expect(await codes(circle)).toEqual([['never-starts', 4]]);
  });

  const samples = [shared('samples/htsim/perm_1024n_2MB.cm'), shared('peers/htsim-perm128.cm')];
  test.skipIf(!samples.every(existsSync))('the real files (skipped without ../shared)', async () => {
    for (const [i, file] of samples.entries()) {
      const hosts = [1024, 128][i]!;
      const tree = clos2({ leaves: hosts / 16, spines: 16, hostsPerLeaf: 16 });
      const result = await readHtsimCm([readFileSync(file)], file, tree);
      if (!result.ok) throw new Error(result.issues[0]!.message);
      const { flows } = result.value;
      expect([flows.count, new Set(flows.src).size, new Set(flows.dst).size]).toEqual([hosts, hosts, hosts]);
      expect(new Set(flows.bytes)).toEqual(new Set([2e6]));
    }
  });
});
