import { nodeLimitFor } from '../search/space.ts';
import type { Dimension, Parallelism, Schedule, Spec } from '../spec/types.ts';
import { misfit, parallelism, set, training } from './change.ts';
import type { Lever } from './types.ts';

const ALREADY = 'the job does this already';

/** Traditional optimisations of software: the same numbers are computed. */
export const SOFTWARE: Readonly<Record<string, Lever>> = {
  'layout.sequence': ({ spec: { parallelism: p } }) => {
    if (p.tensor === 1) return 'there are no tensor ranks';
    return p.sequence ? ALREADY : parallelism({ sequence: true });
  },
  'layout.shard-optimizer': ({ spec: { parallelism: p } }) => {
    if (p.zero > 0) return ALREADY;
    return p.data * p.context === 1 ? 'there is one replica' : parallelism({ zero: 1 });
  },
  'layout.placement': ({ spec: { cluster } }) =>
    cluster.placement === 'auto' ? ALREADY : [set(['cluster', 'placement'], 'auto')],
  'layout.rank-order': ({ spec: { parallelism: p } }) => {
    if (p.pipeline === 1 || p.data === 1) return 'there is no pipeline, or one replica';
    const order: Dimension[] = p.order.filter((d) => d !== 'pipeline');
    order.splice(order.indexOf('data'), 0, 'pipeline');
    return order.join() === p.order.join() ? ALREADY : parallelism({ order });
  },
  'copies.fused-attention': ({ spec }) =>
    spec.training.attention === 'fused' ? ALREADY : training({ attention: 'fused' }),
  'copies.fused-loss': ({ spec }) => (spec.training.loss === 'fused' ? ALREADY : training({ loss: 'fused' })),
  'copies.graphs': ({ spec }) => (spec.training.launch === 'graph' ? ALREADY : training({ launch: 'graph' })),
  'copies.recompute-less': ({ spec: { training: t } }) => {
    if (t.recompute === 'none') return 'nothing is recomputed';
    return training({ recompute: t.recompute === 'full' ? 'selective' : 'none' });
  },
  'copies.gather-less': ({ spec: { parallelism: p } }) =>
    p.zero < 2 ? 'parameters and gradients are whole already' : parallelism({ zero: 1 }),
  'copies.microbatch': ({ spec }) => {
    const microbatch = 2 * spec.training.microbatch;
    return misfit(spec, {}, microbatch) ?? training({ microbatch });
  },
  'algorithm.interleaved': ({ spec }) => schedule(spec, 'interleaved', 2),
  'algorithm.zero-bubble': ({ spec }) => schedule(spec, 'zero-bubble', 1),
  'algorithm.dualpipe': ({ spec }) => schedule(spec, 'dualpipe', 1),
  'algorithm.collective': ({ spec: { traffic, parallelism: p } }) => {
    if (traffic.collective === 'hierarchical') return ALREADY;
    if (p.data * p.context * p.tensor === 1) return 'there are no collectives';
    return [set(['traffic', 'collective'], 'hierarchical')];
  },
  'bottleneck.routing': ({ spec: { routing }, plan }) => {
    if (plan.routing?.alreadyOptimal === true) return 'plain routing meets the bound already';
    return routing.strategy === 'hybrid' ? ALREADY : [set(['routing', 'strategy'], 'hybrid')];
  },
  'bottleneck.widest': ({ spec, plan }) => {
    const exposed = Object.entries(plan.step?.breakdown.exposed ?? {}).filter(([, s]) => s > 0);
    const widest = exposed.sort((a, b) => b[1] - a[1])[0]?.[0];
    if (widest === undefined) return 'no communication is exposed';
    return narrower(spec, widest);
  },
};

function schedule(spec: Spec, name: Schedule, virtualStages: number) {
  const { parallelism: p } = spec;
  if (p.pipeline === 1) return 'there is no pipeline';
  if (p.schedule === name) return ALREADY;
  return misfit(spec, { schedule: name, virtualStages }) ?? parallelism({ schedule: name, virtualStages });
}

/** Half as many ranks of a dimension; replicas take their place. */
function narrower(spec: Spec, dimension: string) {
  const p = spec.parallelism;
  if (dimension === 'expert') {
    const expert = p.expert / 2;
    if (!Number.isInteger(expert)) return 'expert groups do not halve';
    const fields = { expert };
    const limit = set(['traffic', 'nodeLimit'], nodeLimitFor(spec, { ...p, ...fields }));
    return misfit(spec, fields) ?? [...parallelism(fields), limit];
  }
  if (dimension !== 'tensor' && dimension !== 'context' && dimension !== 'pipeline') {
    return `${dimension} communication is what replicas cost: see the layouts`;
  }
  if (p[dimension] % 2 !== 0) return `${dimension} ranks do not halve`;
  const fields: Partial<Parallelism> = { [dimension]: p[dimension] / 2, data: 2 * p.data };
  return misfit(spec, fields) ?? parallelism(fields);
}
