import type { Flags } from './flags.ts';
import type { Gather } from './gather.ts';

/** The model's shape from Megatron's flags, with Megatron's rules for what is not given. */
export function readMegatronModel(flags: Flags, gather: Gather): void {
  const layers = need(flags, gather, 'model.layers', 'num-layers');
  const hidden = need(flags, gather, 'model.hidden', 'hidden-size');
  const heads = need(flags, gather, 'model.attention.heads', 'num-attention-heads');
  readAttention(flags, gather, hidden, heads);
  const swiglu = flags.has('swiglu');
  const given = flags.number('ffn-hidden-size');
  const width = given ?? (hidden === undefined ? undefined : feedForward(hidden, swiglu));
  const source =
    given === undefined
      ? `Megatron: ${swiglu ? 'two thirds of ' : ''}4 x hidden`
      : flags.source('ffn-hidden-size');
  if (width !== undefined) {
    gather.take('model.ffn.kind', swiglu ? 'gated' : 'plain', swiglu ? '--swiglu' : 'no --swiglu');
    gather.take('model.ffn.intermediate', width, source);
  }
  if (flags.has('num-experts')) readExperts(flags, gather, layers, width);
  readEmbeddings(flags, gather);
  const mtp = flags.number('mtp-num-layers');
  gather.take('model.mtp', mtp, flags.source('mtp-num-layers'));
}

function need(flags: Flags, gather: Gather, path: string, name: string): number | undefined {
  const value = flags.number(name);
  if (value === undefined) gather.lack(path, `no --${name}`);
  gather.take(path, value, flags.source(name));
  return value;
}

/** `arguments.py`: 4 x hidden, of SwiGLU two thirds of that, down to a multiple of 64. */
function feedForward(hidden: number, swiglu: boolean): number {
  return swiglu ? Math.max(64, Math.floor((4 * hidden * 2) / 3 / 64) * 64) : 4 * hidden;
}

function readAttention(
  flags: Flags,
  gather: Gather,
  hidden: number | undefined,
  heads: number | undefined,
): void {
  const take = (key: string, name: string, fallback?: number) => {
    const value = flags.number(name);
    const source = value === undefined ? 'Megatron default' : flags.source(name);
    gather.take(`model.attention.${key}`, value ?? fallback, source);
  };
  if (flags.has('multi-latent-attention')) {
    gather.take('model.attention.kind', 'mla', '--multi-latent-attention');
    take('queryRank', 'q-lora-rank');
    take('kvRank', 'kv-lora-rank', 32);
    take('headDim', 'qk-head-dim', 128);
    take('ropeDim', 'qk-pos-emb-head-dim', 64);
    take('valueDim', 'v-head-dim', 128);
    flags.has('kv-channels');
    return;
  }
  const grouped = flags.has('group-query-attention');
  const groups = flags.number('num-query-groups') ?? 1;
  gather.take(
    'model.attention.kind',
    grouped && groups !== heads ? 'gqa' : 'mha',
    grouped ? '--group-query-attention' : 'no --group-query-attention',
  );
  if (grouped) gather.take('model.attention.kvHeads', groups, flags.source('num-query-groups'));
  const whole = hidden !== undefined && heads !== undefined && hidden % heads === 0;
  take('headDim', 'kv-channels', whole ? hidden / heads : undefined);
}

function readExperts(
  flags: Flags,
  gather: Gather,
  layers: number | undefined,
  ffn: number | undefined,
): void {
  const take = (key: string, value: number | undefined, source: string) =>
    gather.take(`model.experts.${key}`, value, source);
  take('routed', flags.number('num-experts'), flags.source('num-experts'));
  const active = flags.number('moe-router-topk');
  take('active', active ?? 2, active === undefined ? 'Megatron default' : flags.source('moe-router-topk'));
  const own = flags.number('moe-ffn-hidden-size');
  const width = own ?? ffn;
  take(
    'intermediate',
    width,
    own === undefined ? 'Megatron: as the dense layer' : flags.source('moe-ffn-hidden-size'),
  );
  const shared = flags.number('moe-shared-expert-intermediate-size');
  if (shared !== undefined && width !== undefined) {
    take(
      'shared',
      Math.max(1, Math.round(shared / width)),
      flags.source('moe-shared-expert-intermediate-size'),
    );
    if (shared % width !== 0) {
      gather.warn(
        'approximated',
        `a shared expert of width ${shared} is written as ${Math.max(1, Math.round(shared / width))} of ${width}`,
      );
    }
  }
  readLayerPattern(flags, gather, layers);
  const groups = flags.number('moe-router-num-groups');
  const limit = flags.number('moe-router-group-topk');
  if (groups !== undefined && limit !== undefined && limit < groups) {
    take(
      'nodeLimit',
      limit,
      `${flags.source('moe-router-group-topk')} of ${groups} groups, a group a server`,
    );
  }
}

/** --moe-layer-freq: every Nth layer, or a list such as ([0]*3+[1]*58). Leading dense layers can be told. */
function readLayerPattern(flags: Flags, gather: Gather, layers: number | undefined): void {
  const pattern = flags.text('moe-layer-freq');
  if (pattern === undefined || pattern === '1') return;
  const terms = [...pattern.matchAll(/\[([01](?:\s*,\s*[01])*)\](?:\s*\*\s*(\d{1,5}))?/gu)];
  const list = terms.flatMap((t) => repeat(t[1]!.split(',').map(Number), Number(t[2] ?? 1)));
  const dense = list.indexOf(1);
  const leading = dense >= 0 && list.slice(dense).every((x) => x === 1);
  if (leading && (layers === undefined || list.length === layers)) {
    gather.take('model.experts.denseLayers', dense, flags.source('moe-layer-freq'));
  } else {
    gather.warn(
      'not-expressible',
      '--moe-layer-freq: only leading dense layers can be told; all layers get experts',
      {
        found: pattern.slice(0, 60),
      },
    );
  }
}

function repeat(items: readonly number[], times: number): number[] {
  return Array.from({ length: Math.min(10_000, items.length * times) }, (_, i) => items[i % items.length]!);
}

/** Known sizes of the tokenizers that bring their vocabulary with them. */
const TOKENIZERS: Readonly<Record<string, number>> = { GPT2BPETokenizer: 50_257 };

function readEmbeddings(flags: Flags, gather: Gather): void {
  const padded = flags.number('padded-vocab-size');
  const tokenizer = flags.text('tokenizer-type');
  const plain = flags.number('vocab-size') ?? TOKENIZERS[tokenizer ?? ''];
  const unit =
    (flags.number('make-vocab-size-divisible-by') ?? 128) * (flags.number('tensor-model-parallel-size') ?? 1);
  const vocabulary = padded ?? (plain === undefined ? undefined : Math.ceil(plain / unit) * unit);
  if (vocabulary === undefined) {
    gather.lack('model.vocabulary', 'the size of the vocabulary is in the tokenizer, not in the arguments');
  }
  gather.take(
    'model.vocabulary',
    vocabulary,
    padded === undefined ? `${plain} padded to a multiple of ${unit}` : flags.source('padded-vocab-size'),
  );
  const untied = flags.has('untie-embeddings-and-output-weights');
  gather.take(
    'model.tiedEmbeddings',
    !untied,
    untied ? '--untie-embeddings-and-output-weights' : 'Megatron default',
  );
  const kind = flags.text('position-embedding-type') ?? 'learned_absolute';
  const most = flags.number('max-position-embeddings');
  const none = flags.has('use-rotary-position-embeddings') || flags.has('no-position-embedding');
  const learned = kind === 'learned_absolute' && !none;
  if (learned && most === undefined) gather.lack('model.positions', 'no --max-position-embeddings');
  gather.take(
    'model.positions',
    learned ? most : 0,
    learned
      ? flags.source('max-position-embeddings')
      : `position embedding: ${none ? 'rotary or none' : kind}`,
  );
}
