import { type Context, inline } from '../src/base/context.ts';
import { ensure } from '../src/base/result.ts';
import { builtin } from '../src/catalog/catalog.ts';
import { generateFabric } from '../src/fabric/generate.ts';
import type { Fabric, Flows } from '../src/fabric/types.ts';
import { loadHighs } from '../src/numeric/highs.ts';
import { hash4 } from '../src/numeric/random.ts';
import { nextHops } from '../src/routes/next-hops.ts';
import { groupUnits, type Pattern } from '../src/routing/demand.ts';
import type { RoutingInput } from '../src/routing/judge.ts';
import { planesOf } from '../src/routing/plane.ts';
import { routeDemand } from '../src/routing/route.ts';
import { optimiseTables } from '../src/routing/tables.ts';
import { expertFlows } from '../test/support/demands.ts';
import { clos2, clos3 } from '../test/support/fabrics.ts';
import { bench } from './harness.ts';

const RATE = 50e9;

/** Eight planes of two layers of 64-port switches. */
function multiPlane(gpus: number, cut = 0): Fabric {
  const made = generateFabric({
    gpus,
    seed: 1,
    node: {
      id: 'bench',
      name: 'eight GPUs, eight NICs',
      gpu: 'bench',
      gpus: 8,
      nics: 8,
      nicRate: RATE,
      scaleUpRate: 4 * RATE,
      scaleUpAchievable: 3 * RATE,
      source: 'bench',
      date: '2026',
      confidence: 'assumed',
    },
    network: {
      kind: 'generated',
      topology: 'multi-plane-fat-tree',
      planes: 8,
      layers: 2,
      switch: { model: '64x400G', ports: 64, portRate: RATE },
      transport: 'infiniband',
      oversubscription: { leaf: 1, spine: 1 },
      nicPorts: 'per-nic',
      hostsPerLeaf: null,
      podEndpoints: null,
      cut,
    },
  });
  return ensure(made.ok ? made.value : null, 'bench fabric');
}

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
  setup: ({ smoke }) => multiPlane(smoke ? 1024 : 16384),
  run: tablesFor,
  bar: { seconds: 2 },
});

bench({
  name: 'the same with 3 % of the cables cut, planes all different',
  group: 'routing',
  setup: ({ smoke }) => multiPlane(smoke ? 1024 : 16384, 0.03),
  run: tablesFor,
  bar: { seconds: 2 },
});

bench({
  name: 'tables for all-to-all, 512 HCAs, 5 % of the cables cut',
  group: 'routing',
  setup: () => damage(clos2({ leaves: 32, spines: 16, hostsPerLeaf: 16 }), 50),
  run: tablesFor,
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
  bar: { peakBytes: 1.5e9 },
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
  const fabric = multiPlane(gpus);
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
