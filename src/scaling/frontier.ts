import type { Catalog } from '../catalog/types.ts';
import type { Spec } from '../spec/types.ts';
import { flopsPerToken } from '../workload/architecture.ts';
import { effectiveRate } from './ceiling.ts';
import { type Scalability, throughputOf } from './scalability.ts';
import type { Frontier, ScalePath } from './types.ts';

const SECONDS_A_DAY = 86_400;
/** Relative width at which a bisection ends. */
const CLOSE = 0.001;

/** Where data movement ends further gains: by the curve of this job, and by published estimates. */
export function frontierOf(
  spec: Spec,
  out: ScalePath,
  scalability: Scalability | null,
  catalog: Catalog,
): Frontier {
  const flops = flopsPerToken(spec.model, spec.training.sequence).causal;
  const largest = Math.max(...out.points.map((p) => (p.result === undefined ? 0 : effectiveRate(p.result))));
  const days = catalog.get('scaling.frontier.days').value;
  return {
    gpus:
      scalability === null ? null : lastDoubling(scalability, catalog.get('scaling.doubling.least').value),
    jobFlops: flops * spec.training.tokens,
    largestFlops: flops * largest * days * SECONDS_A_DAY,
    publishedUtilisation: catalog.get('scaling.frontier.utilisation').value,
    publishedLatency: catalog.get('scaling.frontier.latency').value,
  };
}

/** GPUs from which X(2n) < least X(n): the gain of a doubling falls with n, so a bisection finds it. */
function lastDoubling(law: Scalability, least: number): number | null {
  const gains = (n: number): boolean => throughputOf(law, 2 * n) >= least * throughputOf(law, n);
  let low = 1;
  let high = 2;
  while (gains(high)) {
    low = high;
    high *= 2;
    if (high > MOST_MACHINES) return null;
  }
  while (high / low > 1 + CLOSE) {
    const middle = Math.sqrt(low * high);
    if (gains(middle)) low = middle;
    else high = middle;
  }
  return low;
}

/** Beyond any cluster; a curve that still gains here has no end of its own. */
const MOST_MACHINES = 0x10_0000_0000;
