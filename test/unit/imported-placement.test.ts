import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { place } from '../../src/fabric/placement.ts';
import { flowDemand, leafNodes, projectFlows } from '../../src/fabric/project.ts';
import { summariseFabric } from '../../src/fabric/summary.ts';
import { readFabric } from '../../src/formats/registry.ts';
import { rankLayout } from '../../src/traffic/layout.ts';
import { type Transfers, Via } from '../../src/traffic/types.ts';

const fixture = new URL('../fixtures/irregular.ibnetdiscover', import.meta.url);
const RANKS = 24;

/** All pairs of groups of 4 ranks that are 6 apart: they straddle leaves when placed in order. */
function pairsOfSix(): Transfers {
  const pairs: [number, number][] = [];
  for (let r = 0; r < RANKS; r++) for (let m = 6; m < RANKS; m += 6) pairs.push([r, (r + m) % RANKS]);
  return {
    operation: {
      id: 'x',
      title: 'x',
      kind: 'all-to-all',
      phase: 'forward',
      dimension: 'data',
      groups: { inner: [{ size: 4, stride: 6 }], outer: [{ size: 6, stride: 1 }] },
      bytesPerRank: 4,
      count: [1],
      overlaps: null,
      forwarding: 'none',
    },
    count: pairs.length,
    from: Int32Array.from(pairs, (p) => p[0]),
    to: Int32Array.from(pairs, (p) => p[1]),
    bytes: new Float64Array(pairs.length).fill(1),
    via: new Uint8Array(pairs.length).fill(Via.network),
    stage: new Uint16Array(pairs.length),
    rounds: 1,
  };
}

test('a job is placed on an imported, irregular fabric and its bytes arrive at every level', async () => {
  const read = await readFabric([readFileSync(fixture)], 'irregular');
  const layout = rankLayout(RANKS, 1);
  if (!read.ok || !layout.ok) throw new Error('fixture or layout');
  const fabric = read.value;
  expect(summariseFabric(fabric)).toMatchObject({
    planes: 1,
    layers: 2,
    endpoints: 24,
    aggregators: 1,
    leaves: 6,
    spines: 3,
    interSwitchLinks: 30,
    regular: false,
  });
  const provenance = { source: 'test', date: '2025', confidence: 'assumed' } as const;
  const node = {
    id: 'n',
    name: 'n',
    gpu: 'g',
    gpus: 1,
    nics: 1,
    nicRate: 25e9,
    scaleUpRate: 1e9,
    scaleUpAchievable: 1e9,
  };
  const dimensions = [
    { name: 'data', size: 6, stride: 1 },
    { name: 'pipeline', size: 4, stride: 6 },
  ];
  const transfers = [pairsOfSix()];
  const placed = place({
    fabric,
    layout: layout.value,
    transfers,
    strategy: 'auto',
    node: { ...node, ...provenance },
    hosts: null,
    dimensions,
    seed: 1,
  });
  if (!placed.ok) throw new Error('not placed');
  const { placement, report } = placed.value;
  expect(report.networkBytes).toBe(72);
  expect(report.crossLeafBytes).toBeLessThan(report.linear);
  const { flows, scopes } = projectFlows({ fabric, layout: layout.value, placement, transfers });
  expect(scopes[0]!.crossLeaf).toBe(report.crossLeafBytes);
  expect(leafNodes(fabric)).toHaveLength(6);
  for (const level of ['nic', 'plane', 'leaf'] as const) {
    expect(flowDemand(fabric, flows, level).bytes.reduce((a, b) => a + b, 0)).toBe(72);
  }
});
