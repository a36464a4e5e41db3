import type { Context } from '../base/context.ts';
import { ensure, ok } from '../base/result.ts';
import type { Catalog, Published } from '../catalog/types.ts';
import { generateFabric } from '../fabric/generate.ts';
import type { Fabric, FlowSchedule } from '../fabric/types.ts';
import type { ValidationCase } from '../validate/types.ts';
import { simulateTraffic } from './simulate.ts';
import type { RoutingOutcome } from './types.ts';
import { atOnce, patternSchedule } from './workload.ts';

/**
 * Permutations as a packet simulator ran them. The costs of packets are fitted on the 128-host cases alone; all others are
 * predictions. The hashes are draws of our own, and the permutation of 1,024 hosts as well: medians over seeds stand
 * against one draw.
 */
export function simulateCases(catalog: Catalog): readonly ValidationCase[] {
  const small = catalog.published('HTSIM.128');
  const sizes = small.value as Readonly<Record<string, Figures>>;
  const permutation = (catalog.published('HTSIM.128.permutation').value as { to: readonly number[] }).to;
  const cases = Object.entries(sizes).flatMap(([bytes, figures]) =>
    comparisons(
      small,
      `HTSIM.128.${bytes}`,
      figures,
      { ...TREE_128, permutation },
      Number(bytes),
      'calibration',
    ),
  );
  const two = catalog.published('HTSIM.1024');
  const three = catalog.published('HTSIM.1024.3L');
  return [
    ...cases,
    ...comparisons(two, 'HTSIM.1024', two.value as Figures, TREE_1024, SIZE, 'prediction'),
    ...comparisons(three, 'HTSIM.1024.3L', three.value as Figures, THREE_LAYERS, SIZE, 'prediction'),
  ];
}

type Statistic = 'mean' | 'p50' | 'p99' | 'max';
type Figures = Readonly<Record<'ecmp' | 'spray', Readonly<Partial<Record<Statistic, number>>>>>;

/** What each statistic is held to. The last flow of an ECMP run is one hash among many: no tolerance would be honest. */
const TOLERANCE: Readonly<Record<'ecmp' | 'spray', Readonly<Partial<Record<Statistic, number>>>>> = {
  ecmp: { mean: 0.08, p50: 0.15, p99: 0.15 },
  spray: { mean: 0.05, p50: 0.05, p99: 0.1, max: 0.1 },
};

const SIZE = 2_000_000;
// literal: microseconds, as the figures are published
const MICRO = 1e-6;
const SEEDS = { ecmp: 9, spray: 3 } as const;

interface Tree {
  readonly hosts: number;
  readonly ports: number;
  readonly layers: 2 | 3;
  /** Gb/s. */
  readonly speed: number;
  /** Receiver of each host; left out: drawn. */
  readonly permutation?: readonly number[];
}

const TREE_128: Tree = { hosts: 128, ports: 16, layers: 2, speed: 400 };
const TREE_1024: Tree = { hosts: 1024, ports: 64, layers: 2, speed: 400 };
const THREE_LAYERS: Tree = { hosts: 1024, ports: 16, layers: 3, speed: 100 };

function comparisons(
  { source }: Published,
  id: string,
  figures: Figures,
  tree: Tree,
  bytes: number,
  kind: 'calibration' | 'prediction',
): ValidationCase[] {
  const cases: ValidationCase[] = [];
  for (const routing of ['ecmp', 'spray'] as const) {
    for (const [statistic, published] of Object.entries(figures[routing]) as [Statistic, number][]) {
      const tolerance = TOLERANCE[routing][statistic];
      if (tolerance === undefined) continue;
      const what = routing === 'ecmp' ? 'one hashed path' : 'packets sprayed';
      cases.push({
        id: `${id}.${routing}.${statistic}`,
        title: `${statistic} completion of a permutation, ${tree.hosts} hosts, ${bytes / 1000} kB, ${what}`,
        kind,
        published,
        unit: 'us',
        source,
        tolerance,
        compute: async (context) => (await outcome(context, tree, bytes, routing))[statistic].median / MICRO,
        ...(routing === 'ecmp' && { note: 'one draw of the hash against the median over nine' }),
      });
    }
  }
  return cases;
}

/** One run serves all its statistics. */
const known = new WeakMap<Context, Map<string, Promise<RoutingOutcome>>>();

function outcome(
  context: Context,
  tree: Tree,
  bytes: number,
  routing: 'ecmp' | 'spray',
): Promise<RoutingOutcome> {
  const runs = known.get(context) ?? new Map<string, Promise<RoutingOutcome>>();
  known.set(context, runs);
  const key = `${tree.hosts} ${tree.layers} ${bytes} ${routing}`;
  const run = runs.get(key) ?? permutation(context, tree, bytes, routing);
  runs.set(key, run);
  return run;
}

async function permutation(
  context: Context,
  tree: Tree,
  bytes: number,
  routing: 'ecmp' | 'spray',
): Promise<RoutingOutcome> {
  const fabric = draw(tree);
  const schedule =
    tree.permutation === undefined
      ? patternSchedule(fabric, { kind: 'permutation' }, bytes, context.seed, 'permutation')
      : ok(listed(tree.permutation, bytes));
  const requests = {
    ecmp: { label: 'ecmp', kind: 'ecmp', queuePairs: 1 },
    spray: { label: 'adaptive', kind: 'adaptive' },
  } as const;
  const result = await simulateTraffic(
    {
      fabric,
      schedule: ensure(schedule.ok ? schedule.value : null, 'a permutation'),
      routings: [requests[routing]],
      seeds: SEEDS[routing],
      seed: context.seed,
      failures: [],
      rerouteAfter: 0,
      fidelity: 'packet',
      top: 0,
      intervals: 1,
    },
    context,
  );
  return ensure(result.ok ? result.value.outcomes[0] : null, 'a simulated permutation');
}

function listed(to: readonly number[], bytes: number): FlowSchedule {
  const count = to.length;
  return atOnce({
    count,
    src: Int32Array.from({ length: count }, (_, host) => host),
    dst: Int32Array.from(to),
    bytes: new Float64Array(count).fill(bytes),
    operation: new Uint16Array(count),
    invocations: new Float64Array(count).fill(1),
    operations: ['permutation'],
  });
}

/** A full tree with one NIC a host and a latency on every link. */
function draw({ hosts, ports, layers, speed }: Tree): Fabric {
  // literal: Gb/s, as the figures name it, in bytes a second
  const rate = (speed * 1e9) / 8;
  const made = generateFabric({
    gpus: hosts,
    seed: 1,
    node: { gpus: 1, nics: 1, nicRate: rate },
    network: {
      kind: 'generated',
      topology: 'fat-tree',
      planes: 1,
      layers,
      switch: { model: 'htsim', ports, portRate: rate },
      transport: 'roce',
      oversubscription: { leaf: 1, spine: 1 },
      nicPorts: 'per-nic',
      hostsPerLeaf: null,
      podEndpoints: null,
      cut: 0,
    },
  });
  const fabric = ensure(made.ok ? made.value : null, 'the fabric of a validation case');
  return { ...fabric, linkLatency: new Float64Array(fabric.links).fill(MICRO) };
}
