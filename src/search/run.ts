import { Cancelled, type Context } from '../base/context.ts';
import { type Issue, issue } from '../base/issue.ts';
import { fail, ok, type Result } from '../base/result.ts';
import { withOutcomes } from '../plan/checks.ts';
import { Estimator } from '../plan/estimate.ts';
import { evaluate } from '../plan/evaluate.ts';
import { Memo } from '../plan/memo.ts';
import type { Evaluation, Plan } from '../plan/types.ts';
import { splitExpectations } from '../spec/expect.ts';
import type { Spec } from '../spec/types.ts';
import type { StepBreakdown } from '../step/types.ts';
import { changesTo, distance, type Wanted } from './nearest.ts';
import { nearestPlan, searchPlans } from './search.ts';
import { gpusOf, planOf, withPlan } from './space.ts';
import type {
  Finalist,
  GpuRates,
  Limits,
  Objective,
  PlanWithSearch,
  ScoredPlan,
  Search,
  SearchOutcome,
} from './types.ts';
import { whyFaster, whyUnbeaten } from './why.ts';

export interface SearchRequest {
  readonly objective: Objective;
  readonly top: number;
  readonly limits: Limits;
  /** What the spec wanted, where its own plan contradicts itself; the spec then stands for model, batch and cluster. */
  readonly wanted?: Wanted;
}

/**
 * The best plans for a job: all of its space searched on a network without hot links, then the best through the whole
 * pipeline, each with the network, placement and routes made for it. Issues where nothing fits, with what would.
 */
export async function search(
  spec: Spec,
  context: Context,
  request: SearchRequest,
): Promise<Result<PlanWithSearch>> {
  const memo = new Memo();
  const estimator = new Estimator(spec, context.catalog);
  const stand = request.wanted === undefined ? spec : standIn(spec, estimator, request.wanted);
  if (stand === null) return fail([nothingFits(spec, context, request, NO_RATES, 0)]);
  const expect = splitExpectations(stand.expect, 'search');
  const own = await evaluate({ spec: { ...stand, expect: expect.plan }, without: [] }, context, { memo });
  if (!own.ok) return own;
  const rates = ratesOf(own.value.plan);
  const options = { ...request, rates, check: lookUp(context) };
  const outcome = searchPlans(spec, estimator, options);
  if (outcome.best.length === 0)
    return fail([nothingFits(spec, context, request, rates, outcome.considered)]);
  const best = await finalists(spec, context, memo, outcome, {
    request,
    own: request.wanted === undefined ? own.value : null,
  });
  if (!best.ok) return best;
  const wanted = request.wanted ?? planOf(spec);
  const { plan } = own.value;
  const fits = plan.step!.memory.fits;
  const found: Search = {
    objective: request.objective,
    limits: {
      watts: Number.isFinite(request.limits.power) ? request.limits.power : null,
      runSeconds: Number.isFinite(request.limits.runSeconds) ? request.limits.runSeconds : null,
    },
    rates,
    considered: outcome.considered,
    fitting: outcome.fitting,
    evaluated: outcome.evaluated,
    own: request.wanted === undefined ? { ...measured(planOf(spec), plan), fits } : null,
    best: best.value,
    pareto: outcome.pareto.map((p) => ({ ...p, why: whyUnbeaten(p, outcome.pareto) })),
    nearest: request.wanted === undefined && fits ? null : nearestOf(spec, estimator, options, wanted),
  };
  if (request.wanted !== undefined) return ok({ search: found });
  const judged = withOutcomes({ ...plan, search: found }, expect.own);
  return judged.ok ? ok(judged.value, own.issues) : judged;
}

const NO_RATES: GpuRates = { hour: 0, watts: 0 };
const NO_LIMITS: Limits = { power: Infinity, runSeconds: Infinity };

/** Where the spec's own plan contradicts itself, the nearest that works says what the cluster costs. */
function standIn(spec: Spec, estimator: Estimator, wanted: Wanted): Spec | null {
  const options = { objective: 'time' as const, top: 1, limits: NO_LIMITS, rates: NO_RATES };
  const nearest = nearestPlan(spec, estimator, options, (plan) => distance(plan, wanted));
  return nearest === undefined ? null : { ...withPlan(spec, nearest.plan), expect: [] };
}

function lookUp({ cancelled, progress }: Context): (done: number) => void {
  return (done) => {
    if (cancelled()) throw new Cancelled();
    progress({ stage: 'search', fraction: done });
  };
}

/** What a GPU of this cluster costs and draws, its share of network and building included. */
function ratesOf(plan: Plan): GpuRates {
  const { operating, energy } = plan.economy!;
  return { hour: operating.perGpuHour.usd, watts: energy.peak / plan.spec.gpus };
}

interface Compared {
  readonly request: SearchRequest;
  readonly own: Evaluation | null;
}

async function finalists(
  spec: Spec,
  context: Context,
  memo: Memo,
  { best }: SearchOutcome,
  { request, own }: Compared,
): Promise<Result<readonly Finalist[]>> {
  const done: { scored: ScoredPlan; estimated: number; plan: Plan }[] = [];
  for (const candidate of best) {
    const chosen = { ...withPlan(spec, candidate.plan), expect: [] };
    const evaluation = await evaluate({ spec: chosen, without: [] }, context, { memo });
    if (!evaluation.ok) return evaluation;
    const { plan } = evaluation.value;
    done.push({ scored: measured(candidate.plan, plan), estimated: candidate.stepSeconds, plan });
  }
  const value = (p: ScoredPlan) =>
    request.objective === 'time' ? p.runSeconds : request.objective === 'cost' ? p.usd : p.joules;
  done.sort((a, b) => value(a.scored) - value(b.scored));
  return ok(
    done.map(({ scored, estimated, plan }, i) => {
      // The first is compared with the spec's own, the others with the first.
      const first = i === 0;
      const other = first ? (own?.plan ?? done[1]?.plan) : done[0]!.plan;
      const name = !first ? 'the first' : own === null ? 'the second' : "the spec's own";
      return finalist(scored, estimated, plan, other?.step?.breakdown, name);
    }),
  );
}

function finalist(
  scored: ScoredPlan,
  estimatedSeconds: number,
  plan: Plan,
  other: StepBreakdown | undefined,
  name: string,
): Finalist {
  const { fabric, routing, step } = plan;
  return {
    ...scored,
    estimatedSeconds,
    network: {
      topology: topologyOf(plan),
      planes: fabric.planes,
      layers: fabric.layers,
      switches: fabric.switches,
      crossLeafBytes: fabric.placement.crossLeafBytes,
      ratioToWhole: routing!.ratioToWhole,
    },
    why: other === undefined ? 'the only one' : whyFaster(step!.breakdown, other, step!.seconds, name),
  };
}

function topologyOf({ fabric, spec: { network } }: Plan): string {
  const chosen = fabric.alternatives.find((a) => a.chosen);
  return chosen?.topology ?? (network.kind === 'generated' ? network.topology : network.kind);
}

/** A plan as the whole pipeline found it. */
function measured(chosen: ReturnType<typeof planOf>, plan: Plan): ScoredPlan {
  const { step, economy } = plan;
  const { memory, seconds, runSeconds, mfu } = step!;
  const most = Math.max(...memory.stages.map((s) => s.total));
  return {
    plan: chosen,
    gpus: gpusOf(chosen),
    stepSeconds: seconds,
    runSeconds,
    mfu,
    usd: economy!.run!.usd,
    watts: economy!.energy.peak,
    joules: economy!.energy.perRun!,
    memory: most,
    headroom: 1 - most / memory.capacity,
  };
}

type Options = Parameters<typeof searchPlans>[2];

function nearestOf(spec: Spec, estimator: Estimator, options: Options, wanted: Wanted): Search['nearest'] {
  const nearest = nearestPlan(spec, estimator, options, (plan) => distance(plan, wanted));
  return nearest === undefined ? null : { ...nearest, changes: changesTo(nearest.plan, wanted) };
}

/** Doublings of the cluster that are tried where a job fits nowhere. */
const MOST_DOUBLINGS = 16;

function nothingFits(
  spec: Spec,
  context: Context,
  request: SearchRequest,
  rates: GpuRates,
  considered: number,
): Issue {
  const limited = Number.isFinite(request.limits.power) || Number.isFinite(request.limits.runSeconds);
  const options = { ...request, rates, top: 1, pareto: false, limits: NO_LIMITS, check: lookUp(context) };
  if (limited) {
    const without = searchPlans(spec, new Estimator(spec, context.catalog), options).best[0];
    if (without !== undefined) {
      return issue({
        code: 'limits',
        message: 'plans fit the cluster, but none keeps the limits',
        hint:
          `without limits the best takes ${days(without.runSeconds)} days at ` +
          `${megawatts(without.watts)} MW: raise the limit, or give more or fewer GPUs`,
      });
    }
  }
  let gpus = spec.cluster.gpus;
  for (let i = 0; i < MOST_DOUBLINGS; i++) {
    gpus *= 2;
    const larger = { ...spec, cluster: { ...spec.cluster, gpus } };
    const fitting = searchPlans(larger, new Estimator(larger, context.catalog), options).best[0];
    if (fitting === undefined) continue;
    const { tensor, pipeline, data, expert, recompute, zero } = fitting.plan;
    return issue({
      code: 'nothing-fits',
      path: ['cluster', 'gpus'],
      message: `${spec.model.name} fits no plan on ${spec.cluster.gpus} GPUs of ${spec.cluster.gpu.name}`,
      nearest:
        `${gpusOf(fitting.plan)} GPUs with tensor: ${tensor}, pipeline: ${pipeline}, data: ${data}, ` +
        `expert: ${expert}, recompute: ${recompute}, zero: ${zero}`,
    });
  }
  return issue({
    code: 'nothing-fits',
    path: ['cluster'],
    message: `${spec.model.name} fits no plan on GPUs of ${spec.cluster.gpu.name}`,
    hint:
      considered === 0
        ? 'the batch divides into no number of replicas that fill the cluster: change batch or gpus'
        : 'give GPUs with more memory, a shorter sequence or a smaller model',
  });
}

const days = (seconds: number) => String(Math.round(seconds / 8640) / 10);
const megawatts = (watts: number) => String(Math.round(watts / 10_000) / 100);
