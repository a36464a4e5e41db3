import { Cancelled, type Context } from '../base/context.ts';
import { type Issue, issue } from '../base/issue.ts';
import { fail, ok, type Result } from '../base/result.ts';
import type { Gpu, NodeShape } from '../catalog/types.ts';
import { applyChanges } from '../plan/change.ts';
import { checkExpectations } from '../plan/checks.ts';
import { Estimator } from '../plan/estimate.ts';
import { evaluate } from '../plan/evaluate.ts';
import { Memo } from '../plan/memo.ts';
import type { Plan, PlanRequest } from '../plan/types.ts';
import { type SearchOptions, searchPlans } from '../search/search.ts';
import { gpusOf, planOf, withPlan } from '../search/space.ts';
import type { ParallelPlan } from '../search/types.ts';
import { splitExpectations } from '../spec/expect.ts';
import type { Spec } from '../spec/types.ts';
import { formatSeconds } from '../units/format.ts';
import { ceilingOf, doublingGain, effectiveRate } from './ceiling.ts';
import { frontierOf } from './frontier.ts';
import { type Candidate, type CandidatePath, pathOut, pathsUp, withBetterKernels } from './paths.ts';
import { scaleResult } from './result.ts';
import { fitScalability, type Scalability, throughputOf } from './scalability.ts';
import type { Crossover, Equivalent, ScalePath, ScalePoint, Scaling, ScalingReport } from './types.ts';

const SECONDS_A_DAY = 86_400;

export interface ScaleOptions {
  /** Of the reach of each point; left out: those that the base needs for its own tokens. */
  readonly days?: number;
}

/**
 * The same job scaled out (more machines, the same global batch) and up (one machine made better, each way by itself):
 * every point is a whole plan of a changed spec. A point that cannot run says why; the base itself must run.
 */
export async function scale(
  request: PlanRequest,
  context: Context,
  options: ScaleOptions = {},
): Promise<Result<Scaling>> {
  const { plan: expect } = splitExpectations(request.spec.expect, 'scaling');
  const asked = { ...request, spec: { ...request.spec, expect } };
  const memo = new Memo();
  const own = await evaluate(asked, context, { memo });
  if (!own.ok) return own;
  const days = options.days ?? runDays(own.value.plan);
  const candidates = [pathOut(request.spec), ...pathsUp(request.spec, context.catalog)];
  const walker = new Walker(request, context, { days, memo, paths: candidates });
  const out = await walker.walk(candidates[0]!);
  const base = out.points.find((p) => p.factor === 1);
  if (base?.result === undefined) return fail([cannotRun(request, base?.problem)]);
  const up: ScalePath[] = [];
  for (const path of candidates.slice(1)) up.push(await walker.walk(path));
  const scalability = fitted(out);
  const scaling: Scaling = {
    base,
    out,
    up,
    scalability,
    equivalents: equivalents(base, out, up, scalability),
    crossover: crossover(out, up, base),
    frontier: frontierOf(request.spec, out, scalability, context.catalog),
    reachDays: days,
    notes: notes(own.value.plan, base),
  };
  return ok(scaling, own.issues);
}

/** The same with what the spec expects of it, judged. */
export async function scaleReport(
  request: PlanRequest,
  context: Context,
  options: ScaleOptions = {},
): Promise<Result<ScalingReport>> {
  const scaling = await scale(request, context, options);
  if (!scaling.ok) return scaling;
  const { own } = splitExpectations(request.spec.expect, 'scaling');
  const judged = checkExpectations({ scaling: scaling.value }, own);
  if (!judged.ok) return judged;
  const checks = own.length === 0 ? {} : { checks: { expectations: judged.value } };
  return ok({ scaling: scaling.value, ...checks }, scaling.issues);
}

function cannotRun({ spec }: PlanRequest, problem: string | undefined): Issue {
  return issue({
    code: 'nothing-fits',
    path: ['parallelism'],
    message: `no split of the job runs on ${spec.cluster.gpus} GPUs: ${problem}`,
    hint: 'planewright search says which is nearest, and what would fit',
  });
}

/** Splits that are tried one from the other; three have been enough. */
const MOST_STEPS = 8;

interface Walk {
  readonly days: number;
  readonly memo: Memo;
  readonly paths: readonly CandidatePath[];
}

/** Plans the points of paths, one memory of stages and of searches for all. */
class Walker {
  readonly #request: PlanRequest;
  readonly #context: Context;
  readonly #days: number;
  readonly #memo: Memo;
  readonly #all: number;
  #done = 0;
  #base: ParallelPlan | null = null;
  #estimator: { readonly node: NodeShape; readonly gpu: Gpu; readonly estimator: Estimator } | null = null;

  /** The base is split in the best way near the spec's own, like every other size. */
  constructor(request: PlanRequest, context: Context, { days, memo, paths }: Walk) {
    this.#all = paths.reduce((sum, path) => sum + path.candidates.length, 0);
    this.#request = { ...request, spec: lighter(request.spec) };
    this.#context = context;
    this.#days = days;
    this.#memo = memo;
    this.#base = planOf(request.spec);
    // Near the best there may be a better one: the base of all paths is one that has no better neighbour.
    for (let i = 0; i < MOST_STEPS; i++) {
      const next = this.#bestSplit(request.spec);
      const settled = JSON.stringify(next) === JSON.stringify(this.#base);
      this.#base = next;
      if (settled) break;
    }
  }

  async walk(path: CandidatePath): Promise<ScalePath> {
    const { catalog, progress } = this.#context;
    const points: ScalePoint[] = [];
    for (const candidate of path.candidates) {
      progress({ stage: 'scale', fraction: this.#done / this.#all, note: candidate.label });
      points.push(await this.#point(candidate));
      this.#done++;
    }
    const least = catalog.get('scaling.doubling.least').value;
    return { id: path.id, title: path.title, points, ceiling: ceilingOf(points, least) };
  }

  async #point({ label, factor, gpus, changes, split, kernels = 1 }: Candidate): Promise<ScalePoint> {
    const { catalog } = this.#context;
    const context =
      kernels === 1 ? this.#context : { ...this.#context, catalog: withBetterKernels(catalog, kernels) };
    const changed = applyChanges(this.#request, changes);
    const plan = split === 'base' || changes.length === 0 ? this.#base : this.#bestSplit(changed.spec);
    if (plan === null)
      return { label, factor, gpus, problem: 'no split of the job fits in memory and batch' };
    const spec = withPlan(changed.spec, plan);
    const options = { memo: this.#memo, checks: false, lists: false };
    const evaluation = await evaluate({ ...changed, spec }, context, options);
    if (!evaluation.ok)
      return { label, factor, gpus, problem: evaluation.issues.map((i) => i.message).join('; ') };
    const result = scaleResult(spec, evaluation.value.plan, this.#days, catalog);
    return { label, factor, gpus: gpusOf(plan), split: plan, result };
  }

  /** What it remembers hangs on the machine, not on how many there are. */
  #estimatorOf(spec: Spec): Estimator {
    const { node, gpu } = spec.cluster;
    if (this.#estimator?.node !== node || this.#estimator.gpu !== gpu)
      this.#estimator = { node, gpu, estimator: new Estimator(spec, this.#context.catalog) };
    return this.#estimator.estimator;
  }

  /** The fastest split of all GPUs or fewer near the base's, or else anywhere, on a network without hot links. */
  #bestSplit(spec: Spec): ParallelPlan | null {
    const { cancelled } = this.#context;
    const estimator = this.#estimatorOf(spec);
    const options = {
      objective: 'time' as const,
      top: 1,
      pareto: false,
      limits: { power: Number.POSITIVE_INFINITY, runSeconds: Number.POSITIVE_INFINITY },
      rates: { hour: 1, watts: 1 },
      check: () => {
        if (cancelled()) throw new Cancelled();
      },
    };
    const near = this.#base && searchPlans(spec, estimator, { ...options, ...nearTo(this.#base) }).best[0];
    return (near ?? searchPlans(spec, estimator, options).best[0])?.plan ?? null;
  }
}

/** Plans that halve or double what a plan splits by (tensor ranks up to four times), with its schedule or a plain one. */
function nearTo(base: ParallelPlan): Required<Pick<SearchOptions, 'around' | 'within'>> {
  const near = (a: number | undefined, b: number, most: number): boolean =>
    a === undefined || (2 * a >= b && a <= most * b);
  return {
    around: ({ tensor, pipeline, microbatch, context }) =>
      near(tensor, base.tensor, 4) &&
      near(pipeline, base.pipeline, 2) &&
      near(microbatch, base.microbatch, 2) &&
      (context === undefined || context === base.context),
    within: (p) =>
      near(p.expert, base.expert, 2) &&
      p.zero === base.zero &&
      (p.schedule === base.schedule ? p.virtualStages === base.virtualStages : p.schedule === '1f1b'),
  };
}

function runDays({ risk, step }: Plan): number {
  return risk?.days ?? step!.runSeconds / SECONDS_A_DAY;
}

/** From the most efficient size on: below it memory, not scale, is what costs, and the law knows no such thing. */
function fitted(out: ScalePath): Scalability | null {
  const all = out.points.filter((p) => p.result !== undefined);
  const perGpu = all.map((p) => effectiveRate(p.result!) / p.gpus);
  const ran = all.slice(perGpu.indexOf(Math.max(...perGpu)));
  return fitScalability(
    ran.map((p) => p.gpus),
    ran.map((p) => effectiveRate(p.result!)),
  );
}

/** For each better machine the number of present GPUs with the same throughput, and what a token costs either way. */
function equivalents(
  base: ScalePoint,
  out: ScalePath,
  up: readonly ScalePath[],
  scalability: Scalability | null,
): Equivalent[] {
  const present = effectiveRate(base.result!);
  return up.flatMap((path) =>
    path.points.flatMap((point): Equivalent[] => {
      if (point.result === undefined || point.factor === 1) return [];
      const wanted = effectiveRate(point.result);
      const at = gpusFor(wanted, out, scalability);
      return [
        {
          path: path.id,
          label: point.label,
          speedup: wanted / present,
          gpus: at?.gpus ?? null,
          // Only a server of the catalog has a price; what an imagined one costs nobody knows.
          usdPerToken: path.id === 'gpu' ? point.result.usdPerToken : null,
          outUsdPerToken: at?.usdPerToken ?? null,
        },
      ];
    }),
  );
}

/** Between two planned sizes by interpolation of logarithms, beyond them by the fit; null where no size reaches it. */
function gpusFor(
  wanted: number,
  out: ScalePath,
  scalability: Scalability | null,
): { gpus: number; usdPerToken: number | null } | null {
  const ran = out.points.filter((p) => p.result !== undefined);
  for (let i = 0; i + 1 < ran.length; i++) {
    const [a, b] = [ran[i]!, ran[i + 1]!];
    const [low, high] = [effectiveRate(a.result!), effectiveRate(b.result!)];
    if (wanted < low || wanted > high) continue;
    const share = Math.log(wanted / low) / Math.log(high / low);
    const between = (x: number, y: number): number => Math.exp(Math.log(x) + share * Math.log(y / x));
    const [from, to] = [a.result!.usdPerToken, b.result!.usdPerToken];
    return {
      gpus: between(a.gpus, b.gpus),
      usdPerToken: from === null || to === null ? null : between(from, to),
    };
  }
  if (scalability === null || ran.length === 0) return null;
  let low = ran.at(-1)!.gpus;
  let high = scalability.peak ?? low * LARGEST_EXTRAPOLATION;
  if (throughputOf(scalability, high) < wanted) return null;
  while (high / low > 1 + CLOSE) {
    const middle = Math.sqrt(low * high);
    if (throughputOf(scalability, middle) < wanted) low = middle;
    else high = middle;
  }
  return { gpus: high, usdPerToken: null };
}

/** Times the largest planned size. */
const LARGEST_EXTRAPOLATION = 64;
const CLOSE = 0.001;

/** The first size whose doubling gains less than the best better machine of the catalog does. */
function crossover(out: ScalePath, up: readonly ScalePath[], base: ScalePoint): Crossover | null {
  const present = effectiveRate(base.result!);
  let best: { path: ScalePath['id']; label: string; speedup: number } | null = null;
  for (const path of up) {
    for (const point of path.points) {
      if (point.result === undefined || point.factor === 1 || path.id !== 'gpu') continue;
      const speedup = effectiveRate(point.result) / present;
      if (best === null || speedup > best.speedup) best = { path: path.id, label: point.label, speedup };
    }
  }
  if (best === null) return null;
  for (let i = 0; i + 1 < out.points.length; i++) {
    const from = out.points[i]!;
    const doubling = doublingGain(from, out.points[i + 1]!);
    if (doubling !== null && doubling < best.speedup) return { gpus: from.gpus, doubling, ...best };
  }
  return null;
}

function notes({ step, risk }: Plan, { result }: ScalePoint): string[] {
  const own = `${formatSeconds(step!.seconds)}${step!.memory.fits ? '' : ', and does not fit in memory'}`;
  return [
    "every size and every better GPU runs the fastest split near the spec's own; the other ways up keep that of the base",
    `a step takes ${formatSeconds(result!.stepSeconds)} so; with the spec's own split ${own}`,
    'scaling out holds the global batch and so what is learned; scaling up holds the number of GPUs',
    'a better GPU costs what the catalog says, whatever the spec pays for its own',
    ...(risk === undefined ? ['failures are not part of these figures'] : []),
    'the loss law is of dense models on the data of its authors; far beyond 1e25 FLOP it is an extrapolation',
  ];
}

/** Without expectations, which are of the spec itself, and without a spread over hash seeds that nobody reads here. */
function lighter(spec: Spec): Spec {
  const seeds = spec.routing.strategy === 'ecmp' ? spec.traffic.ecmpSeeds : 1;
  return { ...spec, expect: [], traffic: { ...spec.traffic, ecmpSeeds: seeds } };
}
