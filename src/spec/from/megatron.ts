import { Flags } from './flags.ts';
import { type ForeignConfig, Gather, wholeNumber } from './gather.ts';
import { readMegatronModel } from './megatron-model.ts';
import { shellCommands } from './shell.ts';

/**
 * Megatron-LM's arguments: a launch script, or a file of flags. Defaults are Megatron's own (`arguments.py`), which is
 * what a flag that is not there means. GPUs come from torchrun, srun or #SBATCH where these say them.
 */
export function fromMegatron(text: string, file: string): ForeignConfig {
  const gather = new Gather(file);
  const { commands, batch, branches } = shellCommands(text);
  const { launcher, program } = splitCommands(commands);
  const flags = new Flags(program, gather);
  if (branches) {
    gather.warn('branches', 'the script has branches; all were read in order, as if each were taken');
  }
  readMegatronModel(flags, gather);
  const gpus = readGpus(new Flags(launcher, gather), new Flags(batch, gather), gather);
  readParallelism(flags, gpus, gather);
  readTraining(flags, gather);
  gather.lack('cluster.node', 'arguments do not say what servers they run on');
  for (const name of flags.unused(isSilent)) gather.unknown(`--${name}`);
  return gather.done('Megatron-LM arguments');
}

/** What stands before the Python program belongs to its launcher. */
function splitCommands(commands: readonly (readonly string[])[]): { launcher: string[]; program: string[] } {
  const launcher: string[] = [];
  const program: string[] = [];
  for (const raw of commands) {
    // A whole command line in quotes (srun ... bash -c "...") is read like one without.
    const words = raw.flatMap((w) => (/\s--[a-z]/u.test(w) ? w.split(/\s+/u) : [w]));
    const at = words.findIndex((w) => /\.py$/u.test(w));
    launcher.push(...words.slice(0, Math.max(0, at)));
    const rest = words.slice(at + 1);
    if (at >= 0 || rest[0]?.startsWith('--')) program.push(...rest);
  }
  return { launcher, program };
}

function readGpus(launcher: Flags, batch: Flags, gather: Gather): number | undefined {
  const perNode =
    launcher.number('nproc-per-node') ?? batch.number('gpus-per-node') ?? batch.number('ntasks-per-node');
  const nodes = launcher.number('nnodes') ?? launcher.number('nodes') ?? batch.number('nodes');
  if (perNode === undefined || nodes === undefined) {
    gather.lack('cluster.gpus', 'no number of servers and GPUs a server in the launch command');
    return undefined;
  }
  gather.take('cluster.gpus', perNode * nodes, `${nodes} servers of ${perNode} GPUs`);
  return perNode * nodes;
}

function readParallelism(flags: Flags, gpus: number | undefined, gather: Gather): void {
  const size = (key: string, name: string) => {
    const value = flags.number(name);
    gather.take(`parallelism.${key}`, value ?? 1, value === undefined ? `no --${name}` : flags.source(name));
    return value ?? 1;
  };
  const tensor = size('tensor', 'tensor-model-parallel-size');
  const pipeline = size('pipeline', 'pipeline-model-parallel-size');
  const context = size('context', 'context-parallel-size');
  const experts = flags.has('num-experts');
  const expert = experts ? size('expert', 'expert-model-parallel-size') : 1;
  const others = tensor * pipeline * context;
  if (gpus !== undefined && gpus % others === 0) {
    gather.take('parallelism.data', gpus / others, `what ${gpus} GPUs leave`);
  }
  const expertTensor = flags.number('expert-tensor-parallel-size') ?? tensor;
  if (experts && expert > 1 && expertTensor > 1) {
    gather.warn('not-expressible', 'experts that tensor ranks share: here an expert is whole on its rank');
  }
  gather.take('parallelism.sequence', flags.has('sequence-parallel'), flags.presence('sequence-parallel'));
  gather.take('parallelism.zero', zeroStage(flags), flags.presence('use-distributed-optimizer', ...FSDP));
  readInstances(flags, gpus === undefined ? undefined : gpus / others, gather);
  readSchedule(flags, pipeline, gather);
  if (flags.has('use-tp-pp-dp-mapping')) {
    gather.take(
      'parallelism.order',
      ['tensor', 'context', 'pipeline', 'data'],
      flags.source('use-tp-pp-dp-mapping'),
    );
  }
}

/** Copies of the distributed optimizer: its shards are of the replicas over their number. */
function readInstances(flags: Flags, replicas: number | undefined, gather: Gather): void {
  const name = 'num-distributed-optimizer-instances';
  const instances = flags.number(name) ?? 1;
  if (instances === 1) return;
  const shard = wholeNumber((replicas ?? 0) / instances);
  if (shard === undefined) {
    const message = `--${name} ${instances}: how many replicas that leaves to a copy is not known`;
    gather.warn('not-expressible', message, { hint: 'set parallelism.shard' });
  } else gather.take('parallelism.shard', shard, flags.source(name));
}

const FSDP = ['use-torch-fsdp2', 'use-megatron-fsdp', 'use-custom-fsdp'];

function zeroStage(flags: Flags): number {
  const fsdp = FSDP.some((n) => flags.has(n));
  const strategy = flags.text('data-parallel-sharding-strategy');
  const stages: Record<string, number> = { optim: 1, optim_grads: 2, optim_grads_params: 3, no_shard: 0 };
  if (fsdp) return stages[strategy ?? ''] ?? 3;
  return flags.has('use-distributed-optimizer') ? 1 : 0;
}

function readSchedule(flags: Flags, pipeline: number, gather: Gather): void {
  const layers = flags.number('num-layers');
  const perChunk = flags.number('num-layers-per-virtual-pipeline-stage');
  const chunks =
    flags.number('num-virtual-stages-per-pipeline-rank') ??
    (perChunk === undefined ? undefined : wholeNumber((layers ?? 0) / pipeline / perChunk));
  const interleaved = pipeline > 1 && chunks !== undefined && chunks > 1;
  const chunked = flags.presence(
    'num-layers-per-virtual-pipeline-stage',
    'num-virtual-stages-per-pipeline-rank',
  );
  gather.take('parallelism.schedule', interleaved ? 'interleaved' : '1f1b', chunked);
  if (interleaved) gather.take('parallelism.virtualStages', chunks, chunked);
}

function readTraining(flags: Flags, gather: Gather): void {
  const take = (key: string, name: string) => {
    const value = flags.number(name);
    if (value === undefined) gather.lack(`training.${key}`, `no --${name}`);
    gather.take(`training.${key}`, value, flags.source(name));
    return value;
  };
  const sequence = flags.has('encoder-seq-length')
    ? take('sequence', 'encoder-seq-length')
    : take('sequence', 'seq-length');
  const microbatch = take('microbatch', 'micro-batch-size');
  const batch = take('batch', 'global-batch-size');
  if (batch === undefined && microbatch !== undefined && flags.has('rampup-batch-size') === false) {
    gather.lack('training.batch', 'no --global-batch-size: Megatron then takes one microbatch a replica');
  }
  const samples = flags.number('train-samples');
  const steps = flags.number('train-iters');
  if (samples !== undefined && sequence !== undefined) {
    gather.take('training.tokens', samples * sequence, flags.source('train-samples'));
  } else if (steps !== undefined && batch !== undefined && sequence !== undefined) {
    gather.take(
      'training.tokens',
      steps * batch * sequence,
      `${flags.source('train-iters')} x batch x sequence`,
    );
  } else gather.lack('training.tokens', 'no --train-iters or --train-samples');
  if (flags.has('rampup-batch-size')) {
    gather.warn('not-expressible', '--rampup-batch-size: the plan is for the full batch');
  }
  gather.take(
    'training.precision',
    precision(flags, gather),
    flags.presence('fp4-format', 'fp8-format', 'bf16', 'fp16'),
  );
  readRecompute(flags, gather);
  readKernels(flags, gather);
}

/** Both are off unless flags ask for them; Megatron-LM's own fusion of the loss keeps its passes over FP32 logits. */
function readKernels(flags: Flags, gather: Gather): void {
  const fusion = 'cross-entropy-fusion-impl';
  const fused = flags.has('cross-entropy-loss-fusion') && flags.text(fusion) === 'te';
  gather.take('training.loss', fused ? 'fused' : 'unfused', flags.presence(fusion));
  const graphs = ['enable-cuda-graph', 'external-cuda-graph', 'cuda-graph-impl'];
  if (graphs.some((n) => flags.has(n)) && flags.text('cuda-graph-impl') !== 'none')
    gather.take('training.launch', 'graph', flags.presence(...graphs));
}

function precision(flags: Flags, gather: Gather): string {
  const fp8 = flags.text('fp8-format') ?? (flags.has('fp8-hybrid') ? 'hybrid' : undefined);
  const recipe = flags.text('fp8-recipe');
  const bf16 = flags.has('bf16');
  const fp16 = flags.has('fp16');
  if (flags.has('fp4-format')) return 'nvfp4';
  if (fp8 !== undefined) return recipe === 'mxfp8' ? 'mxfp8' : 'fp8';
  if (!bf16 && fp16) gather.warn('approximated', '--fp16 is read as bf16: the same rates and bytes');
  if (!bf16 && !fp16) gather.warn('approximated', 'no --bf16: Megatron would train in FP32; bf16 is written');
  return 'bf16';
}

function readRecompute(flags: Flags, gather: Gather): void {
  const granularity = flags.text('recompute-granularity');
  const selective = flags.has('recompute-activations') || flags.has('checkpoint-activations');
  const value =
    granularity === 'full' || granularity === 'selective' ? granularity : selective ? 'selective' : 'none';
  const some = flags.number('recompute-num-layers');
  const method = flags.text('recompute-method');
  gather.take('training.recompute', value, flags.presence('recompute-granularity', 'recompute-activations'));
  if (value === 'full' && method === 'block' && some !== undefined) {
    gather.warn(
      'approximated',
      `--recompute-num-layers ${some} of a stage: written as full recompute of all`,
    );
  }
  if (flags.has('recompute-modules')) {
    gather.warn('approximated', '--recompute-modules: selective recompute here is that of core attention');
  }
}

/** Flags that change how a run learns, loads, logs or overlaps by default, not what a plan is made of. */
const SILENT =
  /^(lr|min-lr|weight-decay|adam|clip-grad|seed|data|train-data|valid-data|test-data|split|save|load|ckpt|dist-ckpt|async-save|no-load|no-save|log|tensorboard|wandb|eval|exit|distributed|master|init-method|attention-dropout|hidden-dropout|attention-softmax|no-masked|no-bias|bias|disable-bias|normalization|norm-epsilon|apply-layernorm|qk-layernorm|rotary|rope|tokenizer|merge-file|vocab-file|use-mcore|use-flash|attention-backend|transformer-impl|num-workers|no-mmap|mmap|overlap|no-create|create-attention|dataloader|timing|profile|use-pytorch-profiler|use-checkpoint|moe-aux|moe-z-loss|moe-router|moe-token|moe-grouped|moe-permute|moe-expert-capacity|moe-pad|moe-enable-deepep|moe-per-layer|use-fused|no-gradient|gradient-accumulation|accumulate|initial-loss|loss-scale|hysteresis|finetune|reset|override|use-cpu|manual-gc|empty-unused|no-rope|no-check|check-for|mock|delay-wgrad|tp-comm|defer|deterministic|fp8-amax|fp8-param|fp8-margin|fp8-interval|main-grads|main-params|exp-avg|optimizer|use-precision|enable|disable|squared-relu|add-qkv|mtp-loss|cross-entropy|calculate|barrier|start-weight|end-weight|end-of|use-distributed|ddp|grad-reduce|align|high-priority|local-rank|nccl|keep-fp8|context-parallel-comm|cp-comm|cuda-graph|external|rampup|global-batch|sft|auto-detect|ignore-unknown|spec|export|dataset|cache|inference)(-|$)/u;

function isSilent(name: string): boolean {
  return SILENT.test(name) || name === 'te-rng-tracker' || name === 'sequence-parallel';
}
