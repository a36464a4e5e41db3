import { describe, expect, test } from 'vitest';
import { ensure } from '../base/result.ts';
import { builtin } from '../catalog/catalog.ts';
import type { GeneratedNetwork } from '../spec/types.ts';
import { chooseDesign, countParts } from './design.ts';
import { generateFabric } from './generate.ts';
import { sizeNetwork } from './sizing.ts';
import { summariseFabric } from './summary.ts';

const catalog = builtin();
const node = ensure(catalog.find('node', 'hgx-h800'), 'hgx-h800');

function open(over: Partial<GeneratedNetwork> = {}): GeneratedNetwork {
  return {
    kind: 'generated',
    topology: 'auto',
    planes: 'auto',
    layers: 'auto',
    switch: { model: 's', ports: 64, portRate: node.nicRate },
    transport: 'infiniband',
    oversubscription: { leaf: 1, spine: 1 },
    nicPorts: 'per-nic',
    hostsPerLeaf: null,
    podEndpoints: null,
    cut: 0,
    ...over,
  };
}

function choose(gpus: number, over: Partial<GeneratedNetwork> = {}) {
  const result = chooseDesign({ network: open(over), node, gpus, catalog });
  if (!result.ok) throw new Error(result.issues[0]!.message);
  return result.value;
}

describe('auto', () => {
  test('takes eight planes at 2,048 GPUs: as cheap as one, with room to grow', () => {
    const { network, alternatives } = choose(2048);
    expect(network).toMatchObject({ topology: 'multi-plane-fat-tree', planes: 8, layers: 2 });
    expect(alternatives.filter((a) => a.chosen)).toHaveLength(1);
    expect(alternatives).toHaveLength(10);
    const plain = alternatives.find((a) => a.topology === 'fat-tree' && a.layers === 2)!;
    expect(plain).toMatchObject({ feasible: true, switches: 96, links: 2048, endpointsCapacity: 2048 });
    expect(plain.reason).toBe('costs the same, but grows to 2048 endpoints only, not 16384');
  });

  test('at 16,384 GPUs one plane would need a third layer', () => {
    const { network, alternatives } = choose(16384);
    expect(network).toMatchObject({ topology: 'multi-plane-fat-tree', planes: 8, layers: 2 });
    expect(alternatives.find((a) => a.topology === 'fat-tree' && a.layers === 2)).toMatchObject({
      feasible: false,
    });
    const three = alternatives.find((a) => a.topology === 'fat-tree' && a.layers === 3)!;
    expect(three).toMatchObject({ switches: 1280, links: 32768, worstHops: 5 });
    expect(three.reason).toMatch(/% dearer: 1280 switches and 32768 links instead of 768 and 16384/);
  });

  test('beyond two layers of eight planes it takes three', () => {
    expect(choose(65536).network.layers).toBe(3);
  });

  test('keeps what is fixed', () => {
    expect(choose(512, { topology: 'rail-optimized' }).network).toMatchObject({
      topology: 'rail-optimized',
      planes: 1,
      layers: 2,
    });
    expect(choose(512, { planes: 4 }).network).toMatchObject({ topology: 'multi-plane-fat-tree', planes: 4 });
    expect(choose(512, { planes: 1, layers: 3 }).network).toMatchObject({ planes: 1, layers: 3 });
    expect(choose(512, { nicPorts: 'per-plane', topology: 'multi-plane-fat-tree' }).network.nicPorts).toBe(
      'per-plane',
    );
    const asked = choose(512, { topology: 'fat-tree', planes: 1, layers: 2 });
    expect(asked.alternatives).toMatchObject([{ reason: 'as asked', chosen: true }]);
  });

  test('says why nothing fits', () => {
    const result = chooseDesign({
      network: open({ switch: { model: 's', ports: 4, portRate: node.nicRate } }),
      node,
      gpus: 65536,
      catalog,
    });
    expect(result.ok).toBe(false);
    expect(result.issues[0]).toMatchObject({ code: 'no-design' });
    expect(result.issues[0]!.message).toContain('multi-plane-fat-tree, planes 8, layers 3');
  });

  test('counts parts as they are then drawn', () => {
    for (const gpus of [8, 96, 800, 2048]) {
      for (const a of choose(gpus).alternatives.filter((x) => x.feasible)) {
        const network = { ...open(), topology: a.topology, planes: a.planes, layers: a.layers };
        const size = sizeNetwork({ network, node, gpus });
        const drawn = generateFabric({ network, node, gpus, seed: 1 });
        if (!size.ok || !drawn.ok) throw new Error('feasible, but not drawn');
        const s = summariseFabric(drawn.value);
        expect(countParts(size.value)).toEqual({ switches: s.switches, links: s.interSwitchLinks });
      }
    }
  });
});
