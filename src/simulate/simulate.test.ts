import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { clos2, clos3 } from '../../test/support/fabrics.ts';
import { planesOf } from '../../test/support/planes.ts';
import { inline } from '../base/context.ts';
import { builtin } from '../catalog/catalog.ts';
import type { Fabric, FlowSchedule } from '../fabric/types.ts';
import { withoutParts } from '../fabric/without.ts';
import { loadHighs } from '../numeric/highs.ts';
import { simulateTraffic } from './simulate.ts';
import type { RoutingOutcome, SimulateInput } from './types.ts';
import { atOnce, joinJobs, patternSchedule } from './workload.ts';

const RATE = 50e9;
const context = {
  seed: 1,
  catalog: builtin(),
  clock: () => 0,
  progress: () => {},
  cancelled: () => false,
  parallel: inline,
  solver: loadHighs,
};
const routing = (label: 'ecmp' | 'modulo' | 'static' | 'adaptive' | 'ideal') =>
  label === 'ecmp' ? { label, kind: label, queuePairs: 1 } : { label, kind: label };
const ALL = (['ecmp', 'modulo', 'static', 'adaptive', 'ideal'] as const).map(routing);

const usual = {
  routings: ALL,
  seeds: 2,
  seed: 1,
  failures: [],
  rerouteAfter: 0,
  fidelity: 'fluid' as const,
  top: 3,
  intervals: 8,
};

async function simulated(input: Pick<SimulateInput, 'fabric' | 'schedule'> & Partial<SimulateInput>) {
  const result = await simulateTraffic({ ...usual, ...input }, context);
  if (!result.ok) throw new Error(result.issues.map((i) => i.message).join('\n'));
  return result.value.outcomes;
}

function flows(pairs: readonly (readonly [number, number])[], bytes = 1e6): FlowSchedule {
  const count = pairs.length;
  return atOnce({
    count,
    src: Int32Array.from(pairs, (p) => p[0]),
    dst: Int32Array.from(pairs, (p) => p[1]),
    bytes: new Float64Array(count).fill(bytes),
    operation: new Uint16Array(count),
    invocations: new Float64Array(count).fill(1),
    operations: ['test'],
  });
}

function permutation(fabric: Fabric, seed = 1, bytes = 1e6): FlowSchedule {
  const made = patternSchedule(fabric, { kind: 'permutation' }, bytes, seed, 'permutation');
  if (!made.ok) throw new Error('pattern');
  return made.value;
}

const busiestUnder = (o: RoutingOutcome) => o.hotLinks[0]!;

describe('simulateTraffic', () => {
  const tree = clos2({ leaves: 4, spines: 2, hostsPerLeaf: 2, rate: RATE });

  it('a flow alone takes its bytes over the rate, whatever the routing', async () => {
    for (const o of await simulated({ fabric: tree, schedule: flows([[0, 7]]) })) {
      // The adaptive half of a flow leaves a link between switches far from full.
      expect(o.completion.median).toBeCloseTo(1e6 / RATE, 12);
      expect(o.slowdown.mean.median).toBeCloseTo(1, 9);
    }
  });

  it('an incast shares the receiver, and names it', async () => {
    const schedule = flows([
      [2, 0],
      [4, 0],
      [6, 0],
    ]);
    for (const o of await simulated({ fabric: tree, schedule })) {
      expect(o.completion.median).toBeCloseTo(3e6 / RATE, 12);
      expect(busiestUnder(o)).toMatchObject({ link: 'leaf0:1 -> h0:1', flows: 3 });
      expect(busiestUnder(o).utilisation).toBeCloseTo(1, 9);
      expect(busiestUnder(o).overTime.every((u) => Math.abs(u - 1) < 1e-9)).toBe(true);
    }
  });

  it('no routing ends before the ideal, and all bytes leave and arrive', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.nat(1000),
        fc.integer({ min: 1, max: 3 }),
        fc.boolean(),
        async (seed, spines, three) => {
          const fabric = three ? clos3(4, RATE) : clos2({ leaves: 4, spines, hostsPerLeaf: 3, rate: RATE });
          const schedule = permutation(fabric, seed);
          const outcomes = await simulated({ fabric, schedule, seeds: 1 });
          const ideal = outcomes[outcomes.length - 1]!;
          const sent = schedule.flows.bytes.reduce((sum, b) => sum + b, 0);
          for (const o of outcomes) {
            expect(o.completion.median).toBeGreaterThanOrEqual(ideal.completion.median * (1 - 1e-9));
            const { usage } = o.run;
            let left = 0;
            for (let e = 0; e < fabric.endpoints; e++) {
              const l = fabric.linkStart[e]!;
              for (let i = 0; i < usage.intervals; i++) left += usage.bytes[l * usage.intervals + i]!;
            }
            expect(Math.abs(left / sent - 1)).toBeLessThan(1e-9);
          }
        },
      ),
      { numRuns: 30 },
    );
  });

  it('hashes spread with seeds, rules do not', async () => {
    const fabric = clos2({ leaves: 8, spines: 4, hostsPerLeaf: 4, rate: RATE });
    const [ecmp, modulo] = await simulated({ fabric, schedule: permutation(fabric), seeds: 8 });
    expect(ecmp!.seeds).toBe(8);
    expect(ecmp!.mean.max).toBeGreaterThan(ecmp!.mean.min);
    expect(modulo!.seeds).toBe(1);
    const again = await simulated({ fabric, schedule: permutation(fabric), seeds: 8 });
    expect(again[0]!.run.finish).toEqual(ecmp!.run.finish);
  });

  it('more queue pairs smooth the hash; pins relieve the hottest link', async () => {
    const fabric = {
      ...clos2({ leaves: 8, spines: 4, hostsPerLeaf: 4, rate: RATE }),
      transport: 'roce' as const,
    };
    const routings = [
      routing('ecmp'),
      { label: 'ecmp:16', kind: 'ecmp', queuePairs: 16 },
      { label: 'hybrid:32', kind: 'hybrid', pins: 32 },
    ] as const;
    const [one, many, pinned] = await simulated({
      fabric,
      schedule: permutation(fabric),
      routings,
      seeds: 5,
    });
    expect(many!.completion.median).toBeLessThan(one!.completion.median);
    expect(pinned!.completion.median).toBeLessThan(one!.completion.median);
  });

  it('steps of a job follow one another with the computation between; jobs interfere where they meet', async () => {
    const step = { kind: 'flows', times: 2, schedule: flows([[0, 4]]) } as const;
    const compute = { kind: 'compute', seconds: 1e-3 } as const;
    const joined = joinJobs([
      { label: 'a', steps: [step, compute, { ...step, times: 1 }] },
      { label: 'b', steps: [{ kind: 'flows', times: 1, schedule: flows([[1, 4]], 4e6) }] },
    ]);
    if (!joined.ok) throw new Error('jobs');
    const [o] = await simulated({ fabric: tree, schedule: joined.value, routings: [routing('ideal')] });
    const second = 1e6 / RATE;
    // Two megabytes of a at half rate, b's other two alone; the last of a by itself.
    expect(o!.jobs.map((j) => [j.job, j.flows])).toEqual([
      ['a', 3],
      ['b', 1],
    ]);
    expect(o!.jobs[0]!.alone).toBeCloseTo(3 * second + 1e-3, 12);
    expect(o!.jobs[0]!.completion).toBeCloseTo(4 * second + 1e-3 + second, 12);
    expect(o!.jobs[1]!.alone).toBeCloseTo(4 * second, 12);
    expect(o!.jobs[1]!.completion).toBeCloseTo(6 * second, 12);
  });

  it('a failure under way sends flows another way, and says who suffers', async () => {
    const failures = [{ parts: ['link:leaf0-spine0', 'link:leaf0-spine1'], time: 1e-5 }];
    const one = [{ parts: ['link:leaf0-spine0'], time: 1e-5 }];
    const schedule = flows([
      [0, 4],
      [1, 5],
      [6, 7],
    ]);
    for (const label of ['modulo', 'adaptive', 'ideal'] as const) {
      const routings = [routing(label)];
      const [cut] = await simulated({ fabric: tree, schedule, routings, failures });
      expect(cut!.failure).toMatchObject({ stranded: 2 });
      expect(cut!.failure!.worst[0]).toMatchObject({ from: 'h0', to: 'h4', with: null });
      expect(cut!.completion.median).toBeCloseTo(1e6 / RATE, 12);
      const [half] = await simulated({ fabric: tree, schedule, routings, failures: one });
      expect(half!.failure).toMatchObject({ stranded: 0 });
      // 10 us at full speed, then two flows share what is left of the leaf's uplinks.
      const rest = (2e6 - 2 * RATE * 1e-5) / RATE;
      if (label === 'ideal') expect(half!.completion.median).toBeCloseTo(1e-5 + rest, 12);
      expect(half!.completion.median).toBeGreaterThan(1.4e6 / RATE);
      expect(half!.failure!.without).toBeLessThan(1.06e6 / RATE);
    }
  });

  it('waits for the detour where rerouting takes time', async () => {
    const failures = [{ parts: ['spine:spine0'], time: 1e-5 }];
    const input = { fabric: tree, schedule: flows([[0, 4]]), routings: [routing('modulo')], failures };
    const [at] = await simulated(input);
    const [later] = await simulated({ ...input, rerouteAfter: 1e-3 });
    expect(at!.completion.median).toBeCloseTo(1e6 / RATE, 12);
    expect(later!.failure!.rerouted === 0 || later!.completion.median > 1e-3).toBe(true);
  });

  it('a NIC with a port on every plane sprays, around a plane that is dead, and after one that dies', async () => {
    const planes = planesOf(tree, 2);
    const fabric = { ...planes, hosts: { ...planes.hosts, nic: new Int16Array(planes.endpoints) } };
    const schedule = flows([[0, 8]]);
    const routings = [routing('modulo'), routing('ideal')];
    const both = 1e6 / (2 * RATE);
    for (const o of await simulated({ fabric, schedule, routings }))
      expect(o.completion.median).toBeCloseTo(both, 12);
    const failures = [{ parts: ['plane:1'], time: both / 2 }];
    // Half is done on both planes; the rest, and what waited on the dead one, goes over the other.
    for (const o of await simulated({ fabric, schedule, routings, failures }))
      expect(o.completion.median).toBeCloseTo(both / 2 + both, 12);
  });

  it('adaptive NICs send more over the plane where more gets through', async () => {
    const planes = planesOf(clos2({ leaves: 2, spines: 2, hostsPerLeaf: 2, rate: RATE }), 2);
    const fabric = { ...planes, hosts: { ...planes.hosts, nic: new Int16Array(planes.endpoints) } };
    const cut = withoutParts(fabric, ['link:p1-leaf0-p1-spine0']);
    const schedule = flows([
      [0, 4],
      [2, 6],
    ]);
    // Two NICs of two ports below one leaf a plane: plane 0 carries both whole, plane 1 has lost half of its uplinks.
    const [modulo, adaptive, ideal] = await simulated({
      fabric: cut.ok ? cut.value : fabric,
      schedule,
      routings: [routing('modulo'), routing('adaptive'), routing('ideal')],
    });
    expect(modulo!.completion.median).toBeCloseTo(1e6 / RATE, 12);
    expect(ideal!.completion.median * RATE).toBeCloseTo(2e6 / 3, -4);
    expect(adaptive!.completion.median * RATE * 0.95).toBeCloseTo(2e6 / 3, -5);
  });

  it('refuses what nobody can send, each by its index', async () => {
    const alone = clos2({ leaves: 2, spines: 1, hostsPerLeaf: 2, missing: () => true });
    const schedule = flows([
      [0, 0],
      [0, 1],
      [0, 2],
    ]);
    schedule.flows.bytes[1] = 0;
    const result = await simulateTraffic({ ...usual, fabric: alone, schedule }, context);
    expect(result.ok).toBe(false);
    expect(result.issues.map((i) => i.code)).toEqual(['self-flow', 'zero-size', 'disconnected']);
    expect(result.issues[2]!.message).toContain('flow 2 (h0 -> h2)');
    const many = {
      kind: 'flows',
      times: 100_000,
      schedule: permutation(clos2({ leaves: 50, spines: 8, hostsPerLeaf: 8 })),
    } as const;
    expect(joinJobs([{ label: 'x', steps: [many] }]).issues.map((i) => i.code)).toEqual(['too-many-flows']);
  });
});
