import { formatCount } from '../units/format.ts';
import { checkNetwork } from './check-network.ts';
import type { Draft } from './resolve.ts';
import { expertGroupNodes } from './resolve.ts';
import type { Report, When } from './resolver.ts';

/** What must fit together: parallelism and GPUs, batch, model and experts, placement, network. */
export function checkSpec(d: Draft, report: Report, faulty: (path: string) => boolean): void {
  const when: When = (paths, check) => {
    if (!paths.some(faulty)) check();
  };
  const sizes = ['tensor', 'pipeline', 'data', 'context'].map((k) => `parallelism.${k}`);
  when([...sizes, 'cluster.gpus'], () => checkProduct(d, report));
  when(['parallelism'], () => checkShard(d, report));
  when(['cluster.gpus', 'cluster.node'], () => checkNodes(d, report));
  when(['training', 'parallelism.data', 'cluster.gpus'], () => checkBatch(d, report));
  when(['training', 'parallelism'], () => checkSchedule(d, report));
  when(['model', 'parallelism'], () => checkModel(d, report));
  when(['model', 'parallelism', 'traffic'], () => checkExperts(d, report));
  when(['training.precision', 'cluster.node'], () => checkPrecision(d, report));
  when(['cluster.placement', 'cluster.gpus', 'cluster.network'], () => checkPlacement(d, report));
  checkNetwork(d, report, when);
}

function checkProduct({ parallelism: p, cluster: { gpus } }: Draft, report: Report): void {
  if (gpus === undefined) return;
  const product = p.tensor * p.pipeline * p.data * p.context;
  if (product === gpus) return;
  const others = p.tensor * p.pipeline * p.context;
  const multiple = Math.max(1, Math.round(gpus / others)) * others;
  report({
    code: 'product-mismatch',
    path: ['parallelism'],
    message:
      `tensor x pipeline x data x context = ${p.tensor} x ${p.pipeline} x ${p.data} x ${p.context} = ` +
      `${formatCount(product)}, and the cluster has ${formatCount(gpus)} GPUs`,
    found: formatCount(product),
    allowed: `a product of ${formatCount(gpus)}`,
    nearest:
      gpus % others === 0
        ? `data: ${gpus / others}`
        : `cluster.gpus: ${multiple} with data: ${multiple / others}`,
  });
}

/** Copies are equal, and an expert group lies within one of them. */
function checkShard({ parallelism: p, model }: Draft, report: Report): void {
  if (p.shard === undefined) return;
  const path = ['parallelism', 'shard'];
  if (p.zero === 0) {
    const message = `ZeRO 0 divides nothing, and shard: ${p.shard} says among how many ranks`;
    report({ code: 'conflict', path, message, allowed: 'zero: 1, 2 or 3', nearest: 'zero: 3' });
  }
  const expert = model?.experts === undefined ? 1 : p.expert;
  const holds = (shard: number): boolean => (p.tensor * shard) % expert === 0;
  if (p.data % p.shard === 0 && holds(p.shard)) return;
  const nearest = nearestDivisor(p.data, p.shard, holds);
  const experts = expert > 1 ? ` with whole expert groups of ${expert} over tensor x shard` : '';
  report({
    code: 'indivisible',
    path,
    message: `${p.shard} of ${formatCount(p.data)} data ranks cannot share a copy: copies are equal${experts}`,
    allowed: `a divisor of ${p.data}${expert > 1 ? ` that makes tensor x shard a multiple of ${expert}` : ''}`,
    ...(nearest === undefined ? {} : { nearest: String(nearest) }),
  });
}

function checkNodes({ cluster: { gpus, node } }: Draft, report: Report): void {
  if (gpus === undefined || node === undefined || gpus % node.gpus === 0) return;
  const whole = Math.max(1, Math.round(gpus / node.gpus)) * node.gpus;
  report({
    code: 'indivisible',
    path: ['cluster', 'gpus'],
    message: `${formatCount(gpus)} GPUs do not fill servers of ${node.gpus}`,
    allowed: `a multiple of ${node.gpus}`,
    nearest: String(whole),
  });
}

function checkBatch({ training: t, parallelism: p }: Draft, report: Report): void {
  const unit = p.data * t.microbatch;
  if (t.batch % unit !== 0) {
    report({
      code: 'indivisible',
      path: ['training', 'batch'],
      message: `batch ${formatCount(t.batch)} is not a multiple of data x microbatch = ${p.data} x ${t.microbatch} = ${formatCount(unit)}`,
      allowed: `a multiple of ${unit}`,
      nearest: String(Math.max(1, Math.round(t.batch / unit)) * unit),
    });
  }
  // Ring attention deals each rank two chunks of the sequence, so that causal work is even.
  const chunks = p.context === 1 ? 1 : 2 * p.context;
  if (t.sequence % chunks !== 0) {
    report({
      code: 'indivisible',
      path: ['training', 'sequence'],
      message: `a sequence of ${t.sequence} does not split into ${chunks} chunks for context: ${p.context}`,
      allowed: `a multiple of ${chunks}`,
      nearest: String(Math.max(1, Math.round(t.sequence / chunks)) * chunks),
    });
  }
}

function checkSchedule({ training: t, parallelism: p }: Draft, report: Report): void {
  const path = ['parallelism', 'schedule'];
  const microbatches = t.batch / (p.data * t.microbatch);
  if (p.virtualStages > 1 && p.schedule !== 'interleaved') {
    report({
      code: 'conflict',
      path: ['parallelism', 'virtualStages'],
      message: `${p.schedule} has one chunk a rank`,
      allowed: '1, or schedule: interleaved',
    });
  }
  if (!Number.isInteger(microbatches)) return;
  const each = p.data * t.microbatch;
  if (
    p.schedule === 'dualpipe' &&
    (microbatches < 2 * p.pipeline || microbatches % 2 !== 0 || p.pipeline % 2 !== 0)
  ) {
    const fitting = Math.max(2 * p.pipeline, 2 * Math.ceil(microbatches / 2));
    report({
      code: 'schedule-mismatch',
      path,
      message: `dualpipe cannot run ${microbatches} microbatches on ${p.pipeline} stages`,
      allowed: `an even number of stages, and an even number of microbatches, at least ${2 * p.pipeline}`,
      hint: `batch: ${fitting * each} gives ${fitting} microbatches`,
    });
  }
  if (p.schedule === 'interleaved' && microbatches % p.pipeline !== 0) {
    const fitting = Math.ceil(microbatches / p.pipeline) * p.pipeline;
    report({
      code: 'schedule-mismatch',
      path,
      message: `interleaved cannot run ${microbatches} microbatches on ${p.pipeline} stages`,
      allowed: `a multiple of ${p.pipeline} microbatches`,
      hint: `batch: ${fitting * each} gives ${fitting} microbatches`,
    });
  }
}

function checkModel({ model, parallelism: p }: Draft, report: Report): void {
  if (model === undefined) return;
  const layers = model.layers + model.mtp;
  const stages = p.pipeline * p.virtualStages;
  if (layers < stages) {
    report({
      code: 'out-of-range',
      path: ['parallelism', 'pipeline'],
      message: `${model.name} has ${layers} layers for ${stages} pipeline stages`,
      allowed: `at most ${layers} stages`,
    });
  }
  if (model.attention.heads % p.tensor !== 0) {
    report({
      code: 'indivisible',
      path: ['parallelism', 'tensor'],
      message: `${model.attention.heads} attention heads do not split over tensor: ${p.tensor}`,
      allowed: `a divisor of ${model.attention.heads}`,
      nearest: String(nearestDivisor(model.attention.heads, p.tensor)),
    });
  }
}

function checkExperts(d: Draft, report: Report): void {
  const { model, parallelism: p, traffic } = d;
  if (model === undefined) return;
  const path = ['parallelism', 'expert'];
  const ranks = p.data * p.tensor;
  if (model.experts === undefined) {
    if (p.expert > 1)
      report({ code: 'conflict', path, message: `${model.name} has no experts`, allowed: '1', nearest: '1' });
    return;
  }
  const { routed, active } = model.experts;
  if (ranks % p.expert !== 0) {
    report({
      code: 'indivisible',
      path,
      message: `expert ${p.expert} does not divide data x tensor = ${p.data} x ${p.tensor} = ${formatCount(ranks)}`,
      allowed: `a divisor of ${ranks}`,
      nearest: String(nearestDivisor(ranks, p.expert)),
    });
    return;
  }
  if (routed % p.expert !== 0) {
    report({
      code: 'indivisible',
      path,
      message: `${routed} experts do not split over a group of ${p.expert} ranks`,
      allowed: `a divisor of ${routed}`,
      nearest: String(nearestDivisor(routed, p.expert)),
    });
    return;
  }
  if (traffic.experts.kind === 'list' && traffic.experts.weights.length !== routed) {
    report({
      code: 'wrong-length',
      path: ['traffic', 'experts'],
      message: `${traffic.experts.weights.length} weights for ${routed} experts`,
      allowed: `${routed} weights`,
    });
  }
  checkNodeLimit(d, routed, active, report);
}

function checkNodeLimit(
  { parallelism, cluster, traffic: { nodeLimit } }: Draft,
  routed: number,
  active: number,
  report: Report,
): void {
  if (nodeLimit === null || cluster.node === undefined) return;
  const path = ['traffic', 'nodeLimit'];
  const nodes = expertGroupNodes(parallelism, cluster.node);
  const each = routed / nodes;
  if (nodeLimit * each < active) {
    report({
      code: 'out-of-range',
      path,
      message: `${nodeLimit} servers hold ${Math.floor(nodeLimit * each)} experts, and a token needs ${active}`,
      allowed: `at least ${Math.ceil(active / each)}`,
    });
  } else if (nodeLimit > nodes) {
    report({
      code: 'no-effect',
      severity: 'warning',
      path,
      message: `an expert group covers ${nodes} servers; a limit of ${nodeLimit} changes nothing`,
    });
  }
}

function checkPrecision({ training: { precision }, cluster: { gpu } }: Draft, report: Report): void {
  if (gpu === undefined || precision === 'bf16' || gpu.peak.fp8 !== undefined) return;
  report({
    code: 'conflict',
    path: ['training', 'precision'],
    message: `${gpu.name} has no ${precision}`,
    allowed: 'bf16',
  });
}

function checkPlacement({ cluster }: Draft, report: Report): void {
  const { placement, gpus, network } = cluster;
  if (typeof placement === 'string' || gpus === undefined) return;
  const path = network.kind === 'imported' ? ['cluster', 'network', 'rankMap'] : ['cluster', 'placement'];
  if (placement.length !== gpus) {
    report({
      code: 'wrong-length',
      path,
      message: `the rank map has ${placement.length} entries for ${formatCount(gpus)} ranks`,
      allowed: `${gpus} entries`,
    });
  }
  const twice = firstDuplicate(placement);
  if (twice !== undefined)
    report({
      code: 'duplicate-name',
      path,
      message: `GPU ${twice} runs two ranks`,
      allowed: 'each GPU once',
    });
  const beyond = network.kind === 'generated' ? placement.find((g) => g >= gpus) : undefined;
  if (beyond !== undefined) {
    report({
      code: 'out-of-range',
      path,
      message: `GPU ${beyond} does not exist`,
      allowed: `0 to ${gpus - 1}`,
    });
  }
}

function firstDuplicate(list: readonly number[]): number | undefined {
  const seen = new Set<number>();
  return list.find((x) => seen.has(x) || !seen.add(x));
}

function nearestDivisor(n: number, x: number): number;
function nearestDivisor(n: number, x: number, fits: (divisor: number) => boolean): number | undefined;
/** The divisor of n nearest to x, of those that fit; of two equally near the smaller. O(sqrt n). */
function nearestDivisor(
  n: number,
  x: number,
  fits: (divisor: number) => boolean = () => true,
): number | undefined {
  let best: number | undefined;
  for (let d = 1; d * d <= n; d++) {
    if (n % d !== 0) continue;
    for (const c of [d, n / d]) {
      if (!fits(c)) continue;
      if (best === undefined) best = c;
      const closer = Math.abs(c - x) - Math.abs(best - x);
      if (closer < 0 || (closer === 0 && c < best)) best = c;
    }
  }
  return best;
}
