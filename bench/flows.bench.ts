import { mkdirSync, writeFileSync } from 'node:fs';
import type { Flows } from '../src/fabric/types.ts';
import { flowPaths } from '../src/flow/paths.ts';
import { simulate } from '../src/fluid/simulate.ts';
import type { FluidResult, FluidSystem } from '../src/fluid/types.ts';
import { moduloTables } from '../src/routes/modulo.ts';
import { nextHops } from '../src/routes/next-hops.ts';
import { expertRings, expertRingsSystem } from '../test/support/expert-rings.ts';
import { clos2 } from '../test/support/fabrics.ts';
import {
  permutationFlows,
  type RoutedFlows,
  routedFlows,
  shiftFlows,
} from '../test/support/flow-patterns.ts';
import { type Simgrid, simgrid, simgridMissing } from '../test/support/simgrid.ts';
import { bench } from './harness.ts';
import { costPlot } from './plot.ts';

/** Makes the system, paths and all: that and its simulation are timed; the fabric and the tables are there before. */
type Prepared = () => FluidSystem;

/** Two layers of switches with 32 endpoints and 32 uplinks a leaf, destination-modulo. */
function onTree(hosts: number, flows: Flows): Prepared {
  const fabric = clos2({ leaves: hosts / 32, spines: 32, hostsPerLeaf: 32 });
  const hops = nextHops(fabric);
  const tables = moduloTables(fabric, hops);
  return () => {
    const { paths, path, parts } = flowPaths(fabric, hops, flows, tables);
    const all = { count: parts, path, bytes: flows.bytes, phase: null, offset: null, weight: null };
    return { capacity: fabric.linkRate, paths, flows: all, phases: null, changes: [] };
  };
}

function expertsAndRings(gpus: number): Prepared {
  const made = expertRings(gpus);
  const hops = nextHops(made.fabric);
  const tables = moduloTables(made.fabric, hops);
  return () => expertRingsSystem(made, hops, tables);
}

const run = (system: Prepared): FluidResult => simulate(system());
const work = (system: Prepared): readonly [number, string] => [system().flows.count, 'flows'];

function detail({ stats }: FluidResult): string {
  const share = ((100 * stats.touched) / stats.whole).toPrecision(2);
  return `${stats.instants} instants, ${share} % of the work of a solution from scratch at each`;
}

const MEASURED = 'SimGrid 3.32, measured on 2 cores';

bench({
  name: '10,000 permutation flows, 1,024 hosts',
  group: 'flows',
  setup: ({ smoke }) => {
    const hosts = smoke ? 128 : 1024;
    return onTree(hosts, permutationFlows(hosts, smoke ? 500 : 10_000, 1e6, 1));
  },
  run,
  work,
  detail,
  bar: { seconds: 0.3 },
  peer: { label: 'SimGrid', seconds: 9.3, source: MEASURED },
});

bench({
  name: '100,000 all-to-all-shift flows, 2,048 hosts',
  group: 'flows',
  setup: ({ smoke }) => {
    const hosts = smoke ? 128 : 2048;
    return onTree(hosts, shiftFlows(hosts, smoke ? 500 : 100_000, 1e6));
  },
  run,
  work,
  detail,
  bar: { seconds: 0.5 },
  peer: { label: 'SimGrid', seconds: 74.6, source: MEASURED },
});

bench({
  name: '100,000 permutation flows, 2,048 hosts',
  group: 'flows',
  setup: ({ smoke }) => {
    const hosts = smoke ? 128 : 2048;
    return onTree(hosts, permutationFlows(hosts, smoke ? 500 : 100_000, 1e6, 1));
  },
  run,
  work,
  detail,
  runs: 3,
  bar: { seconds: 10 },
  peer: { label: 'SimGrid', seconds: 100, source: `more than that: ${MEASURED}` },
});

bench({
  name: 'EP64 with Zipf experts and rings, 16,384 GPUs',
  group: 'flows',
  setup: ({ smoke }) => expertsAndRings(smoke ? 256 : 16384),
  run,
  work,
  detail: (result) => `${detail(result)}; ${result.stats.parts} parts`,
  runs: 1,
  warmUp: 0,
  bar: { seconds: 10, peakBytes: 2 * 2 ** 30 },
  note: 'a million flows, hardly two of one size, one thread',
});

bench<RoutedFlows & { readonly peer: Simgrid | null }, FluidResult>({
  name: '2,000 permutation flows, 256 hosts',
  group: 'flows',
  setup: ({ smoke }) => ({
    ...routedFlows(
      clos2({ leaves: 8, spines: 32, hostsPerLeaf: 32 }),
      permutationFlows(256, smoke ? 200 : 2000, 1e9, 1),
      moduloTables,
    ),
    peer: simgridMissing() === null ? simgrid() : null,
  }),
  run: ({ system }) => simulate(system),
  work: ({ system }) => [system.flows.count, 'flows'],
  detail,
  peer: {
    label: 'SimGrid',
    run: ({ system, ends, peer }) => peer!.run(system, ends),
    missing: simgridMissing,
  },
  note: 'the peer with its start and the reading of the system',
});

/** Processor seconds of the best of three runs, so that what else the machine does counts less. */
function cost(prepared: Prepared): { readonly hops: number; readonly seconds: number } {
  const system = prepared();
  let seconds = Number.POSITIVE_INFINITY;
  for (let i = 0; i < 3; i++) {
    const before = process.cpuUsage();
    simulate(system);
    seconds = Math.min(seconds, process.cpuUsage(before).user / 1e6);
  }
  const { start } = system.paths;
  const hops = system.flows.path.reduce((sum, p) => sum + start[p + 1]! - start[p]!, 0);
  return { hops, seconds };
}

bench({
  name: 'cost over flows x hops',
  group: 'flows',
  setup: ({ smoke }) => {
    // The first small sizes would pay for the compiler.
    for (let i = 0; i < 3; i++) cost(onTree(1024, permutationFlows(1024, 5000, 1e6, 1)));
    return smoke;
  },
  run: (smoke) => {
    const sizes = smoke ? [1000, 2000] : [1000, 3000, 10_000, 30_000, 100_000];
    const gpus = smoke ? [128, 256] : [256, 512, 1024, 2048, 4096, 8192];
    return [
      {
        label: 'permutations, 2,048 hosts',
        points: sizes.map((n) => cost(onTree(2048, permutationFlows(2048, n, 1e6, 1)))),
      },
      {
        label: 'shifts, 2,048 hosts',
        points: sizes.map((n) => cost(onTree(2048, shiftFlows(2048, n, 1e6)))),
      },
      {
        label: 'EP64 with Zipf experts and a ring, 256 to 8,192 GPUs',
        points: gpus.map((n) => cost(expertsAndRings(n))),
      },
    ];
  },
  detail: (series) => {
    mkdirSync('.planewright', { recursive: true });
    writeFileSync('.planewright/flows-cost.svg', costPlot(series));
    const slopes = series.map(({ label, points }) => `${label}: ${slope(points).toFixed(2)}`);
    return `exponents of the growth: ${slopes.join('; ')} (plot in .planewright/flows-cost.svg)`;
  },
  runs: 1,
  warmUp: 0,
});

/** Exponent of the growth: from the first point to the last. */
function slope(points: readonly { readonly hops: number; readonly seconds: number }[]): number {
  const first = points[0]!;
  const last = points.at(-1)!;
  return Math.log(last.seconds / first.seconds) / Math.log(last.hops / first.hops);
}
