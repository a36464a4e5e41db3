import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { clos2 } from '../../test/support/fabrics.ts';
import type { NodeShape } from '../catalog/types.ts';
import { stream } from '../numeric/random.ts';
import { rankLayout } from '../traffic/layout.ts';
import { type RankLayout, type Transfers, Via } from '../traffic/types.ts';
import type { Operation } from '../workload/types.ts';
import { leavesOf } from './detect.ts';
import { generateFabric } from './generate.ts';
import { packedOrder } from './packing.ts';
import { type PlaceInput, place } from './placement.ts';
import { flowDemand, projectFlows } from './project.ts';
import type { ResolvedNetwork } from './sizing.ts';
import type { Fabric } from './types.ts';

function nodeOf(gpus: number, nics = gpus): NodeShape {
  const provenance = { source: 'test', date: '2025', confidence: 'assumed' } as const;
  return {
    id: 'n',
    name: 'n',
    gpu: 'g',
    gpus,
    nics,
    nicRate: 50e9,
    scaleUpRate: 200e9,
    scaleUpAchievable: 160e9,
    ...provenance,
  };
}

function fabricOf(over: Partial<ResolvedNetwork> & { ports: number }, gpus: number, node: NodeShape): Fabric {
  const { ports, ...rest } = over;
  const network: ResolvedNetwork = {
    kind: 'generated',
    topology: 'multi-plane-fat-tree',
    planes: node.nics,
    layers: 2,
    switch: { model: 's', ports, portRate: 50e9 },
    transport: 'infiniband',
    oversubscription: { leaf: 1, spine: 1 },
    nicPorts: 'per-nic',
    hostsPerLeaf: null,
    podEndpoints: null,
    cut: 0,
    ...rest,
  };
  const result = generateFabric({ network, node, gpus, seed: 1 });
  if (!result.ok) throw new Error(result.issues[0]!.message);
  return result.value;
}

function layoutOf(ranks: number, gpusPerNode: number): RankLayout {
  const layout = rankLayout(ranks, gpusPerNode);
  if (!layout.ok) throw new Error('layout');
  return layout.value;
}

/** Transfers of one operation from a list of (from, to, bytes); same-node pairs go over scale-up. */
function transfersOf(
  id: string,
  list: readonly (readonly [number, number, number])[],
  layout: RankLayout,
  times = 1,
): Transfers {
  const operation: Operation = {
    id,
    title: id,
    kind: 'all-to-all',
    phase: 'forward',
    dimension: 'data',
    groups: { inner: [], outer: [] },
    bytesPerRank: 0,
    count: [times],
    overlaps: null,
    forwarding: 'none',
  };
  return {
    operation,
    count: list.length,
    from: Int32Array.from(list, (x) => x[0]),
    to: Int32Array.from(list, (x) => x[1]),
    bytes: Float64Array.from(list, (x) => x[2]),
    via: Uint8Array.from(list, (x) => (layout.node[x[0]] === layout.node[x[1]] ? Via.scaleUp : Via.network)),
    stage: new Uint16Array(list.length),
    rounds: 1,
  };
}

function placed(input: Partial<PlaceInput> & Pick<PlaceInput, 'fabric' | 'layout' | 'node' | 'transfers'>) {
  const result = place({ strategy: 'auto', hosts: null, dimensions: [], seed: 1, ...input });
  if (!result.ok) throw new Error(result.issues.map((i) => i.message).join('\n'));
  return result.value;
}

/** All pairs of strided groups: group g has members g + stride * m. */
function stridedGroups(ranks: number, size: number, stride: number): [number, number, number][] {
  const list: [number, number, number][] = [];
  for (let r = 0; r < ranks; r++) {
    const digit = Math.floor(r / stride) % size;
    for (let m = 0; m < size; m++) if (m !== digit) list.push([r, r + (m - digit) * stride, 1]);
  }
  return list;
}

describe('placement', () => {
  // 64 nodes of one GPU, 8 a leaf; groups of 8 nodes that are 8 apart straddle all leaves when placed in order.
  const node = nodeOf(1);
  const fabric = fabricOf({ ports: 16, planes: 1 }, 64, node);
  const layout = layoutOf(64, 1);
  const transfers = [transfersOf('x', stridedGroups(64, 8, 8), layout)];
  const dimensions = [
    { name: 'data', size: 8, stride: 1 },
    { name: 'pipeline', size: 8, stride: 8 },
  ];

  test('sorting by the right dimension brings strided groups under one leaf', () => {
    const { report, placement } = placed({ fabric, layout, node, transfers, dimensions });
    expect(report).toMatchObject({
      strategy: 'by data, pipeline',
      networkBytes: 448,
      linear: 448,
      crossLeafBytes: 0,
      gain: 1,
    });
    expect(report.random).toBeGreaterThan(300);
    expect([...placement.host].sort((a, b) => a - b)).toEqual(Array.from({ length: 64 }, (_, i) => i));
  });

  test('packing finds the same groups without being told', () => {
    const { report } = placed({ fabric, layout, node, transfers });
    expect(report).toMatchObject({ strategy: 'packed', crossLeafBytes: 0 });
  });

  test('linear stays linear, and a rank map keeps its nodes', () => {
    expect(placed({ fabric, layout, node, transfers, dimensions, strategy: 'linear' }).report).toMatchObject({
      strategy: 'linear',
      gain: 0,
    });
    const map = placed({ fabric, layout, node, transfers, dimensions, strategy: [0, 1] });
    expect(map.placement.strategy).toBe('rank map');
    expect(map.placement.host[5]).toBe(5);
  });

  test('nothing is ever worse than the order as given', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(63), fc.nat(63), fc.integer({ min: 1, max: 9 })), {
          minLength: 1,
          maxLength: 200,
        }),
        (list) => {
          const { report, placement } = placed({
            fabric,
            layout,
            node,
            dimensions,
            transfers: [transfersOf('x', list, layout)],
          });
          expect(report.crossLeafBytes).toBeLessThanOrEqual(report.linear);
          expect(new Set(placement.host).size).toBe(64);
        },
      ),
      { numRuns: 50 },
    );
  });

  test('a packed order is a permutation whatever the leaves hold', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1, maxLength: 9 }),
        fc.nat(1000),
        (sizes, seed) => {
          const nodes = sizes.reduce((a, b) => a + b, 0);
          const draw = stream(seed, 'test');
          const small = layoutOf(nodes, 1);
          const list = Array.from(
            { length: 3 * nodes },
            () => [draw.below(nodes), draw.below(nodes), 1 + draw.below(5)] as const,
          );
          const { demand } = demandOf(
            transfersOf(
              'x',
              list.filter(([a, b]) => a !== b),
              small,
            ),
            small,
          );
          expect([...packedOrder(demand, sizes)].sort((a, b) => a - b)).toEqual(
            Array.from({ length: nodes }, (_, i) => i),
          );
        },
      ),
    );
  });

  test('hosts of the job by name, and what is wrong with them', () => {
    const small = layoutOf(2, 1);
    const { placement } = placed({
      fabric,
      layout: small,
      node,
      transfers: [],
      hosts: ['node0009', 'node0003'],
    });
    expect([...placement.host]).toEqual([9, 3]);
    const result = place({
      fabric,
      layout: small,
      node,
      transfers: [],
      strategy: 'auto',
      dimensions: [],
      seed: 1,
      hosts: ['node0009', 'nod0003', 'node0009'],
    });
    expect(result.issues.map((i) => i.code)).toEqual(['unknown-host', 'duplicate-host']);
    expect(result.issues[0]!.nearest).toBe('node0003');
    const many = place({
      fabric,
      layout: layoutOf(65, 1),
      node,
      transfers: [],
      strategy: 'auto',
      dimensions: [],
      seed: 1,
      hosts: null,
    });
    expect(many.issues).toMatchObject([{ code: 'too-few-hosts' }]);
  });

  test('8,192 nodes are placed quickly', () => {
    const eight = nodeOf(8);
    const big = layoutOf(65536, 8);
    const large = fabricOf({ ports: 64, planes: 1, topology: 'fat-tree', layers: 3 }, 65536, eight);
    const t = [
      transfersOf('ep', stridedGroups(65536, 8, 8), big),
      transfersOf('pp', stridedGroups(65536, 2, 4096), big),
    ];
    const start = performance.now();
    placed({
      fabric: large,
      layout: big,
      node: eight,
      transfers: t,
      dimensions: [
        { name: 'a', size: 64, stride: 1 },
        { name: 'b', size: 64, stride: 64 },
        { name: 'c', size: 16, stride: 4096 },
      ],
    });
    expect(performance.now() - start).toBeLessThan(5000);
  });
});

function demandOf(transfers: Transfers, layout: RankLayout) {
  const fabric = clos2({ leaves: 1, spines: 1, hostsPerLeaf: layout.nodes });
  const { placement } = placed({
    fabric,
    layout,
    node: nodeOf(1),
    transfers: [transfers],
    strategy: 'linear',
  });
  const { flows } = projectFlows({ fabric, layout, placement, transfers: [transfers] });
  return { demand: flowDemand(fabric, flows, 'nic') };
}

describe('projection', () => {
  const node = nodeOf(4);
  const layout = layoutOf(64, 4);

  function random(seed: number, count = 300): Transfers {
    const draw = stream(seed, 'transfers');
    return transfersOf(
      `op${seed}`,
      Array.from({ length: count }, () => [draw.below(64), draw.below(64), 1 + draw.below(1000)] as const),
      layout,
      3,
    );
  }

  test.each([
    ['multi-plane', { ports: 8, planes: 4 }],
    ['two NICs a plane', { ports: 8, planes: 2 }],
    ['a port on every plane', { ports: 16, planes: 4, nicPorts: 'per-plane' }],
    ['plain', { ports: 16, planes: 1, topology: 'fat-tree' }],
    ['rail-optimised', { ports: 8, planes: 1, topology: 'rail-optimized', layers: 3 }],
  ] as const)('%s: every level holds the same bytes', (_, over) => {
    const fabric = fabricOf(over, 64, node);
    const transfers = [random(1), random(2)];
    const { placement } = placed({ fabric, layout, node, transfers });
    const { flows, scopes } = projectFlows({ fabric, layout, placement, transfers });
    const total = (t: Transfers, via: number) =>
      t.bytes.reduce((s, b, k) => s + (t.via[k] === via ? 3 * b : 0), 0);
    transfers.forEach((t, o) => {
      expect(scopes[o]!.intraNode).toBeCloseTo(total(t, Via.scaleUp), 3);
      expect(scopes[o]!.intraLeaf + scopes[o]!.crossLeaf).toBeCloseTo(total(t, Via.network), 3);
    });
    for (const level of ['nic', 'plane', 'leaf'] as const) {
      for (const [o, t] of transfers.entries()) {
        const demand = flowDemand(fabric, flows, level, flows.operations[o]);
        expect(demand.bytes.reduce((a, b) => a + b, 0)).toBeCloseTo(total(t, Via.network), 3);
      }
      const step = flowDemand(fabric, flows, level);
      expect(step.bytes.reduce((a, b) => a + b, 0)).toBeCloseTo(
        total(transfers[0]!, Via.network) + total(transfers[1]!, Via.network),
        3,
      );
    }
    const leaf = leavesOf(fabric);
    const cross = flows.bytes.reduce(
      (s, b, f) => s + (leaf[flows.src[f]!] === leaf[flows.dst[f]!] ? 0 : b),
      0,
    );
    expect(cross).toBeCloseTo(scopes[0]!.crossLeaf + scopes[1]!.crossLeaf, 3);
    for (let f = 0; f < flows.count; f++)
      expect(fabric.plane[flows.src[f]!]).toBe(fabric.plane[flows.dst[f]!]);
  });

  test('bytes for another plane change over to the sender NIC of the destination index', () => {
    const fabric = fabricOf({ ports: 8, planes: 4 }, 64, node);
    // Rank 1 (node 0, index 1) to rank 6 (node 1, index 2), and rank 1 to rank 5 of its own index.
    const transfers = [
      transfersOf(
        'x',
        [
          [1, 6, 100],
          [1, 5, 10],
        ],
        layout,
      ),
    ];
    const { placement } = placed({ fabric, layout, node, transfers, strategy: 'linear' });
    const { flows, scopes } = projectFlows({ fabric, layout, placement, transfers });
    expect([...flows.src]).toEqual([2, 1]);
    expect([...flows.dst]).toEqual([6, 5]);
    expect(scopes[0]).toEqual({
      operation: 'x',
      intraNode: 0,
      intraLeaf: 110,
      crossLeaf: 0,
      crossPlane: 100,
    });
    expect(flowDemand(fabric, flows, 'plane').bytes).toEqual(Float64Array.from([10, 100]));
  });

  test('with a port on every plane a GPU sprays evenly and nothing crosses', () => {
    const fabric = fabricOf({ ports: 16, planes: 4, nicPorts: 'per-plane' }, 64, node);
    const transfers = [transfersOf('x', [[1, 6, 100]], layout)];
    const { placement } = placed({ fabric, layout, node, transfers, strategy: 'linear' });
    const { flows, scopes } = projectFlows({ fabric, layout, placement, transfers });
    expect([...flows.src]).toEqual([4, 5, 6, 7]);
    expect([...flows.dst]).toEqual([24, 25, 26, 27]);
    expect([...flows.bytes]).toEqual([25, 25, 25, 25]);
    expect(scopes[0]!.crossPlane).toBe(0);
  });

  test('GPUs that share a NIC share its endpoint', () => {
    const shared = nodeOf(4, 2);
    const fabric = fabricOf({ ports: 8, planes: 2 }, 64, shared);
    const { placement } = placed({ fabric, layout, node: shared, transfers: [] });
    expect([...placement.endpointOf.subarray(0, 8)]).toEqual([0, 0, 1, 1, 2, 2, 3, 3]);
  });
});
