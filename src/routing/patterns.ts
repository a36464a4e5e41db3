import { Cancelled, type Context } from '../base/context.ts';
import { type Fabric, NodeKind } from '../fabric/types.ts';
import { balancedTables } from '../routes/balanced.ts';
import { minHopTables, upDownTables } from '../routes/minimal.ts';
import { moduloTables } from '../routes/modulo.ts';
import { nextHops } from '../routes/next-hops.ts';
import type { NextHops, TableRoutes } from '../routes/types.ts';
import { type CutBounds, cutBounds } from './bounds.ts';
import { type PlaneDemand, unitsOfFlows } from './demand.ts';
import { smallestLimits } from './limits.ts';
import { lmcTables } from './lmc.ts';
import { BOUND_EFFORT, lowerBounds } from './lower.ts';
import { type Plane, planesOf } from './plane.ts';
import { repairedTables, repairTables } from './repair.ts';
import { wiringOf } from './repair-work.ts';
import { TableJudge, usualRate } from './table-judge.ts';
import { MEETS, optimiseTables, type PlaneTables, TABLE_LIMITS } from './tables.ts';
import type {
  Bounds,
  JudgedTables,
  PatternRouting,
  RepairSummary,
  SpreadLoads,
  TableChoices,
  TrafficDemand,
  ValleySummary,
} from './types.ts';
import { valleyRoutes } from './valley.ts';

export interface PatternInput {
  readonly fabric: Fabric;
  readonly hops: NextHops;
  /** At least one. */
  readonly demands: readonly TrafficDemand[];
  /** The fabric's own tables by LID offset, judged first and repaired when they are known. */
  readonly current: readonly TableRoutes[] | null;
  /** The fabric that these were made for, before parts were taken out; the same one when none were. */
  readonly intact: Fabric;
  /** Plain tables for one LID a port where nothing else is asked for. */
  readonly choices?: TableChoices;
  /** True where the fabric is no tree and up and down are those of withUpDownOrder: plain tables, and no bounds. */
  readonly ordered?: boolean;
  /** Paths that the local search may look at. */
  readonly evaluations?: number;
}

const PLAIN: TableChoices = { lmc: 0, valleys: 'lane', repair: null };

/**
 * One set of destination tables for several demands by priority (tables.ts), next to the current tables and the plain
 * engines of a subnet manager, each measured on every demand and followed switch by switch; with the bounds of
 * every demand by itself. Flows may be merged by source leaf: tables cannot tell. Deterministic but for
 * `tableSeconds`. O(tables * (flows * hops + switches * endpoints)) beside tables and bounds.
 */
export async function routePatterns(input: PatternInput, context: Context): Promise<PatternRouting> {
  const { fabric, hops, demands, choices = PLAIN } = input;
  const step = (fraction: number, note: string): void => {
    if (context.cancelled()) throw new Cancelled();
    context.progress({ stage: 'routing', fraction, note });
  };
  step(0, 'tables');
  const began = context.clock();
  const made = input.ordered
    ? orderedTables(input)
    : makeTables(input, choices.repair === null ? choices.lmc : 0);
  const tableSeconds = context.clock() - began;
  const repaired = repairedCurrent(input);
  const chosen = choices.repair === null || repaired === null ? made.byOffset : repaired.byOffset;
  const { byOffset, valley } = withValleys(fabric, hops, chosen, choices.valleys);
  const judge = new TableJudge(fabric, hops, demands);
  step(0.3, 'before');
  const before: JudgedTables[] = [];
  for (const { name, make } of plainTables(input, repaired, made.modulo)) {
    step(0.3 + 0.05 * before.length, name);
    const routes = make();
    if (routes !== null) before.push(judge.judge(name, routes));
  }
  step(0.55, 'after');
  const name = input.ordered ? 'up/down order' : choices.repair === null ? 'optimised' : 'repaired';
  const after = judge.judgeAll(name, byOffset);
  step(0.6, 'bounds');
  const bounds: Bounds[] = [];
  for (let d = 0; d < demands.length; d++) {
    if (input.ordered) {
      bounds.push({ fractional: 0, fractionalKind: 'cut', wholeDestination: 0 });
      continue;
    }
    const cuts = made.cuts.map((c) => c[d]!);
    const best = judge.bestSplit(d, byOffset[0]!, Math.max(...cuts.map((c) => c.fractional)));
    const { units } = made.perDemand[d]!;
    bounds.push(await lowerBounds(made.planes, units, cuts, best.seconds, best.load, context, BOUND_EFFORT));
  }
  return {
    demands: demands.map(({ label, priority, unit }, d) => ({
      label,
      priority,
      unit,
      bounds: bounds[d]!,
      unroutable: made.perDemand[d]!.unroutable,
    })),
    before,
    after,
    byOffset,
    spread: choices.repair === null ? spreadOf(made, judge, byOffset, bounds) : null,
    repair: repaired?.summary ?? null,
    valley,
    rate: usualRate(fabric),
    entriesLimit: smallestLimits(fabric.transport, context.catalog).tableEntries,
    tableSeconds,
    notes: choices.repair !== null || input.ordered ? [] : notesOf(made, bounds, after),
  };
}

/** The tables alone, by LID offset, without a judgement. */
export function patternTables(
  input: Pick<PatternInput, 'fabric' | 'hops' | 'demands' | 'evaluations'>,
  { lmc, valleys }: Omit<TableChoices, 'repair'>,
): readonly TableRoutes[] {
  const { byOffset } = makeTables(input, lmc);
  return withValleys(input.fabric, input.hops, byOffset, valleys).byOffset;
}

interface Made {
  readonly planes: readonly Plane[];
  readonly perDemand: readonly PlaneDemand[];
  /** By plane and demand, for whole destinations. */
  readonly cuts: readonly (readonly CutBounds[])[];
  readonly solved: readonly PlaneTables[];
  readonly byOffset: readonly TableRoutes[];
  readonly modulo: TableRoutes;
}

function makeTables(
  { fabric, hops, demands, evaluations }: Pick<PatternInput, 'fabric' | 'hops' | 'demands' | 'evaluations'>,
  lmc: number,
): Made {
  const planes = planesOf(fabric, hops);
  const perDemand = demands.map((d) => unitsOfFlows(planes, d.flows));
  const patterns = planes.map((_, p) =>
    perDemand.map(({ units }, d) => ({ units: units[p]!, priority: demands[d]!.priority })),
  );
  const limits = { evaluations: evaluations ?? TABLE_LIMITS.evaluations };
  if (lmc > 0) {
    const { byOffset, planes: solved, modulo } = lmcTables(fabric, hops, planes, patterns, lmc, limits);
    const cuts = planes.map((plane, p) => patterns[p]!.map(({ units }) => cutBounds(plane, units)));
    return { planes, perDemand, cuts, solved, byOffset, modulo };
  }
  const { routes, modulo, planes: solved } = optimiseTables(fabric, hops, planes, patterns, limits);
  return { planes, perDemand, cuts: solved.map((s) => s.bounds), solved, byOffset: [routes], modulo };
}

/** On wiring that is no tree: the plain up/down tables whose busiest link is emptiest, by priority over the demands. */
function orderedTables({ fabric, hops, demands }: PatternInput): Made {
  const planes = planesOf(fabric, hops);
  const perDemand = demands.map((d) => unitsOfFlows(planes, d.flows));
  const judge = new TableJudge(fabric, hops, demands);
  const modulo = moduloTables(fabric, hops);
  let best = modulo;
  let lowest = Infinity;
  for (const routes of [modulo, upDownTables(fabric, hops), balancedTables(fabric, hops)]) {
    if (routes === null) continue;
    const { loads } = judge.judge('', routes);
    const sum = loads.reduce((n, l, d) => n + demands[d]!.priority * Math.max(l.up, l.down), 0);
    if (sum >= lowest) continue;
    lowest = sum;
    best = routes;
  }
  return { planes, perDemand, cuts: [], solved: [], byOffset: [best], modulo };
}

/** The current tables with what is broken in them repaired, and how much that was; null where there are none. */
function repairedCurrent({ fabric, intact, hops, current, choices = PLAIN }: PatternInput) {
  if (current === null) return null;
  const policy = choices.repair ?? 'few';
  const before = intact === fabric ? hops : nextHops(intact);
  const repairs = current.map((routes) => repairTables(intact, before, routes, fabric, policy));
  const changes = repairs.flatMap((r) => r.changes);
  const summary: RepairSummary = {
    policy,
    changedEntries: changes.length,
    entries: current.reduce((n, { rows }) => n + rows.reduce((m, row) => m + (row?.length ?? 0), 0), 0),
    changedSwitches: new Set(changes.map((c) => c.node)).size,
    lostPairs: repairs[0]!.lostPairs,
  };
  return { byOffset: current.map((r, k) => repairedTables(fabric, r, repairs[k]!.changes)), summary };
}

/** The tables with ways through a valley for pairs that no up/down path joins, if so wished; and who these are. */
function withValleys(
  fabric: Fabric,
  hops: NextHops,
  tables: readonly TableRoutes[],
  what: TableChoices['valleys'],
): { readonly byOffset: readonly TableRoutes[]; readonly valley: ValleySummary } {
  const all = tables.map((routes) => valleyRoutes(fabric, hops, routes, what));
  const first = all[0]!;
  const { hosts } = wiringOf(fabric, hops);
  const workloadPairs = first.pairs.filter(
    ({ from, dst }) => fabric.kind[dst] === NodeKind.endpoint && hosts[from - fabric.endpoints]! > 0,
  );
  return {
    byOffset: all.map((v) => v.routes),
    valley: {
      pairs: first.pairs.length,
      leftOut: first.leftOut.length,
      workloadPairs: workloadPairs.length,
      leaves: first.leaves.map((leaf) => fabric.names[leaf]!),
      lanesNeeded: all.every((v) => v.oneLaneSuffices) ? 1 : first.lanes,
      deadlockFree: all.every((v) => v.deadlockFree.every((free) => free)),
    },
  };
}

/** With LMC: the load of all LIDs together, a pair's bytes split evenly over them. */
function spreadOf(
  { solved }: Made,
  judge: TableJudge,
  byOffset: readonly TableRoutes[],
  bounds: readonly Bounds[],
): SpreadLoads | null {
  if (byOffset.length === 1) return null;
  return {
    lids: byOffset.length,
    loads: bounds.map((_, d) => judge.spreadLoads(d, byOffset)),
    bounds: bounds.map((b, d) => Math.max(b.fractional, ...solved.map((s) => s.bounds[d]!.whole))),
  };
}

/** What the new tables are compared with, made when its turn comes. */
function plainTables(
  { fabric, hops, current, choices = PLAIN }: PatternInput,
  repaired: { readonly byOffset: readonly TableRoutes[]; readonly summary: RepairSummary } | null,
  modulo: TableRoutes,
) {
  const isNews = choices.repair === null && repaired !== null && repaired.summary.changedEntries > 0;
  const repair = isNews ? repaired.byOffset[0]! : null;
  return [
    { name: 'current tables', make: () => current?.[0] ?? null },
    { name: 'current tables, repaired', make: () => repair },
    { name: 'minimum hop', make: () => minHopTables(fabric, hops) },
    { name: 'up/down', make: () => upDownTables(fabric, hops) },
    { name: 'destination-modulo', make: () => modulo },
    { name: 'balanced shortest path', make: () => balancedTables(fabric, hops) },
  ];
}

const METHODS = {
  modulo: 'plain destination-modulo: no better tables were found',
  nominal: 'destination-modulo with the entries of missing cables re-homed',
  colouring: 'an equitable colouring',
  'local search': 'greedy placement and local search',
  rule: 'destination-modulo as a rule: dense tables would be too large',
} as const;

function notesOf({ solved }: Made, bounds: readonly Bounds[], after: JudgedTables): string[] {
  const planes = solved.length;
  const notes: string[] = [];
  const optimal = solved.filter((p) => p.moduloOptimal).length;
  if (optimal > 0)
    notes.push(`Plain destination-modulo already meets the bounds on ${optimal} of ${planes} planes: kept.`);
  for (const [method, how] of Object.entries(METHODS)) {
    const n = solved.filter((p) => !p.moduloOptimal && p.method === method).length;
    if (n > 0) notes.push(`Tables by ${how}${planes > 1 ? ` on ${n} of ${planes} planes` : ''}.`);
  }
  const proved = bounds.every(
    (b, d) => Math.max(after.loads[d]!.up, after.loads[d]!.down) <= b.wholeDestination * (1 + MEETS),
  );
  if (proved) notes.push('Proved optimal: no tables of whole destinations do better on any of the traffics.');
  return notes;
}
