import { ensure } from '../base/result.ts';
import type { ClusterLoad } from '../economy/types.ts';
import type { Plan } from './types.ts';

/** What a plan's cluster draws and moves, from its energy, its traffic and the time of its step. */
export function clusterLoad({ economy, step, traffic }: Plan): ClusterLoad {
  const { energy } = ensure(economy, 'economy of the plan');
  const { seconds } = ensure(step, 'step of the plan');
  const { total } = traffic;
  return {
    siteWatts: energy.site,
    pue: energy.pue,
    networkRate: (total.intraLeaf + total.crossLeaf) / seconds,
    insideRate: total.intraNode / seconds,
  };
}
