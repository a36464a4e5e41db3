import { type Context, inline } from '../src/base/context.ts';
import { builtin } from '../src/catalog/catalog.ts';
import type { Fabric, Flows } from '../src/fabric/types.ts';
import { loadHighs } from '../src/numeric/highs.ts';
import { hash4 } from '../src/numeric/random.ts';
import { moduloTables } from '../src/routes/modulo.ts';
import { nextHops } from '../src/routes/next-hops.ts';
import type { TableRoutes } from '../src/routes/types.ts';
import { backupTables } from '../src/routing/backups.ts';
import { groupUnits, type Pattern } from '../src/routing/demand.ts';
import {
  effectiveBandwidth,
  permutationPatterns,
  shiftPatterns,
  workloadEndpoints,
} from '../src/routing/effective.ts';
import { pinPattern } from '../src/routing/flow-based.ts';
import type { RoutingInput } from '../src/routing/judge.ts';
import { planesOf } from '../src/routing/plane.ts';
import { routeDemand } from '../src/routing/route.ts';
import { optimiseTables } from '../src/routing/tables.ts';
import { damagedTree } from '../test/support/damaged-tree.ts';
import { expertFlows } from '../test/support/demands.ts';
import { clos3 } from '../test/support/fabrics.ts';
import { multiPlane } from '../test/support/networks.ts';
import { bench } from './harness.ts';

const RATE = 50e9;

/** Eight planes of two layers of 64-port switches. */
const eightPlanes = (gpus: number, cut = 0): Fabric =>
  multiPlane({ gpus, planes: 8, ports: 64, rate: RATE, cut });

/** About `permille` of the cables between switches cut, by a hash. */
function damage(fabric: Fabric, permille: number): Fabric {
  const linkAlive = fabric.linkAlive.slice();
  for (let l = 0; l < fabric.links; l++) {
    const inner = fabric.linkFrom[l]! >= fabric.endpoints && fabric.linkTo[l]! >= fabric.endpoints;
    if (inner && hash4(Math.min(l, fabric.linkReverse[l]!), 1, 0, 0) % 1000 < permille) linkAlive[l] = 0;
  }
  return { ...fabric, linkAlive };
}

/** Next hops, planes, unit demand between all endpoints of a plane, tables: everything but the fabric. */
function tablesFor(fabric: Fabric) {
  const hops = nextHops(fabric);
  const planes = planesOf(fabric, hops);
  const patterns = planes.map((p): Pattern[] => [
    { units: groupUnits(p, new Int32Array(p.endpoints.length)), priority: 1 },
  ]);
  return optimiseTables(fabric, hops, planes, patterns);
}

bench({
  name: 'tables for all-to-all, 16,384 GPUs in 8 planes',
  group: 'routing',
  setup: ({ smoke }) => eightPlanes(smoke ? 1024 : 16384),
  run: tablesFor,
  bar: { seconds: 2 },
});

bench({
  name: 'the same with 3 % of the cables cut, planes all different',
  group: 'routing',
  setup: ({ smoke }) => eightPlanes(smoke ? 1024 : 16384, 0.03),
  run: tablesFor,
  bar: { seconds: 2 },
});

/**
 * Percent, mean over 50 random permutations and over 64 shifts: OpenSM 3.3.23 on ibsim, on the same tree with another choice
 * of 25 cables, uncut 66.9 and 100. On the cuts of this bench (seed 1) ftree -a reaches 62.4 and 89.4 with the
 * permutations of that measurement, and the one set of tables below 62.7 and 90.9.
 */
const OPENSM = [
  ['minhop', 52.7, 82.6],
  ['updn', 33.4, 43.4],
  ['ftree -a', 62.2, 88.9],
  ['dfsssp', 58.0, 75.3],
] as const;

/** Writes the effective bandwidth of every way to route the damaged tree, one below the other. */
function printQuality(fabric: Fabric): Fabric {
  const hops = nextHops(fabric);
  const { routes, modulo } = tablesFor(fabric);
  const members = workloadEndpoints(fabric, hops);
  const permutations = permutationPatterns(members, 1, 100);
  const shifts = shiftPatterns(members, Math.floor(members.length / 64));
  const line = (name: string, permutation: number, shift: number) =>
    process.stderr.write(`  ${name.padEnd(44)} ${permutation.toFixed(3)}   ${shift.toFixed(3)}\n`);
  const measure = (tables: TableRoutes) =>
    [permutations, shifts].map((p) => effectiveBandwidth(fabric, hops, tables, p));
  process.stderr.write('effective bandwidth, 512 HCAs, 25 cables cut:  permutations  shifts\n');
  for (const [name, tables] of [
    ['destination-modulo', modulo],
    ['one set of tables for all traffic', routes],
  ] as const) {
    const [permutation, shift] = measure(tables);
    line(name, permutation!.mean, shift!.mean);
  }
  const pinned = [permutations, shifts].map((patterns) => {
    const values = patterns.map((p) => {
      const { mean, ceiling } = effectiveBandwidth(fabric, hops, pinPattern(fabric, hops, p, modulo), [p]);
      return [mean, ceiling] as const;
    });
    return [0, 1].map((k) => values.reduce((sum, v) => sum + v[k]!, 0) / values.length);
  });
  line('pins, or tables, made for each pattern', pinned[0]![0]!, pinned[1]![0]!);
  line('ceiling of each pattern', pinned[0]![1]!, pinned[1]![1]!);
  for (const [name, permutation, shift] of OPENSM)
    line(`OpenSM ${name}, measured on ibsim`, permutation / 100, shift / 100);
  return fabric;
}

bench({
  name: 'one set of tables for all traffic, 512 HCAs, 25 cables cut',
  group: 'routing',
  setup: () => printQuality(damagedTree(1)),
  run: tablesFor,
  bar: { seconds: 1 },
});

bench({
  name: 'pins for one random permutation on it',
  group: 'routing',
  setup: () => patternOn(damagedTree(1)),
  run: ({ fabric, hops, pattern, base }) => pinPattern(fabric, hops, pattern, base),
});

function patternOn(fabric: Fabric) {
  const hops = nextHops(fabric);
  const [pattern] = permutationPatterns(workloadEndpoints(fabric, hops), 1, 1);
  return { fabric, hops, pattern: pattern!, base: moduloTables(fabric, hops) };
}

bench({
  name: 'repaired tables for each of its 487 cables and 16 spines',
  group: 'routing',
  setup: () => patternOn(damagedTree(1)),
  run: ({ fabric, hops, base }) => {
    let changes = 0;
    for (const { repairs } of backupTables(fabric, hops, [base])) changes += repairs[0]!.changes.length;
    return changes;
  },
  runs: 3,
});

bench({
  name: 'tables for all-to-all, 8,192 HCAs on three layers',
  group: 'routing',
  setup: ({ smoke }) => clos3(smoke ? 8 : 32),
  run: tablesFor,
  runs: 3,
  bar: { seconds: 3, peakBytes: 1.5e9 },
  peer: {
    label: 'OpenSM 3.3.23 ftree',
    seconds: 19.6,
    source: 'one sweep on ibsim, discovery included, 2 cores',
  },
});

bench({
  name: 'the same with 2 % of the cables cut',
  group: 'routing',
  setup: ({ smoke }) => damage(clos3(smoke ? 8 : 32), 20),
  run: tablesFor,
  runs: 3,
  bar: { seconds: 3, peakBytes: 1.5e9 },
  peer: { label: 'OpenSM 3.3.23 dfsssp', seconds: 321, source: 'uncut; one sweep on ibsim, 2 cores' },
});

const context: Context = {
  seed: 1,
  catalog: builtin(),
  clock: () => 0,
  progress: () => {},
  cancelled: () => false,
  parallel: inline,
  solver: loadHighs,
};

/** Expert groups of 16 nodes, strided over the nodes; NIC i of a node talks to NIC i of the others. */
function laneFlows(gpus: number): Flows {
  const nodes = gpus / 8;
  const one = expertFlows({ endpoints: nodes, group: 16, stride: 37, exponent: 0, bytes: 1e8, seed: 1 });
  const spread = (list: Int32Array) =>
    Int32Array.from({ length: 8 * one.count }, (_, f) => list[f >> 3]! * 8 + (f & 7));
  const count = 8 * one.count;
  return {
    count,
    src: spread(one.src),
    dst: spread(one.dst),
    bytes: Float64Array.from({ length: count }, (_, f) => one.bytes[f >> 3]!),
    operation: new Uint16Array(count),
    invocations: new Float64Array(count).fill(1),
    operations: one.operations,
  };
}

function stage(gpus: number): RoutingInput {
  const fabric = eightPlanes(gpus);
  const flows = laneFlows(gpus);
  return {
    fabric,
    hops: nextHops(fabric),
    flows,
    strategy: 'hybrid',
    hotPaths: 64,
    transport: 'infiniband',
    limits: { tableEntries: 49151, policyEntries: 0 },
    // As in a plan, whose profile has found the median seed.
    seeds: [1],
    queuePairs: 1,
  };
}

for (const [gpus, seconds] of [
  [2048, 0.1],
  [16384, 0.5],
] as const) {
  bench({
    name: `routing stage, expert traffic, ${gpus.toLocaleString('en')} GPUs in 8 planes`,
    group: 'routing',
    setup: ({ smoke }) => stage(smoke ? 512 : gpus),
    run: (input) => routeDemand(input, context),
    bar: { seconds },
    work: ({ flows }) => [flows.count, 'flows'],
  });
}
