import { Cancelled, type Context } from '../base/context.ts';
import type { Fabric } from '../fabric/types.ts';
import { LoadEngine } from '../flow/loads.ts';
import { switchLinks } from '../flow/summary.ts';
import type { LinkLoad } from '../flow/types.ts';
import { balancedTables } from '../routes/balanced.ts';
import { minHopTables, upDownTables } from '../routes/minimal.ts';
import type { NextHops, Routes, TableRoutes } from '../routes/types.ts';
import { verifyRoutes } from '../routes/verify.ts';
import { unitsOfFlows } from './demand.ts';
import { smallestLimits } from './limits.ts';
import { BOUND_EFFORT, lowerBounds } from './lower.ts';
import { planesOf } from './plane.ts';
import { MEETS, type OptimisedTables, optimiseTables, TABLE_LIMITS } from './tables.ts';
import type { Bounds, JudgedTables, Loads, PatternRouting, TrafficDemand } from './types.ts';

export interface PatternInput {
  readonly fabric: Fabric;
  readonly hops: NextHops;
  /** At least one. */
  readonly demands: readonly TrafficDemand[];
  /** The fabric's own tables, judged first when they are known. */
  readonly current: TableRoutes | null;
  /** Paths that the local search may look at. */
  readonly evaluations?: number;
}

/**
 * One set of destination tables for several demands by priority (tables.ts), next to the current tables and the plain
 * engines of a subnet manager, each measured on every demand and followed switch by switch; with the bounds of
 * every demand by itself. Flows may be merged by source leaf: tables cannot tell. Deterministic but for
 * `tableSeconds`. O(tables * (flows * hops + switches * endpoints)) beside tables and bounds.
 */
export async function routePatterns(input: PatternInput, context: Context): Promise<PatternRouting> {
  const { fabric, hops, demands } = input;
  const step = (fraction: number, note: string): void => {
    if (context.cancelled()) throw new Cancelled();
    context.progress({ stage: 'routing', fraction, note });
  };
  step(0, 'tables');
  const began = context.clock();
  const { planes, perDemand, tables } = makeTables(input);
  const tableSeconds = context.clock() - began;
  const judge = new TableJudge(fabric, hops, demands);
  step(0.3, 'before');
  const before = plainTables(input, tables.modulo).map(({ name, routes }) => judge.judge(name, routes));
  const after = judge.judge('optimised', tables.routes);
  step(0.6, 'bounds');
  const bounds: Bounds[] = [];
  for (let d = 0; d < demands.length; d++) {
    const cuts = tables.planes.map((p) => p.bounds[d]!);
    const best = judge.bestSplit(d, tables.routes);
    bounds.push(
      await lowerBounds(planes, perDemand[d]!.units, cuts, best.seconds, best.load, context, BOUND_EFFORT),
    );
  }
  return {
    demands: demands.map(({ label, priority, unit }, d) => ({
      label,
      priority,
      unit,
      bounds: bounds[d]!,
      unroutable: perDemand[d]!.unroutable,
    })),
    before,
    after,
    rate: usualRate(fabric),
    entriesLimit: smallestLimits(fabric.transport, context.catalog).tableEntries,
    tableSeconds,
    notes: notesOf(tables, bounds, after),
  };
}

/** The tables alone, without a judgement. */
export function patternTables(input: Omit<PatternInput, 'current'>): TableRoutes {
  return makeTables(input).tables.routes;
}

function makeTables({ fabric, hops, demands, evaluations }: Omit<PatternInput, 'current'>) {
  const planes = planesOf(fabric, hops);
  const perDemand = demands.map((d) => unitsOfFlows(planes, d.flows));
  const patterns = planes.map((_, p) =>
    perDemand.map(({ units }, d) => ({ units: units[p]!, priority: demands[d]!.priority })),
  );
  const limits = { evaluations: evaluations ?? TABLE_LIMITS.evaluations };
  return { planes, perDemand, tables: optimiseTables(fabric, hops, planes, patterns, limits) };
}

function plainTables({ fabric, hops, current }: PatternInput, modulo: TableRoutes) {
  const all: [string, TableRoutes | null][] = [
    ['current tables', current],
    ['minimum hop', minHopTables(fabric, hops)],
    ['up/down', upDownTables(fabric, hops)],
    ['destination-modulo', modulo],
    ['balanced shortest path', balancedTables(fabric, hops)],
  ];
  return all.flatMap(([name, routes]) => (routes === null ? [] : [{ name, routes }]));
}

/** Measures tables on every demand; keeps what the measurements share. */
export class TableJudge {
  readonly #fabric: Fabric;
  readonly #hops: NextHops;
  readonly #engines: readonly LoadEngine[];
  readonly #links: Uint32Array;

  constructor(fabric: Fabric, hops: NextHops, demands: readonly TrafficDemand[]) {
    this.#fabric = fabric;
    this.#hops = hops;
    this.#engines = demands.map((d) => new LoadEngine(fabric, hops, d.flows));
    this.#links = switchLinks(fabric);
  }

  judge(name: string, routes: TableRoutes): JudgedTables {
    const loads = this.#engines.map((_, d) => this.#maxima(this.load(d, routes)));
    return { name, routes, loads, verification: verifyRoutes(this.#fabric, routes, this.#hops) };
  }

  /** Bytes by link of one demand (links to endpoints left out), and the flows without a way. */
  load(demand: number, routes: Routes): { readonly step: LinkLoad; readonly unrouted: number } {
    const engine = this.#engines[demand]!;
    const sums = {
      step: new Float64Array(this.#fabric.links),
      once: new Float64Array(this.#fabric.links),
      unrouted: { flows: 0, bytes: 0 },
    };
    engine.addInner(routes, 0, engine.flows.count, sums);
    return { step: sums.step, unrouted: sums.unrouted.flows };
  }

  /** The better of the tables and an equal split: what lowerBounds starts from. */
  bestSplit(demand: number, tables: TableRoutes): { readonly seconds: number; readonly load: LinkLoad } {
    const forms = [this.load(demand, tables), this.load(demand, { kind: 'adaptive' })];
    const seconds = forms.map(({ step, unrouted }) => {
      const { up, down } = this.#maxima({ step, unrouted });
      return Math.max(up, down);
    });
    const best = seconds[1]! <= seconds[0]! ? 1 : 0;
    return { seconds: seconds[best]!, load: forms[best]!.step };
  }

  #maxima({ step, unrouted }: { readonly step: LinkLoad; readonly unrouted: number }): Loads {
    const { linkRate, linkDirection } = this.#fabric;
    let up = 0;
    let down = 0;
    for (let i = 0; i < this.#links.length; i++) {
      const l = this.#links[i]!;
      const seconds = step[l]! / linkRate[l]!;
      if (linkDirection[l]! >= 0) up = Math.max(up, seconds);
      else down = Math.max(down, seconds);
    }
    return { up, down, unrouted };
  }
}

/** Bytes per second of most live links between switches (the fastest on a tie); 1 where there are none. */
export function usualRate(fabric: Fabric): number {
  const count = new Map<number, number>();
  for (const l of switchLinks(fabric))
    count.set(fabric.linkRate[l]!, (count.get(fabric.linkRate[l]!) ?? 0) + 1);
  let best = 1;
  let most = 0;
  for (const [rate, n] of count) {
    if (n < most || (n === most && rate < best)) continue;
    best = rate;
    most = n;
  }
  return best;
}

const METHODS = {
  modulo: 'plain destination-modulo: no better tables were found',
  nominal: 'destination-modulo with the entries of missing cables re-homed',
  colouring: 'an equitable colouring',
  'local search': 'greedy placement and local search',
  rule: 'destination-modulo as a rule: dense tables would be too large',
} as const;

function notesOf(tables: OptimisedTables, bounds: readonly Bounds[], after: JudgedTables): string[] {
  const planes = tables.planes.length;
  const notes: string[] = [];
  const optimal = tables.planes.filter((p) => p.moduloOptimal).length;
  if (optimal > 0)
    notes.push(`Plain destination-modulo already meets the bounds on ${optimal} of ${planes} planes: kept.`);
  for (const [method, how] of Object.entries(METHODS)) {
    const n = tables.planes.filter((p) => !p.moduloOptimal && p.method === method).length;
    if (n > 0) notes.push(`Tables by ${how}${planes > 1 ? ` on ${n} of ${planes} planes` : ''}.`);
  }
  const proved = bounds.every(
    (b, d) => Math.max(after.loads[d]!.up, after.loads[d]!.down) <= b.wholeDestination * (1 + MEETS),
  );
  if (proved) notes.push('Proved optimal: no tables of whole destinations do better on any of the traffics.');
  return notes;
}
