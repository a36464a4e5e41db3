import type { Change } from '../plan/types.ts';
import { nodeLimitFor } from '../search/space.ts';
import type { Cluster, Parallelism, Spec } from '../spec/types.ts';
import { misfit, network, node, parallelism, set } from './change.ts';
import type { Lever, LeverInput } from './types.ts';

const ALREADY = 'the job has this already';
const EXISTS = 'the network exists: it is not designed anew';

/** Other machines for the same job. */
export const HARDWARE: Readonly<Record<string, Lever>> = {
  'bandwidth.nic': ({ spec: { cluster } }) => {
    if (cluster.network.kind === 'imported') return EXISTS;
    const { switch: own } = cluster.network;
    return [
      ...node({ nicRate: 2 * cluster.node.nicRate }),
      ...network({ switch: { ...own, portRate: 2 * own.portRate } }),
    ];
  },
  'bandwidth.nvlink': ({ spec: { cluster } }) =>
    node({
      scaleUpRate: 2 * cluster.node.scaleUpRate,
      scaleUpAchievable: 2 * cluster.node.scaleUpAchievable,
    }),
  'fit.oversubscription': ({ spec: { cluster } }) => {
    if (cluster.network.kind === 'imported') return EXISTS;
    const { leaf, spine } = cluster.network.oversubscription;
    return leaf <= 1 && spine <= 1 ? ALREADY : network({ oversubscription: { leaf: 1, spine: 1 } });
  },
  'fit.vocabulary': ({ spec: { model, parallelism: p } }) => {
    const unit = 128 * p.tensor;
    const padded = Math.ceil(model.vocabulary / unit) * unit;
    return padded === model.vocabulary ? ALREADY : [set(['model', 'vocabulary'], padded)];
  },
  'fit.expert-server': ({ spec }) => {
    const { parallelism: p, cluster, model } = spec;
    if (model.experts === undefined) return 'the model has no experts';
    if (p.expert <= cluster.node.gpus) return ALREADY;
    return expertRanks(spec, cluster.node.gpus);
  },
  'new.hgx-h200': (input) => machines(input, 'hgx-h200'),
  'new.hgx-b200': (input) => machines(input, 'hgx-b200'),
  'new.gb200-tray': (input) => machines(input, 'gb200-tray'),
  'domain.double': ({ spec }) => domain(spec, 2 * spec.cluster.node.gpus),
  'domain.64': ({ spec }) => (spec.cluster.node.gpus >= 32 ? 'it is not far from that' : domain(spec, 64)),
  'planes.more': ({ spec: { cluster }, plan }) => {
    if (cluster.network.kind === 'imported') return EXISTS;
    if (plan.fabric.planes >= cluster.node.nics) return ALREADY;
    return network({ topology: 'multi-plane-fat-tree', planes: cluster.node.nics });
  },
  'overlap.all': ({ spec: { parallelism: p } }) => {
    if (p.tensor === 1) return 'there are no tensor ranks';
    return p.overlap === 'all' ? ALREADY : parallelism({ overlap: 'all' });
  },
  'in-network': ({ spec: { traffic, parallelism: p } }) => {
    if (traffic.collective === 'in-network') return ALREADY;
    const reduces = p.zero === 0 || (p.tensor > 1 && !p.sequence);
    if (!reduces) return 'nothing is all-reduced: sharded sums send every byte once already';
    return [set(['traffic', 'collective'], 'in-network')];
  },
  'parallel.tensor': ({ spec }) => wider(spec, 'tensor'),
  'parallel.pipeline': ({ spec }) => wider(spec, 'pipeline'),
  'parallel.context': ({ spec }) => wider(spec, 'context'),
  'parallel.expert': ({ spec }) =>
    spec.model.experts === undefined
      ? 'the model has no experts'
      : expertRanks(spec, 2 * spec.parallelism.expert),
  'parallel.data': ({ spec }) => {
    const { parallelism: p, cluster } = spec;
    if (cluster.network.kind === 'imported') return EXISTS;
    const fields = { data: 2 * p.data };
    const gpus = 2 * cluster.gpus;
    return (
      misfit(spec, fields) ?? [
        ...parallelism(fields),
        set(['cluster', 'gpus'], gpus),
        set(['facility', 'stages'], [gpus]),
        ...wholePlacement(cluster),
      ]
    );
  },
};

/** Twice as many ranks of a dimension on the same GPUs: half the replicas. */
function wider(spec: Spec, dimension: 'tensor' | 'pipeline' | 'context') {
  const p = spec.parallelism;
  const fields: Partial<Parallelism> = {
    [dimension]: 2 * p[dimension],
    data: p.data / 2,
    ...(dimension === 'tensor' ? { sequence: true } : {}),
  };
  return misfit(spec, fields) ?? [...parallelism(fields), limit(spec, fields)];
}

function expertRanks(spec: Spec, expert: number) {
  const fields = { expert };
  return misfit(spec, fields) ?? [...parallelism(fields), limit(spec, fields)];
}

function limit(spec: Spec, fields: Partial<Parallelism>): Change {
  return set(['traffic', 'nodeLimit'], nodeLimitFor(spec, { ...spec.parallelism, ...fields }));
}

/** A scale-up domain of so many GPUs: servers joined, their NICs with them. */
function domain(spec: Spec, gpus: number): ReturnType<Lever> {
  const { cluster } = spec;
  const { node: own } = cluster;
  if (cluster.network.kind === 'imported') return EXISTS;
  if (cluster.gpus % gpus !== 0 || gpus % own.gpus !== 0)
    return `${cluster.gpus} GPUs do not fill domains of ${gpus}`;
  const times = gpus / own.gpus;
  const shape = { ...own, gpus, nics: own.nics * times };
  const changed = { ...spec, cluster: { ...cluster, node: shape } };
  return [
    ...node({ gpus, nics: shape.nics, ...(own.power === undefined ? {} : { power: own.power * times }) }),
    set(['traffic', 'nodeLimit'], nodeLimitFor(changed, spec.parallelism)),
    set(['facility', 'stages'], [cluster.gpus]),
    ...wholePlacement(cluster),
  ];
}

/** As many GPUs of another server, at the rent of the catalog. */
function machines({ spec, catalog }: LeverInput, id: string): ReturnType<Lever> {
  const { cluster, parallelism: p } = spec;
  if (cluster.node.id === id) return ALREADY;
  const shape = catalog.find('node', id);
  const gpu = shape && catalog.find('gpu', shape.gpu);
  if (shape === undefined || gpu === undefined) return `the catalog has no ${id}`;
  if (gpu.peak.bf16 * gpu.memoryBytes < cluster.gpu.peak.bf16 * cluster.gpu.memoryBytes)
    return 'these GPUs are older';
  if (cluster.network.kind === 'imported') return EXISTS;
  if (cluster.gpus % shape.gpus !== 0) return `${cluster.gpus} GPUs do not fill servers of ${shape.gpus}`;
  const changed = { ...spec, cluster: { ...cluster, node: shape } };
  const { planes, switch: own } = cluster.network;
  return [
    set(['cluster', 'node'], shape),
    set(['cluster', 'gpu'], gpu),
    ...network({
      planes: typeof planes === 'number' ? Math.min(planes, shape.nics) : planes,
      switch: { ...own, portRate: shape.nicRate },
    }),
    set(['traffic', 'nodeLimit'], nodeLimitFor(changed, p)),
    // What was given is the rent of the spec's own GPUs.
    set(['facility', 'gpuHour'], null),
    set(['facility', 'gpuPrice'], null),
    set(['facility', 'stages'], [cluster.gpus]),
    ...wholePlacement(cluster),
  ];
}

/** A map of ranks is for the servers it was made for. */
function wholePlacement({ placement }: Cluster): Change[] {
  return typeof placement === 'string' ? [] : [set(['cluster', 'placement'], 'auto')];
}
