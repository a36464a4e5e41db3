import type { Catalog } from '../catalog/types.ts';
import { linkName } from '../fabric/names.ts';
import type { Fabric } from '../fabric/types.ts';
import { busiest, type FixedCosts, nicEfficiency, operationTime } from '../flow/bottleneck.ts';
import { loadEngine } from '../flow/loads.ts';
import { measure } from '../flow/measure.ts';
import { pinHotPaths } from '../flow/pin.ts';
import { summarise, switchLinks } from '../flow/summary.ts';
import { LoadSums } from '../flow/sums.ts';
import type { FlowLoads, Unrouted } from '../flow/types.ts';
import { Walks } from '../flow/walks.ts';
import { quantileAt } from '../numeric/quantile.ts';
import { hash4 } from '../numeric/random.ts';
import { HAIR } from '../numeric/tolerance.ts';
import { moduloTables } from '../routes/modulo.ts';
import type { AdaptiveRoutes, EcmpRoutes, TableRoutes } from '../routes/types.ts';
import { fixedCosts } from './fixed.ts';
import { type HotInput, hotLinks, hotPaths } from './hot.ts';
import { endpointRanks } from './ranks.ts';
import { type Sharing, sharingOf } from './sharing.ts';
import type { CrossPlane, OperationProfile, Policy, PolicyProfile, Profile, ProfileInput } from './types.ts';

const TOP = 10;
/** Loads that differ by less are equal: sums in different orders do. */
const EVEN = HAIR;
type PlainRoutes = TableRoutes | EcmpRoutes | AdaptiveRoutes;

/**
 * Stage 4: what the traffic does to the fabric under plain routing. Loads of one step and times of each operation
 * under ECMP (a distribution over seeds), destination-modulo and adaptive routing; the hottest links and NIC
 * pairs with their causes; how far pinning gets.
 * O(seeds * flows * hops + (seeds * operations) * links); holds a few loads at a time, never one a seed.
 */
export function profile(input: ProfileInput, { catalog }: { readonly catalog: Catalog }): Profile {
  const { fabric, hops, flows } = input;
  const engine = loadEngine(fabric, hops, flows);
  const runner = new PolicyRunner(engine);
  const ecmp = runner.spread(input.seed, input.ecmpSeeds, input.queuePairs);
  const modulo = runner.run('modulo', moduloTables(fabric, hops));
  const adaptive = runner.run(
    'adaptive',
    { kind: 'adaptive' },
    catalog.get('routing.adaptive.efficiency').value,
  );
  const fixed = fixedCosts(input, engine, catalog);
  const roce = fabric.transport === 'roce';
  const lists = hotLists(input, engine, roce ? ecmp : modulo);
  const sum = (key: 'intraLeaf' | 'crossLeaf'): number =>
    input.scopes.reduce((total, s) => total + s[key], 0);
  const bytes = { intraLeaf: sum('intraLeaf'), crossLeaf: sum('crossLeaf'), unrouted: modulo.unrouted.bytes };
  const crossPlane = crossPlaneOf(input, catalog);
  return {
    bytes,
    policies: [ecmp.profile, modulo.profile, adaptive.profile],
    operations: operationProfiles(input, fixed, [ecmp, modulo, adaptive], sharingOf(engine), catalog),
    hotPolicy: roce ? 'ecmp' : 'modulo',
    hotLinks: lists.hotLinks,
    hotPaths: lists.hotPaths,
    pinnedOver: roce ? 'ecmp' : 'adaptive',
    hotPathCurve: lists.hotPathCurve,
    crossPlane,
    notes: notesOf(input, { bytes, crossPlane, ...lists, policies: [modulo.profile] }),
  };
}

/** The hottest links and paths under one of the policies, and how far pins get; empty where none are asked for. */
function hotLists(
  input: ProfileInput,
  engine: FlowLoads,
  { routes, load }: PolicyRun<TableRoutes | EcmpRoutes>,
): Pick<Profile, 'hotLinks' | 'hotPaths' | 'hotPathCurve'> {
  const { fabric, hops, flows } = input;
  const top = input.top ?? TOP;
  if (top === 0) return { hotLinks: [], hotPaths: [], hotPathCurve: [] };
  const walks = new Walks(engine, routes);
  const links = switchLinks(fabric);
  const ranks = endpointRanks(fabric.endpoints, input.layout, input.placement);
  const hot: HotInput = { engine, walks, load, links, ranks, top };
  const count = input.hotPaths;
  const { curve } =
    routes.kind === 'ecmp'
      ? pinHotPaths(fabric, hops, flows, routes, { count, unit: 'pair', walks })
      : pinHotPaths(fabric, hops, flows, { kind: 'adaptive' }, { count, unit: 'leaf' });
  return { hotLinks: hotLinks(hot), hotPaths: hotPaths(hot), hotPathCurve: curve };
}

/** One policy's results. `links` and `seconds` are of the busiest link between switches by operation. */
interface PolicyRun<R extends PlainRoutes = PlainRoutes> {
  readonly policy: Policy;
  readonly routes: R;
  readonly load: Float64Array;
  readonly seconds: Float64Array;
  readonly busiestLink: Int32Array;
  /** By operation: the routes that `seconds` are of. */
  readonly routesOf: (operation: number) => PlainRoutes;
  /** What of a link's line rate the policy reaches. */
  readonly efficiency: number;
  readonly unrouted: Unrouted;
  readonly profile: PolicyProfile;
}

class PolicyRunner {
  readonly #engine: FlowLoads;
  readonly #links: Uint32Array;
  readonly #fabric: Fabric;
  readonly #operations: number;

  constructor(engine: FlowLoads) {
    this.#engine = engine;
    this.#fabric = engine.fabric;
    this.#links = switchLinks(engine.fabric);
    this.#operations = engine.flows.operations.length;
  }

  run<R extends PlainRoutes>(policy: Policy, routes: R, efficiency = 1): PolicyRun<R> {
    const { load, unrouted, ...measured } = measure(this.#engine, routes);
    const seconds = measured.seconds.map((s) => s / efficiency);
    const busiestLink = measured.busiest.slice();
    const summary = summarise(this.#fabric, load, this.#links);
    const hottest = summary.link < 0 ? null : linkName(this.#fabric, summary.link);
    const profile = { policy, maxLoad: summary.maxLoad, meanLoad: summary.meanLoad, hottest };
    return {
      policy,
      routes,
      load,
      seconds,
      busiestLink,
      routesOf: () => routes,
      efficiency,
      unrouted,
      profile,
    };
  }

  /** ECMP over seeds: the step of the seed with the median largest load, and each operation's own median time. */
  spread(seed: number, count: number, queuePairs: number): PolicyRun<EcmpRoutes> {
    const routesOf = (i: number): EcmpRoutes => ({ kind: 'ecmp', seed: hash4(seed, i, 0xec, 0), queuePairs });
    const seconds = new Float64Array(count * this.#operations);
    const busiestLink = new Int32Array(count * this.#operations);
    const maxima = new Float64Array(count);
    const sums = new LoadSums(this.#fabric.links);
    for (let i = 0; i < count; i++) {
      sums.forget();
      this.#measure(routesOf(i), sums, seconds, busiestLink, i * this.#operations);
      maxima[i] = busiest(this.#fabric, sums.step, this.#links).seconds;
    }
    const order = ranked(count, (i) => maxima[i]!);
    const at = (quantile: number): number => maxima[order[quantileAt(count, quantile)]!]!;
    const median = routesOf(order[quantileAt(count, 0.5)]!);
    const run = this.run('ecmp', median);
    const seedOf: EcmpRoutes[] = [];
    for (let o = 0; o < this.#operations; o++) {
      const byTime = ranked(count, (i) => seconds[i * this.#operations + o]!);
      const chosen = byTime[quantileAt(count, 0.5)]!;
      const middle = chosen * this.#operations + o;
      seedOf.push(routesOf(chosen));
      run.seconds[o] = seconds[middle]!;
      run.busiestLink[o] = busiestLink[middle]!;
    }
    const seeds = { count, medianSeed: median.seed, min: at(0), median: at(0.5), p90: at(0.9), max: at(1) };
    return { ...run, routesOf: (o) => seedOf[o]!, profile: { ...run.profile, seeds } };
  }

  /** Adds a step to the sums; the busiest link of one invocation of each operation goes into the results from `at`. */
  #measure(routes: PlainRoutes, sums: LoadSums, seconds: Float64Array, link: Int32Array, at: number): void {
    for (let o = 0; o < this.#operations; o++) {
      sums.forgetOnce();
      this.#engine.addInner(routes, sums, o);
      const worst = sums.busiestOnce(this.#fabric.linkRate);
      seconds[at + o] = worst.seconds;
      link[at + o] = worst.link;
    }
  }
}

/** Indexes by rising key, then index. */
function ranked(n: number, key: (i: number) => number): number[] {
  return Array.from({ length: n }, (_, i) => i).sort((a, b) => key(a) - key(b) || a - b);
}

function operationProfiles(
  input: ProfileInput,
  fixed: readonly (FixedCosts & { switchHops: number })[],
  runs: readonly PolicyRun[],
  sharing: Sharing,
  catalog: Catalog,
): OperationProfile[] {
  return input.transfers.map(({ operation, algorithm }, o) => {
    const { nic, scaleUp, latency, switchHops } = fixed[o]!;
    const scope = input.scopes[o]!;
    const shared = (run: PolicyRun): number => {
      const efficiencies = { nic: nicEfficiency(operation.kind, algorithm, catalog), link: run.efficiency };
      return sharing.seconds(o, run.routesOf(o), efficiencies, Math.max(nic, scaleUp, run.seconds[o]!));
    };
    return {
      operation: operation.id,
      kind: operation.kind,
      ...(algorithm && { algorithm }),
      bytes: scope.intraLeaf + scope.crossLeaf,
      switchHops,
      nic,
      scaleUp,
      latency,
      times: runs.map((run) => ({
        policy: run.policy,
        ...operationTime(input.fabric, fixed[o]!, run.seconds[o]!, run.busiestLink[o]!, shared(run)),
      })),
    };
  });
}

/** Each invocation of an operation with bytes across planes waits, in each round, for one message inside a node. */
function crossPlaneOf({ scopes, transfers }: ProfileInput, catalog: Catalog): CrossPlane {
  const hop = catalog.get('scale-up.latency').value;
  const operations = scopes.flatMap((s, o) => {
    if (s.crossPlane === 0) return [];
    const { operation, rounds } = transfers[o]!;
    const invocations = Math.max(...operation.count);
    return [{ operation: s.operation, bytes: s.crossPlane, latencySeconds: invocations * rounds * hop }];
  });
  return {
    bytes: operations.reduce((sum, o) => sum + o.bytes, 0),
    latencySeconds: operations.reduce((sum, o) => sum + o.latencySeconds, 0),
    operations,
  };
}

/** Sentences that the numbers deserve. `policies` is destination-modulo alone. */
function notesOf(
  input: ProfileInput,
  {
    bytes,
    crossPlane,
    hotPathCurve,
    policies,
  }: Pick<Profile, 'bytes' | 'crossPlane' | 'hotPathCurve' | 'policies'>,
): string[] {
  const notes: string[] = [];
  const { maxLoad, meanLoad } = policies[0]!;
  if (bytes.crossLeaf === 0) {
    notes.push(
      'All traffic stays under leaves: no link between switches carries anything, and routing changes nothing.',
    );
  } else if (hotPathCurve.length === 1 && input.hotPaths > 0) {
    notes.push('No single pin relieves the hottest link of the routing that pins would go over.');
  }
  if (input.fabric.planes > 1 && crossPlane.bytes === 0) {
    notes.push('All traffic stays on its plane: these planes behave as one network of their size would.');
  }
  if (bytes.unrouted > 0) notes.push('Some traffic has no path: see bytes.unrouted.');
  if (maxLoad > 0 && maxLoad <= meanLoad * (1 + EVEN)) {
    notes.push('Destination-modulo loads every link between switches equally: no routing can do better.');
  }
  return notes;
}
