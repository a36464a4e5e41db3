import { Estimator } from '../plan/estimate.ts';
import type { Change } from '../plan/types.ts';
import { distance } from '../search/nearest.ts';
import { searchPlans } from '../search/search.ts';
import { planOf, withPlan } from '../search/space.ts';
import type { ParallelPlan } from '../search/types.ts';
import { parallelism, set, training } from './change.ts';
import type { LeverInput } from './types.ts';

/** Doublings and changed choices by which a plan may differ from the job's own. */
const NEAR = 3;
const NO_LIMITS = { power: Infinity, runSeconds: Infinity };
const NO_RATES = { hour: 0, watts: 0 };

/** The fastest plan near the job's own, on the same GPUs. */
export function bestPlan({
  spec,
  catalog,
}: Pick<LeverInput, 'spec' | 'catalog'>): readonly Change[] | string {
  const own = planOf(spec);
  const found = searchPlans(spec, new Estimator(spec, catalog), {
    objective: 'time',
    top: 1,
    pareto: false,
    limits: NO_LIMITS,
    rates: NO_RATES,
    around: (degrees) => distance(degrees, own) <= NEAR && fills(degrees, spec.cluster.gpus),
    within: (plan) => distance(plan, own) <= NEAR,
  });
  const best = found.best[0];
  if (best === undefined) return 'no plan near this one fits';
  if (distance(best.plan, own) === 0) return 'the plan is the best already';
  const { microbatch, recompute, ...fields } = best.plan;
  const { traffic } = withPlan(spec, best.plan);
  return [
    ...training({ microbatch, recompute }),
    ...parallelism(fields),
    set(['traffic', 'nodeLimit'], traffic.nodeLimit),
  ];
}

/** All GPUs at work. */
function fills({ tensor, pipeline, context, data }: Partial<ParallelPlan>, gpus: number): boolean {
  const settled =
    tensor !== undefined && pipeline !== undefined && context !== undefined && data !== undefined;
  return !settled || tensor * pipeline * context * data === gpus;
}
