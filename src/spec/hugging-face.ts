import type { Issue } from '../base/issue.ts';
import { issue } from '../base/issue.ts';
import type { Result } from '../base/result.ts';
import { fail, ok } from '../base/result.ts';
import type { Attention, MixtureOfExperts, Model } from '../catalog/types.ts';
import { short } from './document.ts';

type Config = Readonly<Record<string, unknown>>;

/** Older decoders: a plain feed-forward layer and learned positions. */
const PLAIN = new Set([
  'gpt2',
  'gpt_neo',
  'gpt_neox',
  'gptj',
  'gpt_bigcode',
  'opt',
  'bloom',
  'codegen',
  'phi',
]);
const LEARNED_POSITIONS = new Set(['gpt2', 'gpt_neo', 'gpt_bigcode', 'opt']);

/**
 * A decoder's shape from the config.json that Hugging Face Transformers writes: dense and mixture-of-experts
 * decoders with MHA, GQA or MLA. Keys go by several names (hidden_size, n_embd); the first that is there counts.
 * Everything that is missing is one issue each.
 */
export function modelFromConfig(text: string, file: string): Result<Model> {
  const config = parseObject(text);
  if (config === undefined) {
    return fail([
      issue({
        code: 'not-json',
        file,
        message: 'not a JSON object',
        hint: 'a Hugging Face config.json is expected here',
      }),
    ]);
  }
  const issues: Issue[] = [];
  const need = (...keys: string[]): number => {
    const value = optional(config, keys);
    if (value !== undefined) return value;
    const found = keys.map((k) => config[k]).find((x) => x !== undefined);
    const more = found === undefined ? {} : { found: short(JSON.stringify(found)) };
    issues.push(
      issue({
        code: 'missing-key',
        file,
        path: [keys[0]!],
        message: `no usable '${keys.join("' or '")}'`,
        allowed: 'a whole number of at least 1',
        ...more,
      }),
    );
    return 1;
  };
  const type = typeof config['model_type'] === 'string' ? config['model_type'] : 'unknown';
  const hidden = need('hidden_size', 'n_embd', 'd_model');
  const plain = PLAIN.has(type);
  const experts = readExperts(config);
  const width =
    optional(config, ['intermediate_size', 'n_inner', 'ffn_dim']) ??
    (plain ? 4 * hidden : experts?.intermediate);
  const model: Model = {
    id: 'config.json',
    name:
      typeof config['_name_or_path'] === 'string' && config['_name_or_path'] !== ''
        ? config['_name_or_path'].slice(0, 200)
        : type,
    layers: need('num_hidden_layers', 'n_layer', 'num_layers'),
    hidden,
    vocabulary: need('vocab_size'),
    attention: readAttention(config, hidden, need('num_attention_heads', 'n_head')),
    ffn: { kind: plain ? 'plain' : 'gated', intermediate: width ?? need('intermediate_size') },
    ...(experts === undefined ? {} : { experts }),
    mtp: optional(config, ['num_nextn_predict_layers']) ?? 0,
    tiedEmbeddings:
      typeof config['tie_word_embeddings'] === 'boolean' ? config['tie_word_embeddings'] : plain,
    positions: LEARNED_POSITIONS.has(type) ? need('n_positions', 'max_position_embeddings') : 0,
    source: 'a Hugging Face config.json named in the spec',
    date: 'undated',
    confidence: 'published',
  };
  return issues.length > 0 ? fail(issues) : ok(model);
}

/** The text model of a multi-modal config stands under text_config. */
function parseObject(text: string): Config | undefined {
  try {
    const parsed: unknown = JSON.parse(text);
    const inner = isObject(parsed) && isObject(parsed['text_config']) ? parsed['text_config'] : parsed;
    return isObject(inner) ? inner : undefined;
  } catch {
    return undefined;
  }
}

function isObject(x: unknown): x is Config {
  return typeof x === 'object' && x !== null && !Array.isArray(x);
}

function optional(config: Config, keys: readonly string[]): number | undefined {
  return keys.map((k) => config[k]).find((x): x is number => Number.isSafeInteger(x) && (x as number) >= 1);
}

function readAttention(config: Config, hidden: number, heads: number): Attention {
  const kvRank = optional(config, ['kv_lora_rank']);
  const kvHeads = optional(config, ['num_key_value_heads']) ?? heads;
  const headDim = optional(config, ['head_dim']) ?? Math.max(1, Math.floor(hidden / heads));
  if (kvRank === undefined) return { kind: kvHeads === heads ? 'mha' : 'gqa', heads, kvHeads, headDim };
  const queryRank = optional(config, ['q_lora_rank']);
  const nope = optional(config, ['qk_nope_head_dim']) ?? headDim;
  return {
    kind: 'mla',
    heads,
    kvHeads,
    headDim: nope,
    ...(queryRank === undefined ? {} : { queryRank }),
    kvRank,
    ropeDim: optional(config, ['qk_rope_head_dim']) ?? 64,
    valueDim: optional(config, ['v_head_dim']) ?? nope,
  };
}

function readExperts(config: Config): MixtureOfExperts | undefined {
  const routed = optional(config, ['n_routed_experts', 'num_local_experts', 'num_experts']);
  const intermediate = optional(config, ['moe_intermediate_size', 'intermediate_size']);
  if (routed === undefined || routed === 1 || intermediate === undefined) return undefined;
  const nodeLimit = optional(config, ['topk_group']);
  return {
    routed,
    active: optional(config, ['num_experts_per_tok', 'moe_topk']) ?? 1,
    shared: optional(config, ['n_shared_experts', 'num_shared_experts']) ?? 0,
    intermediate,
    denseLayers: optional(config, ['first_k_dense_replace']) ?? 0,
    // A single group is no limit: DeepSeek's configs write 1 of 1 where routing is free.
    ...(nodeLimit === undefined || nodeLimit === optional(config, ['n_group']) ? {} : { nodeLimit }),
  };
}
