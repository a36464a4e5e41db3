import type { Context } from '../base/context.ts';
import type { Catalog } from '../catalog/types.ts';
import { chosenInterval, planCheckpoints } from './checkpoint.ts';
import { TRAITS } from './components.ts';
import { minuteCosts } from './costs.ts';
import { type Cycle, ettr, exactEttr, failureLoad, firstOrderEttr } from './ettr.ts';
import { componentRates, DAY, jobFailures, totalRate } from './failures.ts';
import { runModel } from './model.ts';
import type { RunModel } from './run.ts';
import { silentCorruption } from './silent.ts';
import { simulateRuns } from './simulate.ts';
import { sparesNeeded } from './spares.ts';
import { powerDropFailures, raiseBy, stressChain, stressFactors } from './stress.ts';
import type {
  CheckpointPlan,
  ClosedForm,
  ComponentRate,
  EttrMethod,
  Risk,
  RiskInput,
  Spares,
} from './types.ts';

/** Runs of a plan; the command asks for more. */
const PLAN_RUNS = 200;
/** Failures that a plan simulates at most, and the least of its runs. */
const PLAN_FAILURES = 2_000_000;
const LEAST_RUNS = 8;
/** Below this share of useful time a run gets nowhere, and simulating it says no more. */
const NOWHERE = 1e-3;

export interface RiskOptions {
  /** Simulated runs; default: as many as a plan affords. */
  readonly runs?: number;
}

/** How often this job breaks, how it keeps its progress, and how much of its time is useful. */
export async function analyseRisk(
  input: RiskInput,
  context: Context,
  options: RiskOptions = {},
): Promise<Risk> {
  const { catalog } = context;
  const basis = riskBasis(input, catalog);
  const { rates, factors, drops, checkpoint, interval, cycle, spares } = basis;
  const closedForm = closed(cycle, catalog);
  const share = exactEttr(nearestCopy(cycle, basis.model));
  const runs = options.runs ?? affordableRuns(input, basis, share);
  const simulation =
    share < NOWHERE
      ? undefined
      : await simulateRuns(basis.model, runs, { seed: input.seed, parallel: context.parallel });
  const simple = isSimple(input, spares);
  const method: EttrMethod = simple || simulation === undefined ? closedForm.form : 'monte-carlo';
  const value = method === 'monte-carlo' ? simulation!.ettr : closedForm.value;
  const raise = factors.reduce((x, f) => x * f.factor, 1);
  const mttf = 1 / cycle.rate;
  const at = { raise, mttf, interval, stall: checkpoint.stallSeconds, ettr: value };
  const silent = silentCorruption(input, at, catalog);
  return {
    mttf,
    checkpointInterval: interval,
    ettr: value,
    method,
    sdcPerDay: silent.perDay,
    days: value > 0 ? input.job.runSeconds / value / DAY : null,
    failures: jobFailures(input.reliability.failures, input.job, rates, catalog),
    checkpoint,
    closedForm,
    ...(simulation && { simulation }),
    spares,
    minutes: minuteCosts(cycle, input.job.runSeconds, input.job.gpus),
    silent,
    stress: stressChain(input, factors, rates, silent, drops, catalog),
  };
}

/** What the analysis and the simulation stand on. */
export interface RiskBasis {
  readonly rates: readonly ComponentRate[];
  readonly factors: ReturnType<typeof stressFactors>;
  /** Failures a day by power drops, counted in `rates`. */
  readonly drops: number;
  readonly checkpoint: CheckpointPlan;
  readonly interval: number;
  readonly cycle: Cycle;
  readonly spares: Spares;
  readonly model: RunModel;
}

export function riskBasis(input: RiskInput, catalog: Catalog): RiskBasis {
  const { job, reliability } = input;
  const factors = stressFactors(input, catalog);
  const drops = powerDropFailures(input, catalog);
  const rates = withPowerDrops(componentRates(reliability.failures, job, raiseBy(factors)), drops);
  const rate = totalRate(rates) / DAY;
  const checkpoint = planCheckpoints(input, DAY / stored(input, rates), catalog);
  const interval = chosenInterval(input, checkpoint);
  const cycle: Cycle = {
    rate,
    interval,
    write: checkpoint.stallSeconds,
    detection: reliability.detection,
    restart: reliability.restart,
    queue: reliability.queue,
  };
  const spares = planSpares(input, rates, catalog);
  const model = runModel(
    input,
    { rates, checkpoint, interval, spares: spares.kept, repair: spares.repair },
    catalog,
  );
  return { rates, factors, drops, checkpoint, interval, cycle, spares, model };
}

/**
 * Failures a day from which the job comes back by a checkpoint in storage: all of them, or with copies in memory those that
 * these do not survive. Each level of checkpoints has its interval from the failures that need it (Moody et al., SC'10).
 */
function stored({ reliability }: RiskInput, rates: readonly ComponentRate[]): number {
  if (reliability.checkpoint.memory === null) return totalRate(rates);
  return totalRate(rates.filter((r) => !TRAITS[r.component].memory)) || totalRate(rates);
}

/** The cycle from one copy of the state to the next, in memory or in storage: whether a run gets anywhere. */
function nearestCopy(cycle: Cycle, { copies, interval, copyStall }: RunModel): Cycle {
  return copies === 0 ? cycle : { ...cycle, interval: interval / copies, write: copyStall };
}

function withPowerDrops(rates: readonly ComponentRate[], drops: number): readonly ComponentRate[] {
  if (drops === 0) return rates;
  const others = rates.filter((r) => r.component !== 'power');
  const power = rates.find((r) => r.component === 'power')?.perDay ?? 0;
  const all = [...others, { component: 'power' as const, perDay: power + drops, share: 0 }];
  const sum = totalRate(all);
  return all.map((r) => ({ ...r, share: r.perDay / sum }));
}

function planSpares(
  { job, reliability }: RiskInput,
  rates: readonly ComponentRate[],
  catalog: Catalog,
): Spares {
  const { failures, repair: given, spares } = reliability;
  const repair = given ?? failures.repair ?? catalog.get('risk.repair').value;
  const quantile = catalog.get('risk.spares.quantile').value;
  const nodes = Math.ceil(job.gpus / job.gpusPerNode);
  const evicting = totalRate(rates.filter((r) => TRAITS[r.component].evicts)) / DAY;
  const needed = sparesNeeded(nodes, evicting / nodes, repair, quantile);
  const kept = spares === 'auto' ? needed : (spares ?? 0);
  return { needed, quantile, kept, repair, underRepair: -nodes * Math.expm1((-evicting / nodes) * repair) };
}

/** Blocking checkpoints into storage and nothing that the closed forms leave out. */
function isSimple({ reliability: r }: RiskInput, spares: Spares): boolean {
  const enough = r.spares === null || spares.kept >= spares.needed;
  const plain = r.lemons === null && r.maintenance === null && r.stragglers === null;
  return r.checkpoint.kind === 'blocking' && r.checkpoint.memory === null && plain && enough;
}

function affordableRuns({ job }: RiskInput, { cycle }: RiskBasis, share: number): number {
  const failures = (cycle.rate * job.runSeconds) / Math.max(share, NOWHERE);
  return Math.max(LEAST_RUNS, Math.min(PLAN_RUNS, Math.floor(PLAN_FAILURES / Math.max(1, failures))));
}

function closed(cycle: Cycle, catalog: Catalog): ClosedForm {
  const limit = catalog.get('risk.first-order.limit').value;
  return {
    ...ettr(cycle, limit),
    firstOrder: firstOrderEttr(cycle),
    exact: exactEttr(cycle),
    load: failureLoad(cycle),
    limit,
  };
}
