import type { Spec } from '../spec/types.ts';
import { stepsOfRun } from '../step/steps.ts';
import type { CommunicationTable, StepJob } from '../step/types.ts';
import { forEachPlan, gpusOf, withPlan } from './space.ts';
import type {
  GpuRates,
  Limits,
  Objective,
  ParallelPlan,
  ScoredPlan,
  SearchOutcome,
  StepEstimator,
} from './types.ts';

export interface SearchOptions {
  readonly objective: Objective;
  /** How many of the best are wanted. */
  readonly top: number;
  /** False: only the best are wanted, and plans that nothing beats are not looked for. */
  readonly pareto?: boolean;
  readonly limits: Limits;
  readonly rates: GpuRates;
  /** Leaves plans out of the space. */
  readonly within?: (plan: ParallelPlan) => boolean;
  /** Leaves out parts of the space, by the degrees that all their plans share. */
  readonly around?: (degrees: Partial<ParallelPlan>) => boolean;
  /** Asked now and then; true ends the search by throwing. */
  readonly check?: (done: number) => void;
}

const HOUR = 3600;
/** Candidates between two looks at the caller. */
const BETWEEN = 1024;

/** A plan that fits, and a step time that it cannot beat. */
interface Candidate {
  readonly plan: ParallelPlan;
  readonly spec: Spec;
  readonly job: StepJob;
  readonly gpus: number;
  readonly memory: number;
  readonly capacity: number;
  readonly least: number;
}

/**
 * The best plans of the spec's space and those that nothing beats, the same as trying every plan: plans are taken by
 * what they could reach at best (kernels and the pipeline's fill, then with communication), and one is worked out only
 * where that could still make a list. Equal plans by their order in the space. O(plans * stages) for the bounds.
 */
export function searchPlans(spec: Spec, estimator: StepEstimator, options: SearchOptions): SearchOutcome {
  const { candidates, considered } = fittingPlans(spec, estimator, options);
  const weight = (c: Candidate) => weightOf(options.objective, c.gpus);
  candidates.sort((a, b) => a.least * weight(a) - b.least * weight(b));
  const lists = new Lists(options);
  const tables = new PassTables(estimator);
  let evaluated = 0;
  for (let i = 0; i < candidates.length; i++) {
    if (i % BETWEEN === 0) options.check?.(i / candidates.length);
    const c = candidates[i]!;
    if (lists.hopeless(c, c.least, spec)) continue;
    const passes = tables.passes(c);
    // Groups that cannot be said in strides, and the like: no plan.
    if (passes === null || lists.hopeless(c, estimator.evaluator.least(c.job, passes), spec)) continue;
    const table = estimator.table(c.spec);
    if (!table.ok) continue;
    if (lists.hopeless(c, estimator.evaluator.least(c.job, table.value), spec)) continue;
    const step = estimator.evaluator.evaluate(c.job, table.value);
    evaluated++;
    lists.add(scored(c, step, spec, options.rates));
  }
  return { considered, fitting: candidates.length, evaluated, ...lists.done() };
}

/** Nearest plans are looked for within so much, then farther: most are near, and the whole space is large. */
const RINGS = [1, 2, 3, 4, 6, Number.POSITIVE_INFINITY];

/**
 * The fitting plan for which `distance` is least, the faster of equals; undefined where nothing fits. What is settled of a
 * plan is never farther than the whole plan.
 */
export function nearestPlan(
  spec: Spec,
  estimator: StepEstimator,
  options: SearchOptions,
  distance: (plan: Partial<ParallelPlan>) => number,
): ScoredPlan | undefined {
  for (const ring of RINGS) {
    const { candidates } = fittingPlans(spec, estimator, {
      ...options,
      around: (part) => distance(part) <= ring && (options.around?.(part) ?? true),
      within: (plan) => distance(plan) <= ring && (options.within?.(plan) ?? true),
    });
    const by = candidates.map((c) => ({ c, far: distance(c.plan) }));
    by.sort((a, b) => a.far - b.far || a.c.least - b.c.least);
    for (const { c } of by) {
      const table = estimator.table(c.spec);
      if (!table.ok) continue;
      return scored(c, estimator.evaluator.evaluate(c.job, table.value), spec, options.rates);
    }
  }
  return undefined;
}

function fittingPlans(
  spec: Spec,
  estimator: StepEstimator,
  { limits, rates, within, around, check }: SearchOptions,
): { candidates: Candidate[]; considered: number } {
  const candidates: Candidate[] = [];
  let considered = 0;
  let visited = 0;
  forEachPlan(
    spec,
    (plan) => {
      if (visited++ % BETWEEN === 0) check?.(0);
      if (within !== undefined && !within(plan)) return;
      considered++;
      const gpus = gpusOf(plan);
      if (gpus * rates.watts > limits.power) return;
      const own = withPlan(spec, plan);
      const job = estimator.job(own);
      const { most, capacity } = estimator.evaluator.memory(job);
      if (most > capacity) return;
      const least = estimator.evaluator.least(job);
      if (runOf(least, spec) > limits.runSeconds) return;
      candidates.push({ plan, spec: own, job, gpus, memory: most, capacity, least });
    },
    around,
  );
  return { candidates, considered };
}

/** Cost and energy grow with time and GPUs, at rates that all plans share. */
function weightOf(objective: Objective, gpus: number): number {
  return objective === 'time' ? 1 : gpus;
}

function runOf(stepSeconds: number, { training }: Spec): number {
  return stepsOfRun(training) * stepSeconds;
}

function scored(
  { plan, gpus, memory, capacity }: Candidate,
  step: { readonly seconds: number; readonly mfu: number },
  spec: Spec,
  rates: GpuRates,
): ScoredPlan {
  const runSeconds = runOf(step.seconds, spec);
  return {
    plan,
    gpus,
    stepSeconds: step.seconds,
    runSeconds,
    mfu: step.mfu,
    usd: (runSeconds * gpus * rates.hour) / HOUR,
    watts: gpus * rates.watts,
    joules: runSeconds * gpus * rates.watts,
    memory,
    headroom: 1 - memory / capacity,
  };
}

/**
 * What tensor, context and expert ranks say in the passes, for bounds: plans that differ only in what replicas shard, and
 * in what activations are kept, say the same.
 */
class PassTables {
  readonly #estimator: StepEstimator;
  readonly #known = new Map<string, CommunicationTable | null>();

  constructor(estimator: StepEstimator) {
    this.#estimator = estimator;
  }

  /** null: the plan's groups cannot be formed. */
  passes({ plan, spec }: Candidate): CommunicationTable | null {
    const { schedule, virtualStages, microbatch, recompute } = plan;
    const key = `${splitOf(plan)} ${schedule === 'dualpipe'} ${virtualStages} ${microbatch} ${recompute === 'full'}`;
    let table = this.#known.get(key);
    if (table === undefined) {
      table = this.#make(spec);
      this.#known.set(key, table);
    }
    return table;
  }

  #make(spec: Spec): CommunicationTable | null {
    const one = { ...spec, parallelism: { ...spec.parallelism, zero: 1 as const } };
    const table = this.#estimator.table(one);
    if (!table.ok) return null;
    const none = new Float64Array(table.value.pipeline);
    const sharded = { forward: none, backward: none, reduce: none };
    return { ...table.value, reduce: none, gather: none, sharded, tail: none };
  }
}

/** The lists that a search keeps while it runs. */
class Lists {
  readonly #options: SearchOptions;
  /** Best of each split. */
  readonly #splits = new Map<string, ScoredPlan>();
  #best: ScoredPlan[] = [];
  #pareto: ScoredPlan[] = [];

  constructor(options: SearchOptions) {
    this.#options = options;
  }

  /** True when a plan with this memory that took only `least` a step could make neither list. */
  hopeless({ gpus, memory, capacity, plan }: Candidate, least: number, spec: Spec): boolean {
    const { objective, top, limits } = this.#options;
    const run = runOf(least, spec);
    if (run > limits.runSeconds) return true;
    const value = least * weightOf(objective, gpus);
    const own = this.#splits.get(splitOf(plan));
    const last = this.#best.length < top ? undefined : this.#best[top - 1];
    // Only a better one of its own split, or one better than the last of the list, changes the list.
    const listed =
      (own !== undefined && value >= this.#value(own)) || (last !== undefined && value >= this.#value(last));
    if (!listed || this.#options.pareto === false) return listed;
    const room = roomOf(memory, capacity);
    return this.#pareto.some((p) => p.runSeconds <= run && p.gpus <= gpus && stepsOf(p.headroom) >= room);
  }

  add(plan: ScoredPlan): void {
    if (plan.runSeconds > this.#options.limits.runSeconds) return;
    const split = splitOf(plan.plan);
    const own = this.#splits.get(split);
    if (own === undefined || this.#value(plan) < this.#value(own)) {
      this.#splits.set(split, plan);
      this.#best = [...this.#best.filter((p) => p !== own), plan]
        .sort((a, b) => this.#value(a) - this.#value(b))
        .slice(0, this.#options.top);
    }
    if (this.#options.pareto === false || this.#pareto.some((p) => dominates(p, plan))) return;
    this.#pareto = [...this.#pareto.filter((p) => !dominates(plan, p)), plan];
  }

  done(): Pick<SearchOutcome, 'best' | 'pareto'> {
    return { best: this.#best, pareto: [...this.#pareto].sort((a, b) => a.runSeconds - b.runSeconds) };
  }

  #value(plan: ScoredPlan): number {
    return plan.stepSeconds * weightOf(this.#options.objective, plan.gpus);
  }
}

/** No worse in run time, cost, power and head-room; equal plans dominate each other: the first stays. */
function dominates(a: ScoredPlan, b: ScoredPlan): boolean {
  const room = stepsOf(a.headroom) >= stepsOf(b.headroom);
  return room && a.runSeconds <= b.runSeconds && a.usd <= b.usd && a.watts <= b.watts;
}

/** Head-room counts in steps of 5 % of a GPU's memory: less is within what an estimate can say. */
const STEPS = 20;
const stepsOf = (headroom: number) => Math.floor(headroom * STEPS);
const roomOf = (memory: number, capacity: number) => stepsOf(1 - memory / capacity);

function splitOf({ tensor, pipeline, context, data, expert }: ParallelPlan): string {
  return `${tensor} ${pipeline} ${context} ${data} ${expert}`;
}
