import { Cancelled, type Context } from '../base/context.ts';
import { Estimator } from '../plan/estimate.ts';
import type { FittingPlan } from '../plan/types.ts';
import type { Spec } from '../spec/types.ts';
import { changesTo, distance } from './nearest.ts';
import { nearestPlan, type SearchOptions } from './search.ts';
import { gpusOf, planOf } from './space.ts';

/** Doublings of the cluster that are tried where a job fits nowhere. */
const MOST_DOUBLINGS = 16;

/**
 * The nearest plan that fits, for a job that does not: on its GPUs, or on the fewest doublings of them. null where the
 * model fits none of these.
 */
export function fittingPlan(spec: Spec, context: Context): FittingPlan | null {
  const { gpus } = spec.cluster;
  for (let i = 0, size = gpus; i <= MOST_DOUBLINGS; i++, size *= 2) {
    const found = nearestOn({ ...spec, cluster: { ...spec.cluster, gpus: size } }, context);
    if (found === null) continue;
    const own = size === gpus && found.gpus === gpus;
    return { ...found, changes: own ? found.changes : [`gpus: ${gpus} -> ${found.gpus}`, ...found.changes] };
  }
  return null;
}

function nearestOn(spec: Spec, { catalog, cancelled, progress }: Context): FittingPlan | null {
  const options: SearchOptions = {
    objective: 'time',
    top: 1,
    limits: { power: Number.POSITIVE_INFINITY, runSeconds: Number.POSITIVE_INFINITY },
    rates: { hour: 0, watts: 0 },
    check: (done) => {
      if (cancelled()) throw new Cancelled();
      progress({ stage: 'fitting', fraction: done });
    },
  };
  const wanted = planOf(spec);
  const near = nearestPlan(spec, new Estimator(spec, catalog), options, (plan) => distance(plan, wanted));
  if (near === undefined) return null;
  const { plan, stepSeconds, memory, headroom } = near;
  return { changes: changesTo(plan, wanted), gpus: gpusOf(plan), stepSeconds, memory, headroom };
}
