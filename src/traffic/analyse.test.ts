import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { builtin } from '../catalog/catalog.ts';
import { stream } from '../numeric/random.ts';
import type { Collective, Parallelism } from '../spec/types.ts';
import { analyseWorkload } from '../workload/analyse.ts';
import { forEachGroup } from '../workload/groups.ts';
import type { Operation, Workload } from '../workload/types.ts';
import { analyseTraffic, logicalTraffic } from './analyse.ts';
import { bytesByOperation, nodeDemand, rankDemand } from './demand.ts';
import { rankLayout } from './layout.ts';
import { transfersOf } from './transfers.ts';
import { type Demand, type Traffic, type TrafficInput, Via } from './types.ts';

const plain: Parallelism = {
  tensor: 1,
  pipeline: 1,
  expert: 1,
  data: 1,
  context: 1,
  sequence: false,
  zero: 1,
  schedule: '1f1b',
  virtualStages: 1,
  overlap: 'data',
  order: ['tensor', 'context', 'data', 'pipeline'],
};

function workloadOf(modelId: string, cut: Partial<Parallelism>, batch: number): Workload {
  const model = builtin().find('model', modelId)!;
  const training = {
    tokens: 1e12,
    sequence: 4096,
    batch,
    microbatch: 1,
    precision: 'fp8',
    recompute: 'none',
    attention: 'fused',
    loss: 'fused',
    launch: 'eager',
  } as const;
  const made = analyseWorkload({ model, training, parallelism: { ...plain, ...cut } }, builtin());
  if (!made.ok) throw new Error(JSON.stringify(made.issues));
  return made.value;
}

function inputOf(modelId: string, workload: Workload, more: Partial<TrafficInput> = {}): TrafficInput {
  return {
    workload,
    gpusPerNode: 8,
    traffic: { experts: { kind: 'uniform' }, nodeLimit: 4, collective: 'auto' },
    experts: builtin().find('model', modelId)!.experts,
    seed: 1,
    ...more,
  };
}

function traffic(input: TrafficInput): Traffic {
  const made = analyseTraffic(input);
  if (!made.ok) throw new Error(JSON.stringify(made.issues));
  return made.value;
}

const total = (d: Demand) => d.bytes.reduce((a, b) => a + b, 0);
const byId = (t: Traffic, id: string) => t.transfers.find((x) => x.operation.id === id)!;

/** Demand as 'row>column' to bytes. */
function pairs(demand: Demand, transposed = false): Map<string, number> {
  const map = new Map<string, number>();
  for (let r = 0; r < demand.rows; r++) {
    for (let k = demand.start[r]!; k < demand.start[r + 1]!; k++) {
      const c = demand.column[k]!;
      map.set(transposed ? `${c}>${r}` : `${r}>${c}`, demand.bytes[k]!);
    }
  }
  return map;
}

describe('DeepSeek-V3 on 2,048 GPUs', () => {
  const workload = workloadOf(
    'deepseek-v3',
    { pipeline: 16, expert: 64, data: 128, schedule: 'dualpipe' },
    15360,
  );
  const made = traffic(inputOf('deepseek-v3', workload));

  test('a rank sends a copy of a token to each of the other nodes that need it', () => {
    const t = byId(made, 'expert-dispatch-forward');
    let far = 0;
    for (let k = 0; k < t.count; k++) if (t.via[k] === Via.network) far += t.bytes[k]!;
    expect(far / 2048 / (4096 * 7392)).toBeCloseTo((3.98 * 7) / 8, 1);
  });

  test('the network is entered and left at one index: planes are not crossed', () => {
    const { index } = made.layout;
    for (const t of made.transfers) {
      for (let k = 0; k < t.count; k++) {
        if (t.via[k] === Via.network) expect(index[t.from[k]!]).toBe(index[t.to[k]!]);
      }
    }
  });

  test('operations on the same groups share their arrays', () => {
    const forward = byId(made, 'expert-dispatch-forward');
    const combine = byId(made, 'expert-combine-backward');
    expect(byId(made, 'expert-dispatch-backward').from).toBe(forward.from);
    expect(combine.from).toBe(forward.to);
  });

  test('combine is the transpose of dispatch, at its own width', () => {
    const zipf = traffic(
      inputOf('deepseek-v3', workload, {
        traffic: { experts: { kind: 'zipf', exponent: 1.1 }, nodeLimit: 4, collective: 'auto' },
      }),
    );
    const one = (id: string) => rankDemand([byId(zipf, id)], 2048, id);
    const there = pairs(one('expert-dispatch-forward'));
    const back = pairs(one('expert-combine-forward'), true);
    expect(back.size).toBe(there.size);
    let worst = 0;
    for (const [key, bytes] of there)
      worst = Math.max(worst, Math.abs(back.get(key)! / bytes / (14336 / 7392) - 1));
    expect(worst).toBeLessThan(1e-9);
  });

  test('the logical demand has no relays: a token for every rank that wants it', () => {
    const logical = logicalTraffic(inputOf('deepseek-v3', workload));
    if (!logical.ok) throw new Error('no logical traffic');
    const t = byId(logical.value, 'expert-dispatch-forward');
    expect(t.count).toBe(2048 * 63);
    let bytes = 0;
    for (let k = 0; k < t.count; k++) bytes += t.bytes[k]!;
    expect(bytes / 2048 / (4096 * 7392)).toBeCloseTo((7.5 * 63) / 64, 1);
  });
});

describe('any cut on any map of ranks', () => {
  const cuts = fc.constantFrom<[string, Partial<Parallelism>]>(
    ['deepseek-v3', { pipeline: 2, expert: 16, data: 32, schedule: 'dualpipe' }],
    [
      'deepseek-v3',
      {
        pipeline: 2,
        expert: 32,
        data: 16,
        tensor: 2,
        sequence: true,
        order: ['data', 'pipeline', 'tensor', 'context'],
      },
    ],
    ['mixtral-8x7b', { pipeline: 4, expert: 8, data: 4, tensor: 4, sequence: true, zero: 3 }],
    ['llama-3.1-405b', { pipeline: 2, tensor: 8, data: 2, context: 2, sequence: true, zero: 0 }],
    ['gpt-3-175b', { pipeline: 4, tensor: 2, data: 8, schedule: 'interleaved', virtualStages: 2 }],
  );
  const collectives = fc.constantFrom<Collective>('auto', 'ring', 'tree', 'hierarchical', 'direct');
  const places = fc.record({ seed: fc.nat(), shuffled: fc.boolean(), gpusPerNode: fc.constantFrom(3, 4, 8) });

  test('conserves bytes from ranks to nodes and keeps NVLink inside them', () => {
    fc.assert(
      fc.property(cuts, collectives, places, ([model, cut], collective, { seed, shuffled, gpusPerNode }) => {
        const workload = workloadOf(model, cut, 64);
        const gpus = Int32Array.from({ length: workload.ranks }, (_, i) => i);
        if (shuffled) stream(seed, 'test-rank-map').shuffle(gpus);
        const made = traffic(
          inputOf(model, workload, {
            gpusPerNode,
            rankMap: Array.from(gpus),
            traffic: { experts: { kind: 'uniform' }, nodeLimit: null, collective },
          }),
        );
        const { layout, transfers } = made;
        for (const t of transfers) {
          for (let k = 0; k < t.count; k++) {
            const near = layout.node[t.from[k]!] === layout.node[t.to[k]!];
            if (near !== (t.via[k] === Via.scaleUp)) throw new Error(`${t.operation.id} takes a wrong way`);
            if (!(t.bytes[k]! > 0) || t.from[k] === t.to[k])
              throw new Error(`${t.operation.id} moves nothing`);
          }
        }
        const sums = bytesByOperation(transfers);
        const intra = sums.reduce((s, o) => s + o.intraNode, 0);
        const inter = sums.reduce((s, o) => s + o.interNode, 0);
        expect(total(rankDemand(transfers, workload.ranks, 'step')) / (intra + inter)).toBeCloseTo(1, 10);
        expect(total(nodeDemand(transfers, layout, 'step')) / inter).toBeCloseTo(1, 10);
        const parts = transfers.map((t) => total(nodeDemand([t], layout, t.operation.id)));
        expect(parts.reduce((a, b) => a + b, 0) / inter).toBeCloseTo(1, 10);
      }),
      { numRuns: 30 },
    );
  });
});

describe('sends', () => {
  const groups = { inner: [{ size: 4, stride: 2 }], outer: [{ size: 2, stride: 1 }] };
  const send = (more: Partial<Operation>): Operation => ({
    id: 'send',
    title: 'send',
    kind: 'send',
    phase: 'forward',
    dimension: 'pipeline',
    groups,
    bytesPerRank: 10,
    count: [1, 1, 1, 1],
    overlaps: null,
    forwarding: 'none',
    direction: 'next',
    ...more,
  });
  const legs = (operation: Operation, gpusPerNode: number) => {
    const layout = rankLayout(8, gpusPerNode);
    if (!layout.ok) throw new Error('no layout');
    const t = transfersOf(operation, layout.value, { collective: 'auto', stageStride: 2 });
    return Array.from(t.from, (a, k) => `${a}>${t.to[k]} ${t.stage[k]}`);
  };

  test('go to the next, the previous or the mirrored member, and round only when asked', () => {
    expect(legs(send({}), 8)).toEqual(['0>2 0', '2>4 1', '4>6 2', '1>3 0', '3>5 1', '5>7 2']);
    expect(legs(send({ direction: 'previous', count: [0, 1, 0, 0] }), 8)).toEqual(['2>0 1', '3>1 1']);
    expect(legs(send({ direction: 'mirror' }), 8).slice(0, 4)).toEqual(['0>6 0', '2>4 1', '4>2 2', '6>0 3']);
    expect(legs(send({ wrap: true, count: [0, 0, 0, 1] }), 8)).toEqual(['6>0 3', '7>1 3']);
  });

  test('change index at the end that forwards, counted with the stage that sends', () => {
    // Nodes of 3: rank 2 is GPU 2 of node 0 and sends to rank 4, GPU 1 of node 1.
    expect(legs(send({ forwarding: 'sender', count: [0, 1, 0, 0] }), 3)).toContain('2>1 1');
    expect(legs(send({ forwarding: 'sender', count: [0, 1, 0, 0] }), 3)).toContain('1>4 1');
    expect(legs(send({ forwarding: 'receiver', count: [0, 1, 0, 0] }), 3)).toEqual([
      '2>5 1',
      '5>4 1',
      '3>5 1',
    ]);
    expect(legs(send({ count: [0, 1, 0, 0] }), 3)).toEqual(['2>4 1', '3>5 1']);
  });
});

test('collectives move what the formulas say', () => {
  const layout = rankLayout(64, 8);
  if (!layout.ok) throw new Error('no layout');
  const groups = { inner: [{ size: 32, stride: 1 }], outer: [{ size: 2, stride: 32 }] };
  const volume = (kind: Operation['kind'], collective: Collective) => {
    const operation: Operation = {
      id: kind,
      title: kind,
      kind,
      phase: 'backward',
      dimension: 'data',
      groups,
      bytesPerRank: 320,
      count: [1],
      overlaps: null,
      forwarding: 'none',
    };
    const t = transfersOf(operation, layout.value, { collective, stageStride: 64 });
    let members = 0;
    forEachGroup(groups, (m) => (members += m.length));
    return t.bytes.reduce((a, b) => a + b, 0) / members;
  };
  for (const collective of ['auto', 'ring', 'hierarchical', 'direct'] as const) {
    expect(volume('all-reduce', collective)).toBeCloseTo(2 * 310, 8);
    expect(volume('reduce-scatter', collective)).toBeCloseTo(310, 8);
    expect(volume('all-gather', collective)).toBeCloseTo(310, 8);
    expect(volume('all-to-all', collective)).toBeCloseTo(310, 8);
  }
  expect(volume('all-reduce', 'tree')).toBeCloseTo((2 * 320 * 31) / 32, 8);
  expect(volume('reduce-scatter', 'tree')).toBeCloseTo(310, 8);
});

describe('issues', () => {
  const workload = workloadOf('deepseek-v3', { pipeline: 2, expert: 64, data: 64 }, 64);
  const codes = (more: Partial<TrafficInput>) => {
    const made = analyseTraffic(inputOf('deepseek-v3', workload, more));
    return made.issues.map((i) => i.code);
  };
  const withTraffic = (change: Partial<TrafficInput['traffic']>): Partial<TrafficInput> => ({
    traffic: { experts: { kind: 'uniform' }, nodeLimit: 4, collective: 'auto', ...change },
  });
  test('of the expert list, the node limit and the rank map', () => {
    expect(codes({})).toEqual([]);
    expect(codes(withTraffic({ experts: { kind: 'list', weights: [1] } }))).toEqual(['expert-list']);
    expect(codes(withTraffic({ nodeLimit: 0 }))).toEqual(['node-limit']);
    expect(codes({ rankMap: [0] })).toEqual(['rank-map-length']);
  });
  test('of all pairs that are too many', () => {
    const large = workloadOf('llama-3.1-8b', { data: 8192 }, 8192);
    const made = analyseTraffic(inputOf('llama-3.1-8b', large, withTraffic({ collective: 'direct' })));
    expect(new Set(made.issues.map((i) => i.code))).toEqual(new Set(['direct-too-large']));
  });
});
