import { ensure } from '../src/base/result.ts';
import { generateFabric } from '../src/fabric/generate.ts';
import type { Fabric } from '../src/fabric/types.ts';
import { enumerateAllPairs } from '../src/flow/enumerate.ts';
import { summarise } from '../src/flow/summary.ts';
import { moduloTables } from '../src/routes/modulo.ts';
import { nextHops } from '../src/routes/next-hops.ts';
import type { NextHops, TableRoutes } from '../src/routes/types.ts';
import { verifyRoutes } from '../src/routes/verify.ts';
import { bench } from './harness.ts';

interface Built {
  readonly fabric: Fabric;
  readonly hops: NextHops;
  readonly tables: TableRoutes;
}

const PLANES = 8;
const RATE = 50e9;

/** Eight planes of two layers of 64-port switches, full at 16,384 GPUs. */
function build({ smoke }: { smoke: boolean }): Built {
  const gpus = smoke ? 512 : 16384;
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
      planes: PLANES,
      layers: 2,
      switch: { model: '64x400G', ports: 64, portRate: RATE },
      transport: 'infiniband',
      oversubscription: { leaf: 1, spine: 1 },
      nicPorts: 'per-nic',
      hostsPerLeaf: null,
      podEndpoints: null,
      cut: 0,
    },
  });
  const fabric = ensure(made.ok ? made.value : null, 'bench fabric');
  const hops = nextHops(fabric);
  return { fabric, hops, tables: moduloTables(fabric, hops) };
}

const pairs = ({ fabric }: Built): readonly [number, string] => {
  const members = fabric.endpoints / PLANES;
  return [PLANES * members * (members - 1), 'flows'];
};

bench({
  name: 'every same-plane pair, 16,384 GPUs, destination-modulo',
  group: 'loads',
  setup: build,
  run: ({ fabric, hops, tables }) => summarise(fabric, enumerateAllPairs(fabric, hops, tables).load),
  work: pairs,
  bar: { seconds: 0.3 },
  note: 'each flow enumerated, one thread',
});

bench({
  name: 'every same-plane pair, 16,384 GPUs, ECMP',
  group: 'loads',
  setup: build,
  run: ({ fabric, hops }) =>
    summarise(fabric, enumerateAllPairs(fabric, hops, { kind: 'ecmp', seed: 1, queuePairs: 1 }).load),
  work: pairs,
  note: 'each flow hashed at its leaf',
});

bench({
  name: 'next hops and destination-modulo tables, 16,384 GPUs',
  group: 'routes',
  setup: build,
  run: ({ fabric }) => moduloTables(fabric, nextHops(fabric)),
  work: ({ fabric }) => [(fabric.nodes - fabric.endpoints) * (fabric.endpoints / PLANES), 'entries'],
});

bench({
  name: 'tables verified, 16,384 GPUs',
  group: 'routes',
  setup: build,
  run: ({ fabric, hops, tables }) => verifyRoutes(fabric, tables, hops),
  work: ({ fabric }) => [(fabric.nodes - fabric.endpoints) * (fabric.endpoints / PLANES), 'entries'],
});
