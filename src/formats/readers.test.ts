import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import type { Fabric } from '../fabric/types.ts';
import { fromText } from './bytes.ts';
import { linksCsv } from './links-csv.ts';
import { netq } from './netq.ts';
import { opensmLst } from './opensm-lst.ts';
import { readFabric } from './registry.ts';

const root = new URL('../../', import.meta.url);
const fixture = (name: string) => readFileSync(new URL(`test/fixtures/${name}`, root), 'utf8');
const sample = fileURLToPath(new URL('../shared/samples/eth/netq-topologyGraph.json', root));

async function fabricOf(text: string, label: string): Promise<Fabric> {
  const result = await readFabric(fromText(text), label);
  if (!result.ok) throw new Error(result.issues.map((i) => `${i.line} ${i.message}`).join('\n'));
  return result.value;
}

async function issuesOf(reader: typeof opensmLst, text: string) {
  return (await reader.read(fromText(text), 'x')).issues.map((i) => [i.code, i.line]);
}

describe('opensm-subnet.lst', () => {
  const lst = fixture('irregular.opensm-subnet.lst');
  const lines = lst.split('\n');

  test('OpenSM lists the fabric that ibnetdiscover dumps', async () => {
    const dumped = await fabricOf(fixture('irregular.ibnetdiscover'), 'irregular.net');
    const listed = await fabricOf(lst, 'irregular.lst');
    // The list was made on ibsim, which counts port GUIDs up from the node's.
    expect({ ...listed, portGuid: null }).toEqual({ ...dumped, portGuid: null });
    expect(listed.portGuid![0]).toBe('7c30000000000301');
  });

  test('a cable that is down is dead; one told from one end stands', async () => {
    const down = await fabricOf(
      lines.map((l, i) => (i === 0 ? l.replace('LOG=ACT', 'LOG=DWN') : l)).join('\n'),
      'x',
    );
    expect(down.linkAlive.filter((x) => x === 0)).toHaveLength(2);
    expect(await issuesOf(opensmLst, lines.slice(1).join('\n'))).toEqual([
      ['one-sided-link', expect.anything()],
    ]);
  });

  test('cut, doubled or wrong lines are named', async () => {
    expect(await issuesOf(opensmLst, lst.slice(0, -60))).toContainEqual([
      'unreadable-line',
      lines.length - 1,
    ]);
    expect(await issuesOf(opensmLst, `${lines[0]}\n${lst}`)).toContainEqual(['duplicate-port', 2]);
    expect(await issuesOf(opensmLst, lst.replace(/PN:01/, 'PN:FF'))).toContainEqual(['port-range', 1]);
    expect(await issuesOf(opensmLst, lst.replace(/SPD=\S+/, 'SPD=7'))).toContainEqual(['unreadable-line', 1]);
  });
});

describe('links.csv', () => {
  const csv = [
    '# two leaves, two spines',
    'a,a_port,b,b_port,rate,alive',
    'node1 nic0,1,leaf1,1,400 Gb/s,1',
    'node1-nic1,1,leaf2,1,400 Gb/s,1',
    '"node2 nic0",1,leaf1,2,400 Gb/s,',
    'node2/nic1,1,leaf2,2,50 GB/s,yes',
    'leaf1,3,spine1,1,400 Gb/s,1',
    'leaf1,4,spine2,1,400 Gb/s,0',
    'leaf2,3,spine1,2,400 Gb/s,1',
    'leaf2,4,spine2,2,200 Gb/s,1',
  ];

  test('kinds, hosts, tiers and dead cables', async () => {
    const fabric = await fabricOf(csv.join('\n'), 'cables.csv');
    expect([fabric.name, fabric.transport, fabric.planes]).toEqual(['cables', 'roce', 1]);
    expect(fabric.hosts.names).toEqual(['node1', 'node2']);
    expect(Array.from(fabric.hosts.nic)).toEqual([0, 1, 0, 1]);
    expect(fabric.names.slice(4)).toEqual(['leaf1', 'leaf2', 'spine1', 'spine2']);
    expect(Array.from(fabric.tier)).toEqual([0, 0, 0, 0, 1, 1, 2, 2]);
    expect(fabric.linkAlive.filter((x) => x === 0)).toHaveLength(2);
    expect(fabric.linkRate.filter((x) => x === 25e9)).toHaveLength(2);
    expect(fabric.guid).toBeNull();
  });

  test('kinds may be said: hosts with many cables, each a NIC', async () => {
    const said = [
      'a,a_port,b,b_port,rate,a_kind',
      'n1,1,l1,1,400G,host',
      'n1,2,l2,1,400G,host',
      'n2,1,l1,2,400G,host',
    ].map((l) => l.replace('400G', '400 Gb/s'));
    const fabric = await fabricOf(said.join('\n'), 'x.csv');
    expect(fabric.names).toEqual(['n1 port1', 'n1 port2', 'n2 port1', 'l1', 'l2']);
    expect(fabric.planes).toBe(2);
  });

  test('what is wrong, with its line', async () => {
    const wrong = [...csv];
    wrong[2] = wrong[2]!.replace('400 Gb/s', '400');
    wrong[3] = wrong[3]!.replace(',1,leaf2', ',x,leaf2');
    wrong[4] = 'node2 nic0,1';
    wrong[6] = wrong[6]!.replace('leaf1,3', 'leaf1,4');
    wrong[7] = wrong[7]!.replace(/0$/, 'maybe');
    expect(await issuesOf(linksCsv, wrong.join('\n'))).toEqual([
      ['truncated-line', 5],
      ['missing-unit', 3],
      ['port-range', 4],
      ['wrong-value', 8],
      ['duplicate-port', 8],
    ]);
    expect(await issuesOf(linksCsv, 'a,a_port,b,rate,colour\n')).toEqual(
      expect.arrayContaining([
        ['missing-column', 1],
        ['unknown-column', 1],
      ]),
    );
    expect(await issuesOf(linksCsv, 'a,a_port,b,b_port,rate\nx,1,x,2,1 Gb/s\n')).toContainEqual([
      'self-link',
      2,
    ]);
  });
});

describe('NetQ topology graph', () => {
  test.skipIf(!existsSync(sample))('of a Spectrum-X unit (skipped without ../shared/samples)', async () => {
    const result = await netq.read([readFileSync(sample)], 'netq-topologyGraph.json');
    if (!result.ok) throw new Error(result.issues.map((i) => i.message).join('\n'));
    const fabric = result.value;
    expect(result.issues.map((i) => i.code)).toEqual(['assumed-rate']);
    expect([fabric.hosts.count, fabric.endpoints, fabric.nodes]).toEqual([8, 32, 35]);
    expect(fabric.names.slice(32)).toEqual(['net-unit-l1', 'net-unit-l2', 'net-unit-s1']);
    expect(Array.from(fabric.tier.subarray(32))).toEqual([1, 1, 2]);
    expect(fabric.links).toBe(2 * (32 + 28 + 19));
    const sniffed = await readFabric([readFileSync(sample)], 'x.json');
    expect(sniffed.ok).toBe(true);
  });

  const graph = {
    nodes: [
      {
        compounded_nodes: [
          { id: 'n0', device_type: 'switch', name: 'leaf' },
          { id: 'n1', device_type: 'discovered_via_lldp', name: 'host' },
          { id: 'n2', device_type: 'nvlink_switch', name: 'nv' },
        ],
      },
    ],
    links: [
      {
        compounded_links: [
          cable('n0', 'swp2s1', 'n1', 'eth0'),
          cable('n1', 'eth1', 'n0', 'swp3'),
          cable('n1', 'nv0', 'n2', 'p0'),
        ],
      },
    ],
  };

  test('split ports count in lanes; NVLink is left out', async () => {
    const result = await netq.read(fromText(JSON.stringify([graph])), 'x.json');
    expect(result.issues.map((i) => i.code)).toEqual(['nvlink-left-out', 'assumed-rate']);
    if (!result.ok) throw new Error('graph');
    expect(Array.from(result.value.linkPort.subarray(result.value.linkStart[2]!))).toEqual([6, 7]);
  });

  test('unknown devices, missing interfaces and cut files are issues', async () => {
    const wrong = { ...graph, links: [cable('n0', 'swp1', 'n9', 'eth0'), { interfaces: [] }] };
    const codes = (await netq.read(fromText(JSON.stringify([wrong])), 'x')).issues.map((i) => i.code);
    expect(codes).toEqual(expect.arrayContaining(['unknown-node', 'wrong-type']));
    const cut = await netq.read(fromText(JSON.stringify([graph]).slice(0, 200)), 'x');
    expect(cut.issues.map((i) => i.code)).toContain('not-json');
  });
});

function cable(a: string, aPort: string, b: string, bPort: string) {
  return {
    interfaces: [
      { node: a, interface: aPort },
      { node: b, interface: bPort },
    ],
  };
}
