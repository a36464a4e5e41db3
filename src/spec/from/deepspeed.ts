import { type ForeignConfig, Gather, wholeNumber } from './gather.ts';
import { at, isObject, type Tree } from './tree.ts';

/**
 * A DeepSpeed configuration: batch, ZeRO stage, number format, pipeline. It holds no model and no cluster, and values
 * of "auto" are filled in by the trainer that reads it: each is named as missing.
 */
export function fromDeepSpeed(config: Tree, file: string): ForeignConfig {
  const gather = new Gather(file);
  const take = (path: string, key: string, min = 1) => {
    const raw = at(config, key);
    const value = wholeNumber(raw, min);
    if (value !== undefined) gather.take(path, value, `${key}: ${value}`);
    else if (raw === 'auto') gather.lack(path, `${key} is "auto": the trainer decides`);
    else if (raw !== undefined)
      gather.warn('unreadable-value', `${key} is not a whole number`, { found: String(raw).slice(0, 60) });
    return value;
  };
  const microbatch = take('training.microbatch', 'train_micro_batch_size_per_gpu');
  const batch = take('training.batch', 'train_batch_size');
  const accumulate = wholeNumber(at(config, 'gradient_accumulation_steps'));
  readReplicas({ batch, microbatch, accumulate }, gather);
  take('parallelism.tensor', 'tensor_parallel.autotp_size');
  take('parallelism.pipeline', 'pipeline.stages');
  take('parallelism.context', 'sequence_parallel_size');
  const stage = take('parallelism.zero', 'zero_optimization.stage', 0);
  if (stage === undefined) gather.take('parallelism.zero', 0, 'DeepSpeed default: no ZeRO');
  gather.take('training.precision', readPrecision(config, gather), 'bf16, fp16');
  readCheckpointing(config, gather);
  warnOffload(config, gather);
  readSharding(config, gather);
  gather.lack('model', 'a DeepSpeed configuration holds no model');
  gather.lack('cluster.gpus', 'a DeepSpeed configuration does not say on how many GPUs it runs');
  gather.lack('cluster.node', 'a DeepSpeed configuration does not say on what servers it runs');
  gather.lack('training.sequence', 'a DeepSpeed configuration does not say how long sequences are');
  gather.lack('training.tokens', 'a DeepSpeed configuration does not say how long the run is');
  for (const key of Object.keys(config)) if (!KNOWN.has(key)) gather.unknown(key);
  return gather.done('DeepSpeed configuration');
}

/** Batch = replicas x microbatch x accumulation: with three of them the fourth is known. */
function readReplicas(
  { batch, microbatch, accumulate }: Record<'batch' | 'microbatch' | 'accumulate', number | undefined>,
  gather: Gather,
): void {
  if (batch === undefined || microbatch === undefined || accumulate === undefined) return;
  const replicas = wholeNumber(batch / (microbatch * accumulate));
  if (replicas === undefined) {
    gather.warn(
      'contradiction',
      `train_batch_size ${batch} is not a multiple of micro batch x accumulation = ${microbatch} x ${accumulate}`,
    );
  }
  gather.take('parallelism.data', replicas, `${batch} / (${microbatch} x ${accumulate} accumulated)`);
}

function readPrecision(config: Tree, gather: Gather): string {
  if (at(config, 'bf16.enabled') === true || at(config, 'bfloat16.enabled') === true) return 'bf16';
  const half = at(config, 'fp16.enabled');
  if (half === true) gather.warn('approximated', 'fp16 is read as bf16: the same rates and bytes');
  else gather.lack('training.precision', 'neither bf16 nor fp16 is enabled here');
  return 'bf16';
}

function readCheckpointing(config: Tree, gather: Gather): void {
  if (!isObject(at(config, 'activation_checkpointing'))) return;
  gather.take('training.recompute', 'full', 'activation_checkpointing');
  if (at(config, 'activation_checkpointing.cpu_checkpointing') === true) {
    gather.warn('not-expressible', 'activation checkpoints in host memory: kept on the GPU here');
  }
}

function warnOffload(config: Tree, gather: Gather): void {
  for (const key of ['offload_optimizer', 'offload_param']) {
    const device = at(config, `zero_optimization.${key}.device`);
    if (device !== undefined && device !== 'none') {
      gather.warn(
        'not-expressible',
        `zero_optimization.${key} to ${String(device).slice(0, 20)}: kept on the GPU here`,
      );
    }
  }
}

/** MiCS keeps copies of the whole state; hpZ one copy, and besides it the parameters of each group for the backward pass. */
function readSharding(config: Tree, gather: Gather): void {
  const size = (key: string) => wholeNumber(at(config, `zero_optimization.${key}`)) ?? 1;
  const mics = size('mics_shard_size');
  if (mics > 1) gather.take('parallelism.shard', mics, `zero_optimization.mics_shard_size: ${mics}`);
  if (size('zero_hpz_partition_size') > 1) {
    gather.warn(
      'not-expressible',
      'zero_optimization.zero_hpz_partition_size: parameters are gathered from all replicas here',
      { hint: 'parallelism.shard keeps a copy of the whole state by group, which needs more memory' },
    );
  }
}

const KNOWN = new Set(
  `train_batch_size train_micro_batch_size_per_gpu gradient_accumulation_steps optimizer scheduler fp16 bf16 bfloat16
  amp gradient_clipping zero_optimization zero_allow_untested_optimizer zero_force_ds_cpu_optimizer steps_per_print
  wall_clock_breakdown dump_state tensorboard wandb csv_monitor comet activation_checkpointing pipeline tensor_parallel
  sequence_parallel_size flops_profiler comms_logger communication_data_type prescale_gradients
  gradient_predivide_factor sparse_gradients data_types seed autotuning checkpoint data_efficiency disable_allgather
  load_universal_checkpoint memory_breakdown timers`.split(/\s+/u),
);
