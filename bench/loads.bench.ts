import type { Fabric } from '../src/fabric/types.ts';
import { enumerateAllPairs } from '../src/flow/enumerate.ts';
import { summarise } from '../src/flow/summary.ts';
import { moduloTables } from '../src/routes/modulo.ts';
import { nextHops } from '../src/routes/next-hops.ts';
import type { NextHops, TableRoutes } from '../src/routes/types.ts';
import { verifyRoutes } from '../src/routes/verify.ts';
import { multiPlane } from '../test/support/networks.ts';
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
  const fabric = multiPlane({ gpus, planes: PLANES, ports: 64, rate: RATE });
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
