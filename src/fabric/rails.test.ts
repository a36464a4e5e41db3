import { describe, expect, it } from 'vitest';
import { buildFabric, type CableInput, type NodeInput } from './builder.ts';
import { railsOf } from './rails.ts';
import { type Fabric, NodeKind } from './types.ts';

/** Hosts by unit; NIC n of a host of unit u hangs on leaf u * rails + n. `nics[h]` lists the NICs that host h has. */
function railed(units: number, rails: number, nics: readonly (readonly number[])[], names = true): Fabric {
  const nodes: NodeInput[] = [];
  const cables: CableInput[] = [];
  const hostOf: number[] = [];
  const nicOf: number[] = [];
  const endpoints = nics.reduce((n, list) => n + list.length, 0);
  const port = new Array<number>(units * rails).fill(1);
  for (const [h, list] of nics.entries()) {
    for (const [i, n] of list.entries()) {
      const leaf = (h % units) * rails + n;
      cables.push({ a: nodes.length, aPort: 1, b: endpoints + leaf, bPort: port[leaf]!++, rate: 1 });
      const name = names ? `host${h} HCA-${n + 1}` : `card ${nodes.length}`;
      nodes.push({ name, kind: NodeKind.endpoint, tier: 0, plane: 0 });
      hostOf.push(h);
      nicOf.push(i);
    }
  }
  for (let l = 0; l < units * rails; l++) {
    cables.push({ a: endpoints + l, aPort: 40, b: endpoints + units * rails, bPort: l + 1, rate: 1 });
    nodes.push({ name: `leaf${l}`, kind: NodeKind.switch, tier: 1, plane: 0 });
  }
  nodes.push({ name: 'spine', kind: NodeKind.switch, tier: 2, plane: 0 });
  const hostNames = nics.map((_, h) => `host${h}`);
  const identity = { name: 'railed', transport: 'infiniband' as const, planes: 1, layers: 2 };
  return buildFabric({ ...identity, nodes, cables, hostNames, hostOf, nicOf });
}

const whole = [0, 1, 2, 3];

describe('railsOf', () => {
  it('finds the rails of hosts that spread their NICs over leaves', () => {
    const rails = railsOf(railed(2, 4, [whole, whole, whole, whole]));
    expect([rails.count, rails.wired]).toEqual([4, true]);
    expect([...rails.of]).toEqual([...whole, ...whole, ...whole, ...whole]);
  });

  it('puts a nameless adapter on the rail of its leaf', () => {
    // Hosts 4 and 5 have one NIC each, which says nothing about where it belongs.
    const rails = railsOf(railed(2, 4, [whole, whole, whole, whole, [2], [3]]));
    expect([...rails.of].slice(-2)).toEqual([2, 3]);
  });

  it('knows the NICs of hosts that lack one by their device names', () => {
    // Unit 1 has no leaf of rail 2 at all: its hosts have NICs 1, 2 and 4.
    const short = [0, 1, 3];
    const rails = railsOf(railed(2, 4, [whole, short, whole, short, whole, short]));
    expect([...rails.of].slice(4, 7)).toEqual(short);
  });

  it('takes NIC positions where hosts keep to one leaf', () => {
    const nodes = [0, 1, 2, 3].map((e) => ({ name: `h${e >> 1} nic${e & 1}`, kind: 0, tier: 0, plane: 0 }));
    const fabric = buildFabric({
      name: 'plain',
      transport: 'infiniband',
      planes: 1,
      layers: 2,
      nodes: [...nodes, { name: 'leaf', kind: NodeKind.switch, tier: 1, plane: 0 }],
      cables: [0, 1, 2, 3].map((e) => ({ a: e, aPort: 1, b: 4, bPort: e + 1, rate: 1 })),
      hostNames: ['h0', 'h1'],
      hostOf: [0, 0, 1, 1],
      nicOf: [0, 1, 0, 1],
    });
    const rails = railsOf(fabric);
    expect([rails.count, rails.wired, [...rails.of]]).toEqual([2, false, [0, 1, 0, 1]]);
  });
});
