import { describe, expect, it } from 'vitest';
import { clos2 } from '../../test/support/fabrics.ts';
import { builtin } from '../catalog/catalog.ts';
import type { NodeShape } from '../catalog/types.ts';
import { linkName } from '../fabric/names.ts';
import { projectFlows } from '../fabric/project.ts';
import type { Fabric, Placement } from '../fabric/types.ts';
import { latency } from '../flow/bottleneck.ts';
import { moduloTables, tableLink } from '../routes/modulo.ts';
import { nextHops } from '../routes/next-hops.ts';
import type { RankLayout, Transfers } from '../traffic/types.ts';
import { profile } from './profile.ts';
import { formatRanks } from './ranks.ts';
import type { Profile } from './types.ts';

const catalog = builtin();
const node: NodeShape = {
  id: 'one',
  name: 'one GPU, one NIC',
  gpu: 'h800',
  gpus: 1,
  nics: 1,
  nicRate: 50e9,
  scaleUpRate: 1e12,
  scaleUpAchievable: 1e12,
  source: 'test',
  date: '2026',
  confidence: 'assumed',
};

/** Messages between hosts of one GPU: rank r is endpoint r. */
function profileOf(
  fabric: Fabric,
  messages: readonly (readonly [from: number, to: number, bytes: number])[],
): Profile {
  const ranks = fabric.endpoints;
  const identity = Int32Array.from({ length: ranks }, (_, i) => i);
  const layout: RankLayout = {
    ranks,
    nodes: ranks,
    gpusPerNode: 1,
    node: identity,
    index: new Int32Array(ranks),
    rankAt: identity,
  };
  const placement: Placement = {
    strategy: 'linear',
    host: identity,
    endpointOf: identity,
    lanes: 1,
    gpusPerNode: 1,
  };
  const transfers: Transfers[] = [
    {
      operation: {
        id: 'messages',
        title: 'messages',
        kind: 'send',
        phase: 'forward',
        dimension: 'pipeline',
        groups: { inner: [], outer: [] },
        bytesPerRank: 1,
        count: [3],
        overlaps: null,
        forwarding: 'none',
      },
      count: messages.length,
      from: Int32Array.from(messages, (m) => m[0]),
      to: Int32Array.from(messages, (m) => m[1]),
      bytes: Float64Array.from(messages, (m) => m[2]),
      via: new Uint8Array(messages.length).fill(1),
      stage: new Uint16Array(messages.length),
      rounds: 1,
    },
  ];
  const projected = projectFlows({ fabric, layout, placement, transfers });
  const hops = nextHops(fabric);
  const input = { fabric, hops, ...projected, transfers, layout, placement, node };
  return profile({ ...input, seed: 1, ecmpSeeds: 8, queuePairs: 1, hotPaths: 4 }, { catalog });
}

describe('profile', () => {
  // Destinations 4 and 6 are equal modulo two spines: under tables both flows share leaf 0's first uplink.
  const fabric = clos2({ leaves: 4, spines: 2, hostsPerLeaf: 2 });
  const result = profileOf(fabric, [
    [0, 4, 5e9],
    [1, 6, 5e9],
    [2, 3, 1e9],
  ]);

  it('names the hot link, its load, and the operation and ranks that cause it', () => {
    const hops = nextHops(fabric);
    const up = tableLink(fabric, moduloTables(fabric, hops), hops, hops.leafOf[0]!, 4);
    expect(result.hotLinks[0]).toEqual({
      link: linkName(fabric, up),
      utilisation: 1,
      seconds: 30e9 / 50e9,
      bytes: 30e9,
      causes: [{ operation: 'messages', ranks: '0-1', share: 1 }],
    });
    expect(result.hotPaths.map((p) => [p.from, p.to, p.bytes, p.utilisation])).toEqual([
      ['h0', 'h4', 15e9, 1],
      ['h1', 'h6', 15e9, 1],
    ]);
  });

  it('times one invocation by what binds it: the shared link, or with a link each the NIC', () => {
    const wait = latency('infiniband', 3, catalog);
    const [operation] = result.operations;
    const time = (policy: string) => operation!.times.find((t) => t.policy === policy)!;
    expect(operation!.switchHops).toBe(3);
    expect(time('modulo').seconds).toBeCloseTo(10e9 / 50e9 + wait, 12);
    expect(time('modulo').bound).toBe(`link ${result.hotLinks[0]!.link}`);
    expect(time('adaptive').seconds).toBeCloseTo(5e9 / (0.89 * 50e9) + wait, 12);
    expect(time('adaptive').bound).toBe('nic');
  });

  it('gives ECMP as a distribution and tells where bytes went', () => {
    const { seeds, maxLoad } = result.policies[0]!;
    expect(seeds).toMatchObject({ count: 8, median: maxLoad });
    expect(seeds!.min).toBeLessThanOrEqual(seeds!.median);
    expect(seeds!.p90).toBeLessThanOrEqual(seeds!.max);
    expect(result.bytes).toEqual({ intraLeaf: 3e9, crossLeaf: 30e9, unrouted: 0 });
  });

  it('says when all traffic stays under leaves', () => {
    const quiet = profileOf(fabric, [
      [0, 1, 1e9],
      [2, 3, 1e9],
    ]);
    expect(quiet.hotLinks).toEqual([]);
    expect(quiet.policies.every((p) => p.maxLoad === 0 && p.hottest === null)).toBe(true);
    expect(quiet.notes.join(' ')).toContain('stays under leaves');
    expect(quiet.operations[0]!.switchHops).toBe(1);
  });

  it('counts what a damaged fabric cannot carry', () => {
    const cut = clos2({ leaves: 2, spines: 1, hostsPerLeaf: 1, missing: (leaf) => leaf === 1 });
    const lost = profileOf(cut, [[0, 1, 1e9]]);
    expect(lost.bytes.unrouted).toBe(3e9);
    expect(lost.notes.join(' ')).toContain('no path');
  });

  it('explains hot links under ECMP on RoCE', () => {
    const roce = profileOf({ ...fabric, transport: 'roce' }, [
      [0, 4, 5e9],
      [1, 6, 5e9],
    ]);
    expect(roce.hotPolicy).toBe('ecmp');
    expect(roce.hotLinks[0]!.seconds).toBe(roce.policies[0]!.maxLoad);
    expect(roce.hotLinks[0]!.causes[0]!.share).toBe(1);
  });
});

describe('formatRanks', () => {
  it('writes runs, and shortens many of them', () => {
    expect(formatRanks([3, 1, 2, 9, 1])).toBe('1-3, 9');
    expect(formatRanks([0, 8, 16, 24, 32, 40])).toBe('0, 8, ..., 40 (6 ranks)');
    expect(formatRanks([])).toBe('');
  });
});
