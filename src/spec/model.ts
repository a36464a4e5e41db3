import type { Attention, MixtureOfExperts, Model } from '../catalog/types.ts';
import { modelFromConfig } from './hugging-face.ts';
import type { Resolver } from './resolver.ts';
import type { RawModel } from './schema.ts';

/** A catalog name, the file of a Hugging Face config.json, or the fields themselves. */
export function resolveModel(given: string | RawModel, r: Resolver): Model | undefined {
  if (typeof given !== 'string') return inlineModel(given, r);
  if (!/[/\\]|\.json$/u.test(given))
    return r.lookup('model', given, ['model'], ', or the file of a config.json');
  const text = r.read(given, ['model']);
  if (text === undefined) return undefined;
  const model = modelFromConfig(text, given);
  if (model.ok) return checked(model.value, r);
  for (const { severity: _, path, file, ...rest } of model.issues) {
    r.report({ ...rest, path: ['model'], message: `${file ?? given} ${path.join('.')}: ${rest.message}` });
  }
  return undefined;
}

function inlineModel(raw: RawModel, r: Resolver): Model | undefined {
  const { heads } = raw.attention;
  const headDim = raw.attention.headDim ?? raw.hidden / heads;
  if (!Number.isInteger(headDim)) {
    r.report({
      code: 'indivisible',
      path: ['model', 'attention', 'heads'],
      message: `hidden (${raw.hidden}) is not a multiple of heads (${heads})`,
      hint: 'give headDim',
    });
    return undefined;
  }
  const experts = raw.experts === undefined ? undefined : inlineExperts(raw.experts, r);
  return checked(
    {
      id: 'inline',
      name: raw.name ?? 'a model given in the spec',
      layers: raw.layers,
      hidden: raw.hidden,
      vocabulary: raw.vocabulary,
      attention: inlineAttention(raw.attention, headDim, r),
      ffn: raw.ffn,
      ...(experts === undefined ? {} : { experts }),
      mtp: r.take('model.mtp', raw.mtp, 0, 'no multi-token prediction is the common case'),
      tiedEmbeddings: r.take(
        'model.tiedEmbeddings',
        raw.tiedEmbeddings,
        false,
        'large models keep two matrices',
      ),
      positions: r.take('model.positions', raw.positions, 0, 'rotary embedding has no parameters'),
      source: 'the fields in the spec',
      date: 'undated',
      confidence: 'assumed',
    },
    r,
  );
}

function inlineAttention(raw: RawModel['attention'], headDim: number, r: Resolver): Attention {
  const { kind, heads, queryRank } = raw;
  const kvHeads = raw.kvHeads ?? heads;
  if (kind !== 'mla') return { kind, heads, kvHeads, headDim };
  if (raw.kvRank === undefined) {
    r.report({ code: 'missing-key', path: ['model', 'attention', 'kvRank'], message: 'mla needs kvRank' });
  }
  return {
    kind,
    heads,
    kvHeads,
    headDim,
    ...(queryRank === undefined ? {} : { queryRank }),
    kvRank: raw.kvRank ?? 1,
    ropeDim: r.take('model.attention.ropeDim', raw.ropeDim, 64, 'the width DeepSeek uses'),
    valueDim: r.take('model.attention.valueDim', raw.valueDim, headDim, 'as wide as a query head'),
  };
}

function inlineExperts(raw: NonNullable<RawModel['experts']>, r: Resolver): MixtureOfExperts {
  const { routed, active, intermediate, nodeLimit } = raw;
  return {
    routed,
    active,
    intermediate,
    shared: r.take('model.experts.shared', raw.shared, 0, 'no shared expert is given'),
    denseLayers: r.take('model.experts.denseLayers', raw.denseLayers, 0, 'every layer has experts'),
    ...(nodeLimit === undefined ? {} : { nodeLimit }),
  };
}

/** What must hold inside a model wherever its shape comes from. */
function checked(model: Model, r: Resolver): Model {
  const { heads, kvHeads } = model.attention;
  if (heads % kvHeads !== 0) {
    r.report({
      code: 'indivisible',
      path: ['model'],
      message: `${heads} query heads are not a multiple of ${kvHeads} key-value heads`,
    });
  }
  const e = model.experts;
  if (e !== undefined && e.active > e.routed) {
    r.report({
      code: 'out-of-range',
      path: ['model'],
      message: `a token uses ${e.active} of ${e.routed} experts`,
      allowed: `at most ${e.routed}`,
    });
  }
  if (e !== undefined && e.denseLayers > model.layers) {
    r.report({
      code: 'out-of-range',
      path: ['model'],
      message: `${e.denseLayers} dense layers of ${model.layers}`,
      allowed: `at most ${model.layers}`,
    });
  }
  return model;
}
