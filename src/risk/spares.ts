/**
 * Nodes to keep ready so that with probability `quantile` none is missing: the smallest s with P(X <= s) >= quantile, X
 * binomial over the nodes, each under repair with probability 1 - exp(-rate * repair) (the rule of ByteRobust,
 * arXiv:2509.16293). `rate` is failures a second of one node that send it to repair. O(s).
 */
export function sparesNeeded(nodes: number, rate: number, repair: number, quantile: number): number {
  const stays = -rate * repair;
  const fails = Math.log(-Math.expm1(stays));
  if (!Number.isFinite(fails)) return 0;
  let logMass = nodes * stays;
  let below = Math.exp(logMass);
  let spares = 0;
  while (below < quantile && spares < nodes) {
    logMass += Math.log((nodes - spares) / (spares + 1)) + fails - stays;
    spares++;
    below += Math.exp(logMass);
  }
  return spares;
}
