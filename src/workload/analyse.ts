import { fail, ok, type Result } from '../base/result.ts';
import type { Catalog } from '../catalog/types.ts';
import { countParameters, flopsPerToken, modelParts } from './architecture.ts';
import { checkWorkload } from './check.ts';
import { contextOperations } from './context.ts';
import { dataOperations } from './data.ts';
import { expertOperations } from './expert.ts';
import { groupSize } from './groups.ts';
import { type Job, widths } from './job.ts';
import { pipelineOperations } from './pipeline.ts';
import { expertGroups, type RankSpace, rankSpace } from './ranks.ts';
import { shardingOf } from './sharding.ts';
import { addScaled, repetition, spreadLayers } from './stages.ts';
import { tensorOperations } from './tensor.ts';
import type { Operation, Workload, WorkloadInput } from './types.ts';

/**
 * Stage 1: every communication operation of one training step, with its groups, bytes, counts by stage and what
 * it can overlap with. Pure; reads the widths of numbers from the catalog. Where the model cannot be cut as
 * asked, every reason at once. O(layers + operations).
 */
export function analyseWorkload(input: WorkloadInput, catalog: Catalog): Result<Workload> {
  const issues = checkWorkload(input);
  const space = rankSpace(input.parallelism);
  if (issues.length > 0 || !space.ok) return fail([...issues, ...space.issues]);
  const job = makeJob(input, space.value, catalog);
  if (!job.ok) return job;
  const operations = [
    ...tensorOperations(job.value),
    ...contextOperations(job.value),
    ...expertOperations(job.value),
    ...pipelineOperations(job.value),
    ...dataOperations(job.value),
  ];
  const { model, training } = input;
  const { stages } = job.value;
  return ok({
    ranks: space.value.ranks,
    pipeline: input.parallelism.pipeline,
    stageStride: space.value.digit.pipeline.stride,
    operations: operations.filter(happens),
    layersByStage: addScaled(1, stages.dense, 1, stages.moe),
    moeLayersByStage: stages.moe,
    microbatches: job.value.microbatches,
    tokensPerStep: training.batch * training.sequence,
    parameters: countParameters(model),
    flopsPerToken: flopsPerToken(model, training.sequence),
  });
}

function makeJob(input: WorkloadInput, space: RankSpace, catalog: Catalog): Result<Job> {
  const { model, training, parallelism } = input;
  const sharding = shardingOf(parallelism);
  const { expert } = parallelism;
  const experts = expert > 1 ? expertGroups(space, expert, sharding.ranks) : null;
  if (experts !== null && !experts.ok) return experts;
  const microbatches = training.batch / (parallelism.data * training.microbatch);
  return ok({
    ...input,
    parts: modelParts(model),
    space,
    stages: spreadLayers(model, parallelism.pipeline, parallelism.virtualStages),
    repeat: repetition(parallelism.schedule, microbatches),
    microbatches,
    tokens: (training.microbatch * training.sequence) / parallelism.context,
    widths: widths(model, training.precision, catalog),
    expertGroups: experts?.value ?? null,
    sharding,
  });
}

/** Nothing is said by a group of one, an empty message or an operation that never happens. */
function happens(operation: Operation): boolean {
  return groupSize(operation.groups) > 1 && operation.bytesPerRank > 0 && operation.count.some((n) => n > 0);
}
