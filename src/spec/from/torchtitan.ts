import { type ForeignConfig, Gather, wholeNumber } from './gather.ts';
import { at, isObject, type Tree } from './tree.ts';

/**
 * A torchtitan job file (TOML). Degrees stand in [parallelism], in older files in [training] and [experimental]; the
 * model is a name and a flavor of torchtitan's own registry, of which those in the catalog are known here.
 */
export function fromTorchtitan(config: Tree, file: string): ForeignConfig {
  const gather = new Gather(file);
  const reader = new Reader(config, gather);
  readModel(reader, gather);
  readDegrees(reader, gather);
  readTraining(reader, gather);
  gather.lack('cluster.node', 'a torchtitan file does not say on what servers it runs');
  for (const name of reader.unused()) gather.unknown(name);
  return gather.done('torchtitan configuration');
}

/** torchtitan's `name flavor` and the catalog's entry of the same shape. */
const FLAVORS: Readonly<Record<string, string>> = {
  'llama3 8B': 'llama-3.1-8b',
  'llama3 70B': 'llama-3.1-70b',
  'llama3 405B': 'llama-3.1-405b',
  'deepseek_v3 671B': 'deepseek-v3',
  'qwen3 30B-A3B': 'qwen-3-30b-a3b',
  'qwen3 235B-A22B': 'qwen-3-235b-a22b',
};

class Reader {
  readonly #config: Tree;
  readonly #gather: Gather;
  readonly #used = new Set<string>();

  constructor(config: Tree, gather: Gather) {
    this.#config = config;
    this.#gather = gather;
  }

  /** The first of several places that holds something, with its path. */
  find(...paths: string[]): { readonly path: string; readonly value: unknown } | undefined {
    for (const path of paths) this.#used.add(path);
    return paths.map((path) => ({ path, value: at(this.#config, path) })).find((x) => x.value !== undefined);
  }

  number(...paths: string[]): { readonly value: number; readonly source: string } | undefined {
    const found = this.find(...paths);
    if (found === undefined) return undefined;
    const value = wholeNumber(found.value);
    if (value !== undefined) return { value, source: `${found.path} = ${value}` };
    // -1 is torchtitan's "what is left".
    if (found.value !== -1) {
      this.#gather.warn('unreadable-value', `${found.path} is not a whole number`, {
        found: String(found.value).slice(0, 60),
      });
    }
    return undefined;
  }

  text(...paths: string[]): string | undefined {
    const found = this.find(...paths)?.value;
    return typeof found === 'string' ? found : undefined;
  }

  /** Settings of the tables that matter which nothing asked for. */
  unused(): string[] {
    return ['model', 'training', 'parallelism', 'experimental', 'activation_checkpoint'].flatMap((table) => {
      const entries = at(this.#config, table);
      return Object.keys(isObject(entries) ? entries : {})
        .map((key) => `${table}.${key}`)
        .filter((path) => !this.#used.has(path) && !SILENT.has(path));
    });
  }
}

function readModel(reader: Reader, gather: Gather): void {
  const name = reader.text('model.name') ?? '';
  const flavor = reader.text('model.flavor') ?? '';
  const known = FLAVORS[`${name} ${flavor}`];
  if (known !== undefined) gather.take('model', known, `model.name = ${name}, flavor = ${flavor}`);
  else
    gather.lack(
      'model',
      `the shape of '${`${name} ${flavor}`.trim().slice(0, 60)}' stands in torchtitan's code`,
    );
}

function readDegrees(reader: Reader, gather: Gather): void {
  const degree = (key: string, ...names: string[]) => {
    const tables = ['parallelism', 'training', 'experimental'];
    const found = reader.number(...names.flatMap((n) => tables.map((t) => `${t}.${n}`)));
    gather.take(`parallelism.${key}`, found?.value ?? 1, found?.source ?? `no ${names[0]}`);
    return found?.value ?? 1;
  };
  const tensor = degree('tensor', 'tensor_parallel_degree');
  const pipeline = degree('pipeline', 'pipeline_parallel_degree');
  const context = degree('context', 'context_parallel_degree');
  const expert = reader.number('parallelism.expert_parallel_degree');
  if (expert !== undefined) gather.take('parallelism.expert', expert.value, expert.source);
  const tables = ['parallelism', 'training', 'experimental'];
  const shard = reader.number(
    ...tables.map((t) => `${t}.data_parallel_shard_degree`),
    'training.data_parallel_degree',
  );
  const replicate = reader.number(...tables.map((t) => `${t}.data_parallel_replicate_degree`))?.value ?? 1;
  if (shard === undefined) {
    gather.lack(
      'cluster.gpus',
      'data_parallel_shard_degree is -1 or absent: it takes what the launch leaves',
    );
  } else {
    const data = shard.value * replicate;
    gather.take('parallelism.data', data, `${shard.source}, replicated ${replicate} times`);
    gather.take('cluster.gpus', tensor * pipeline * context * data, 'the product of the degrees');
    if (shard.value > 1 && replicate > 1) gather.take('parallelism.shard', shard.value, shard.source);
  }
  gather.take(
    'parallelism.zero',
    shard?.value === 1 ? 0 : readResharding(reader),
    'fully sharded data parallelism',
  );
  gather.take('parallelism.sequence', tensor > 1, 'goes with tensor parallelism');
  readSchedule(reader, pipeline, gather);
}

/** Without resharding after the forward pass parameters stay whole: gradients and optimizer remain sharded. */
function readResharding(reader: Reader): number {
  const policy = reader.find('parallelism.fsdp_reshard_after_forward')?.value;
  return policy === 'never' || policy === false ? 2 : 3;
}

const SCHEDULES: Readonly<Record<string, string>> = {
  gpipe: 'gpipe',
  '1f1b': '1f1b',
  interleaved1f1b: 'interleaved',
  zbvzerobubble: 'zero-bubble',
  interleavedzerobubble: 'zero-bubble',
  dualpipev: 'dualpipe',
};

function readSchedule(reader: Reader, pipeline: number, gather: Gather): void {
  const written = reader.text(
    'parallelism.pipeline_parallel_schedule',
    'experimental.pipeline_parallel_schedule',
  );
  const perMicrobatch = reader.number('parallelism.pipeline_parallel_microbatch_size');
  if (pipeline === 1) return;
  const schedule = SCHEDULES[(written ?? '1F1B').toLowerCase().replace(/[^a-z0-9]/gu, '')];
  gather.take(
    'parallelism.schedule',
    schedule,
    `pipeline_parallel_schedule = ${written ?? '1F1B (default)'}`,
  );
  if (schedule === undefined)
    gather.warn('not-expressible', `pipeline_parallel_schedule '${written?.slice(0, 40)}' is not known here`);
  if (perMicrobatch !== undefined)
    gather.take('training.microbatch', perMicrobatch.value, perMicrobatch.source);
}

function readTraining(reader: Reader, gather: Gather): void {
  const sequence = reader.number('training.seq_len');
  const local = reader.number('training.local_batch_size', 'training.batch_size');
  const global = reader.number('training.global_batch_size');
  const steps = reader.number('training.steps');
  const replicas = gather.peek('parallelism.data');
  if (sequence !== undefined) gather.take('training.sequence', sequence.value, sequence.source);
  else gather.lack('training.sequence', 'no training.seq_len');
  if (local !== undefined && gather.peek('training.microbatch') === undefined) {
    gather.take('training.microbatch', local.value, local.source);
  }
  const computed = local === undefined || replicas === undefined ? undefined : local.value * Number(replicas);
  const batch = global?.value ?? computed;
  if (batch === undefined)
    gather.lack('training.batch', 'no global_batch_size, and the number of replicas is not known');
  gather.take('training.batch', batch, global?.source ?? 'local_batch_size x replicas');
  const known = steps !== undefined && batch !== undefined && sequence !== undefined;
  if (known)
    gather.take('training.tokens', steps.value * batch * sequence.value, `${steps.source} x batch x seq_len`);
  else gather.lack('training.tokens', 'steps, batch or sequence is not known');
  gather.take('training.precision', readPrecision(reader), 'model.converters, quantize, mixed precision');
  const mode = reader.text('activation_checkpoint.mode') ?? 'selective';
  const option = reader.find('activation_checkpoint.selective_ac_option')?.value;
  gather.take(
    'training.recompute',
    ['none', 'selective', 'full'].includes(mode) ? mode : undefined,
    `activation_checkpoint.mode = ${mode}`,
  );
  if (mode === 'selective' && option !== undefined) {
    gather.warn('approximated', 'selective_ac_option: selective recompute here is that of core attention');
  }
}

function readPrecision(reader: Reader): string {
  const converters = reader.find('model.converters')?.value;
  const names = (Array.isArray(converters) ? converters : [converters]).map(String).join(' ');
  if (/mx/u.test(names) || reader.find('quantize.linear.mx', 'quantize.dense.mx') !== undefined)
    return 'mxfp8';
  return /float8/u.test(names) ? 'fp8' : 'bf16';
}

const SILENT = new Set([
  'model.tokenizer_path',
  'model.hf_assets_path',
  'model.norm_type',
  'model.print_after_conversion',
  'training.dataset',
  'training.dataset_path',
  'training.max_norm',
  'training.warmup_steps',
  'training.compile',
  'training.seed',
  'training.deterministic',
  'training.gc_freq',
  'training.mixed_precision_param',
  'training.mixed_precision_reduce',
  'training.enable_cpu_offload',
  'parallelism.enable_async_tensor_parallel',
  'parallelism.enable_compiled_autograd',
  'parallelism.disable_loss_parallel',
  'parallelism.context_parallel_rotate_method',
  'experimental.enable_async_tensor_parallel',
]);
