import { type Issue, issue } from '../base/issue.ts';
import { fail, ok, type Result } from '../base/result.ts';
import type { FailureComponent, Fleet } from '../catalog/types.ts';
import { gammaP, gammaQuantile } from '../numeric/gamma.ts';
import { componentOf } from './causes.ts';
import { TRAITS } from './components.ts';
import { DAY } from './failures.ts';
import type { CauseFit, Fault, FaultFit, FaultLog, LemonNode } from './types.ts';
import { fitLifetimes, type Gaps, testExponential } from './weibull.ts';

export interface FitOptions {
  /** Names the fitted fleet and says where it is from. */
  readonly name: string;
  /** Nodes that were watched; default: those that occur in the log. */
  readonly nodes?: number;
  /** Seconds that they were watched; default: to the last time in the log. */
  readonly span?: number;
  readonly gpusPerNode: number;
}

/** Two-sided confidence of every interval. */
const CONFIDENCE = 0.95;
/** A node is a lemon when so many faults on any one node would come by chance less often than this. */
const LEMON_CHANCE = 0.05;
/** Fewer faults fit no distribution. */
const FEWEST = 8;

/**
 * Mean times between faults and to repair, all and by cause, with confidence intervals; exponential against Weibull; nodes that
 * fail too often. A node counts for the whole span, as published figures count node-days. O(faults log faults).
 */
export function fitFaults(log: FaultLog, options: FitOptions): Result<FaultFit> {
  const counts = new Map<string, number>();
  for (const f of log.faults) counts.set(f.node, (counts.get(f.node) ?? 0) + 1);
  const problems = checkOptions(log, counts.size, options);
  if (problems.some((p) => p.severity === 'error')) return fail(problems);
  const nodes = options.nodes ?? counts.size;
  const span = options.span ?? log.last;
  const exposure = nodes * span;
  const gaps = gapsOf(log.faults, nodes, span);
  const between = Float64Array.from(log.faults.slice(1), (f, i) => f.start - log.faults[i]!.start);
  const enough = gaps.failed.length >= FEWEST;
  const lemons = findLemons(counts, nodes);
  const inLemons = lemons.reduce((sum, l) => sum + l.faults, 0);
  return ok(
    {
      nodes,
      failing: counts.size,
      span,
      faults: log.faults.length,
      all: fitCause('all', log.faults, exposure, log.faults.length),
      levels: groups(log, exposure, (f) => f.level ?? (hardware(f) ? 'hardware' : 'other')),
      components: groups(log, exposure, (f) => componentOf(f.cause)),
      ...(enough && { lifetimes: fitLifetimes(gaps), arrivals: testExponential(between) }),
      lemons,
      lemonShare: inLemons / log.faults.length,
      fleet: fleetOf(log.faults, exposure, options),
    },
    problems,
  );
}

function checkOptions(log: FaultLog, named: number, { nodes, span }: FitOptions): Issue[] {
  const issues: Issue[] = [];
  if (nodes === undefined) {
    issues.push(
      issue({
        code: 'nodes-unknown',
        severity: 'warning',
        message: `${named} nodes occur in the log; those that never failed do not, and the rates are too high by as much`,
        hint: '--nodes N says how many were watched',
      }),
    );
  } else if (nodes < named) {
    issues.push(
      issue({
        code: 'out-of-range',
        message: `${named} nodes occur in the log, and ${nodes} are said to be watched`,
        allowed: `at least ${named}`,
      }),
    );
  }
  // The last fault may end a little after the days are counted out.
  if (span !== undefined && span < log.last * 0.99) {
    issues.push(
      issue({
        code: 'out-of-range',
        message: `the log goes on to day ${(log.last / DAY).toPrecision(5)}, beyond the span that is said`,
        hint: '--span takes the time that the log covers',
      }),
    );
  }
  if (!((span ?? log.last) > 0)) {
    issues.push(
      issue({ code: 'out-of-range', message: 'the log covers no time', hint: '--span says how long' }),
    );
  }
  return issues;
}

const hardware = (f: Fault): boolean => TRAITS[componentOf(f.cause)].hardware;

function groups(log: FaultLog, exposure: number, nameOf: (f: Fault) => string): CauseFit[] {
  const lists = new Map<string, Fault[]>();
  for (const f of log.faults) {
    const name = nameOf(f);
    const list = lists.get(name) ?? [];
    list.push(f);
    lists.set(name, list);
  }
  return [...lists]
    .map(([name, faults]) => fitCause(name, faults, exposure, log.faults.length))
    .sort((a, b) => b.faults - a.faults || (a.cause < b.cause ? -1 : 1));
}

/** A rate from a count over a fixed time: the interval is exact, by chi-square quantiles. */
function fitCause(cause: string, faults: readonly Fault[], exposure: number, total: number): CauseFit {
  const n = faults.length;
  const tail = (1 - CONFIDENCE) / 2;
  const repairs = Float64Array.from(faults.flatMap((f) => (f.end === null ? [] : [f.end - f.start]))).sort();
  const mean = repairs.reduce((sum, t) => sum + t, 0) / repairs.length;
  return {
    cause,
    faults: n,
    share: n / total,
    mttf: exposure / n,
    mttfInterval: [exposure / gammaQuantile(n + 1, 1 - tail), exposure / gammaQuantile(n, tail)],
    repair:
      repairs.length === 0
        ? null
        : { count: repairs.length, mean, median: repairs[Math.floor(repairs.length / 2)]! },
  };
}

/**
 * Times up of each node: from the beginning or the end of a fault to the start of the next; the last one of each node,
 * and those of nodes that never failed, are censored at the end of the span. Faults that overlap are one.
 */
function gapsOf(faults: readonly Fault[], nodes: number, span: number): Gaps {
  const up = new Map<string, number>();
  const failed: number[] = [];
  for (const f of faults) {
    const since = up.get(f.node) ?? 0;
    if (f.start > since) failed.push(f.start - since);
    up.set(f.node, Math.max(since, f.end ?? span));
  }
  const censored = [...up.values()].map((since) => span - since).filter((t) => t > 0);
  for (let i = up.size; i < nodes; i++) censored.push(span);
  return { failed: Float64Array.from(failed), censored: Float64Array.from(censored) };
}

/**
 * Nodes whose count a Poisson of the mean of the others makes too unlikely, with the chance multiplied by the nodes
 * (Bonferroni); lemons raise the mean, so it is taken again without them until none is added.
 */
function findLemons(counts: ReadonlyMap<string, number>, nodes: number): LemonNode[] {
  const sorted = [...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1));
  const total = sorted.reduce((sum, [, n]) => sum + n, 0);
  const lemons: LemonNode[] = [];
  let others = total;
  for (const [node, faults] of sorted) {
    const rest = nodes - lemons.length - 1;
    const mean = rest > 0 ? (others - faults) / rest : 0;
    const chance = mean > 0 ? nodes * gammaP(faults, mean) : 1;
    if (chance >= LEMON_CHANCE) break;
    lemons.push({ node, faults, chance });
    others -= faults;
  }
  return lemons;
}

/** The rates as a fleet in the catalog's form, with the silent causes dropped into their components. */
function fleetOf(faults: readonly Fault[], exposure: number, { name, gpusPerNode }: FitOptions): Fleet {
  const counts: Partial<Record<FailureComponent, number>> = {};
  let down = 0;
  let ended = 0;
  for (const f of faults) {
    const component = componentOf(f.cause);
    counts[component] = (counts[component] ?? 0) + 1;
    if (f.end === null) continue;
    down += f.end - f.start;
    ended++;
  }
  return {
    id: name.replace(/[^A-Za-z0-9.-]+/gu, '-').replace(/^[^A-Za-z0-9]+/u, '') || 'fitted',
    name,
    gpusPerNode,
    failuresPerNodeDay: (faults.length / exposure) * DAY,
    counts,
    ...(ended > 0 && down > 0 && { repair: down / ended }),
    source: `fitted to ${faults.length} faults of a log`,
    date: 'undated',
    confidence: 'measured',
  };
}

/** The file that `reliability.failures` of a spec names: the fleet in the catalog's own form, and what it stands on. */
export function fittedFile({ fleet, all, lifetimes, nodes, span }: FaultFit) {
  const { repair, ...rest } = fleet;
  return {
    format: 'planewright-failures',
    version: 1,
    fleet: { ...rest, ...(repair !== undefined && { repair: `${Number(repair.toPrecision(12))} s` }) },
    fit: { nodes, span, all, ...(lifetimes && { lifetimes }) },
  };
}
