import type { Change } from '../plan/types.ts';
import type { Cluster, GeneratedNetwork, Parallelism, Spec, Training } from '../spec/types.ts';

/** Changes as levers make them: field by field, so that what two levers both touch can be seen. */
export function set(path: readonly string[], value: unknown): Change {
  return { kind: 'set', path, value };
}

export function training(fields: Partial<Training>): Change[] {
  return Object.entries(fields).map(([key, value]) => set(['training', key], value));
}

export function parallelism(fields: Partial<Parallelism>): Change[] {
  return Object.entries(fields).map(([key, value]) => set(['parallelism', key], value));
}

export function node(fields: Partial<Cluster['node']>): Change[] {
  return Object.entries(fields).map(([key, value]) => set(['cluster', 'node', key], value));
}

export function network(fields: Partial<GeneratedNetwork>): Change[] {
  return Object.entries(fields).map(([key, value]) => set(['cluster', 'network', key], value));
}

/** Why a plan with these degrees cannot run, or nothing. */
export function misfit(
  spec: Spec,
  p: Partial<Parallelism>,
  microbatch = spec.training.microbatch,
): string | null {
  const { model, training: t } = spec;
  const own = { ...spec.parallelism, ...p };
  const count = t.batch / (own.data * microbatch);
  if (!Number.isInteger(own.data) || own.data < 1) return 'there are no replicas left to take them from';
  if (!Number.isInteger(count))
    return `the batch does not divide into ${own.data} replicas of microbatches of ${microbatch}`;
  if (own.data % (own.shard ?? 1) !== 0) return `${own.data} replicas are no whole copies of ${own.shard}`;
  if (own.pipeline * own.virtualStages > model.layers + model.mtp)
    return 'there are fewer layers than stages';
  if (model.attention.heads % own.tensor !== 0) return `heads do not split over ${own.tensor} tensor ranks`;
  if (own.context > 1 && t.sequence % (2 * own.context) !== 0) return 'the sequence does not split so far';
  if (model.experts !== undefined) {
    if (model.experts.routed % own.expert !== 0) return `experts do not split over ${own.expert} ranks`;
    if ((own.tensor * (own.shard ?? own.data)) % own.expert !== 0)
      return `expert groups of ${own.expert} no longer fit tensor and data ranks`;
  }
  if (
    own.schedule === 'dualpipe' &&
    (own.pipeline % 2 !== 0 || count % 2 !== 0 || count < 2 * own.pipeline)
  ) {
    return `dualpipe needs an even pipeline and two microbatches a stage; there are ${count} for ${own.pipeline} stages`;
  }
  if (own.schedule === 'interleaved' && count % own.pipeline !== 0) {
    return `interleaved stages need a multiple of ${own.pipeline} microbatches; there are ${count}`;
  }
  return null;
}
