import { describe, expect, test } from 'vitest';
import { clos2 } from '../../test/support/fabrics.ts';
import { withIdentities } from '../fabric/identities.ts';
import { writeDot } from './dot.ts';
import { writeGraphml } from './graphml.ts';
import { computeGuids, guidToLid, opensmConf, rootGuids, simulatorLimits } from './opensm-files.ts';

const plain = clos2({ leaves: 2, spines: 1, hostsPerLeaf: 1, cables: 2 });
const named = {
  ...plain,
  name: 'a "b" & <c>',
  names: plain.names.map((n) => (n === 'h0' ? 'h"0\u0001<&>' : n)),
};
const last = named.links - 1;
named.linkAlive[last] = named.linkAlive[named.linkReverse[last]!] = 0;

describe('drawings', () => {
  test('Graphviz: a rank a tier, parallel cables with their number, dead ones dashed', () => {
    const dot = [...writeDot(named)].join('');
    expect(dot.match(/rank=same/g)).toHaveLength(3);
    expect(dot).toContain('graph "a \\"b\\" & <c>" {');
    expect(dot).toContain('n0 [label="h\\"0 <&>", shape=ellipse];');
    expect(dot).toContain('n2 -- n4 [label="2"];');
    expect(dot).toContain('n3 -- n4;\n  n3 -- n4 [style=dashed];');
  });

  test('GraphML: every node and cable with typed attributes', () => {
    const xml = [...writeGraphml(named)].join('');
    expect(xml.match(/<node /g)).toHaveLength(5);
    expect(xml.match(/<edge /g)).toHaveLength(6);
    expect(xml).toContain('<data key="label">h&quot;0 &lt;&amp;&gt;</data><data key="kind">endpoint</data>');
    expect(xml).toContain(
      '<key id="bytesPerSecond" for="edge" attr.name="bytesPerSecond" attr.type="double"/>',
    );
    expect(xml.match(/<data key="alive">false/g)).toHaveLength(1);
    expect(xml).not.toContain('key="lid">');
  });
});

describe("OpenSM's other files", () => {
  const result = withIdentities(plain, { lmc: 1 });
  if (!result.ok) throw new Error('identities');
  const fabric = result.value;

  test('roots, compute nodes, LIDs', () => {
    expect([...rootGuids(fabric, 0)]).toEqual([`0x${fabric.guid[4]}\n`]);
    expect([...computeGuids(fabric, 0)]).toEqual(fabric.portGuid.slice(0, 2).map((g) => `0x${g}\n`));
    expect([...guidToLid(fabric, 0)].slice(0, 3)).toEqual([
      `0x${fabric.portGuid[0]} 0x0002 0x0003\n\n`,
      `0x${fabric.portGuid[1]} 0x0004 0x0005\n\n`,
      `0x${fabric.guid[2]} 0x0006 0x0006\n\n`,
    ]);
    expect(simulatorLimits(fabric, 0)).toEqual({ nodes: 5, switches: 3, ports: 17, topLid: 8 });
  });

  test('the configuration loads the tables and says what falls back', () => {
    const conf = [...opensmConf(fabric, { lfts: 'l', roots: 'r', compute: 'c' })].join('');
    expect(conf).toMatch(/^routing_engine file,updn\nlfts_file l$/m);
    expect(conf).toMatch(/^lmc 1$/m);
    for (const line of conf.trim().split('\n')) expect(line).toMatch(/^(?:#|[a-z0-9_]+ \S+$)/);
  });
});
