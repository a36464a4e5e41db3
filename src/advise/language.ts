import { expertGroupNodes } from '../spec/resolve.ts';
import { misfit, set, training } from './change.ts';
import type { Lever } from './types.ts';

const ALREADY = 'the job does this already';
const NO_EXPERTS = 'the model has no experts';

/** Latents of DeepSeek-V2 and V3 (arXiv:2405.04434, sec. 3.1.2), where a model is given latent attention. */
const LATENT = { queryRank: 1536, kvRank: 512, ropeDim: 64 } as const;
const KV_HEADS = 8;
/** 128 x 1024: what vocabularies of 128k come to once padded. */
const VOCABULARY = 131_072;

/** Optimisations of software that language models tolerate: other numbers are computed. */
export const LANGUAGE: Readonly<Record<string, Lever>> = {
  'precision.fp8': ({ spec }) => {
    if (spec.training.precision !== 'bf16') return `products are in ${spec.training.precision} already`;
    if (spec.cluster.gpu.peak.fp8 === undefined) return `${spec.cluster.gpu.name} has no FP8`;
    return training({ precision: 'fp8' });
  },
  'precision.mxfp8': (input) => narrow(input, 'mxfp8'),
  'precision.nvfp4': (input) => narrow(input, 'nvfp4'),
  'experts.fewer': ({ spec: { model } }) => {
    if (model.experts === undefined) return NO_EXPERTS;
    const active = Math.floor((3 * model.experts.active) / 4);
    return active < 1 ? 'a token uses one expert' : [set(['model', 'experts', 'active'], active)];
  },
  'experts.finer': ({ spec: { model } }) => {
    const e = model.experts;
    if (e === undefined) return NO_EXPERTS;
    if (e.intermediate % 2 !== 0) return 'an expert does not halve';
    return [
      set(['model', 'experts', 'routed'], 2 * e.routed),
      set(['model', 'experts', 'active'], 2 * e.active),
      set(['model', 'experts', 'intermediate'], e.intermediate / 2),
      // A shared expert stays as wide as it was.
      ...(e.shared > 0 ? [set(['model', 'experts', 'shared'], 2 * e.shared)] : []),
    ];
  },
  'attention.gqa': ({ spec: { model } }) => {
    const a = model.attention;
    if (a.kind === 'mla') return 'latent attention keeps less than that';
    if (a.kvHeads <= KV_HEADS) return ALREADY;
    if (a.heads % KV_HEADS !== 0) return `${a.heads} heads are no multiple of ${KV_HEADS}`;
    const { heads, headDim } = a;
    return [set(['model', 'attention'], { kind: 'gqa', heads, kvHeads: KV_HEADS, headDim })];
  },
  'attention.mla': ({ spec: { model } }) => {
    const { kind, heads, headDim } = model.attention;
    if (kind === 'mla') return ALREADY;
    return [
      set(['model', 'attention'], {
        kind: 'mla',
        heads,
        kvHeads: heads,
        headDim,
        valueDim: headDim,
        ...LATENT,
      }),
    ];
  },
  'mtp.off': ({ spec: { model } }) =>
    model.mtp === 0 ? 'the model has no module' : [set(['model', 'mtp'], 0)],
  'mtp.on': ({ spec: { model } }) => (model.mtp > 0 ? ALREADY : [set(['model', 'mtp'], 1)]),
  packing: ({ spec }) =>
    (spec.training.padding ?? 0) === 0 ? 'sequences are full: nothing is padding' : training({ padding: 0 }),
  balance: ({ spec: { traffic, model } }) => {
    if (model.experts === undefined) return NO_EXPERTS;
    if (traffic.experts.kind === 'uniform') return 'experts are balanced already';
    return [set(['traffic', 'experts'], { kind: 'uniform' })];
  },
  'node-limit': ({ spec }) => {
    const { model, parallelism: p, cluster, traffic } = spec;
    if (model.experts === undefined) return NO_EXPERTS;
    const nodes = expertGroupNodes(p, cluster.node);
    if (nodes === 1) return 'an expert group is one server';
    const own = traffic.nodeLimit ?? nodes;
    const least = Math.ceil((model.experts.active * nodes) / model.experts.routed);
    const limit = Math.max(least, Math.ceil(own / 2));
    return limit >= own ? 'the limit is as low as the experts allow' : [set(['traffic', 'nodeLimit'], limit)];
  },
  'batch.schedule': ({ spec }) => training({ batch: 2 * spec.training.batch }),
  vocabulary: ({ spec: { model } }) =>
    model.vocabulary >= 0.9 * VOCABULARY ? ALREADY : [set(['model', 'vocabulary'], VOCABULARY)],
  'curriculum.length': ({ spec }) => {
    const { training: t, parallelism: p } = spec;
    const fields = { sequence: t.sequence / 2, batch: 2 * t.batch };
    if (fields.sequence % Math.max(1, 2 * p.context) !== 0) return 'the sequence does not halve';
    return misfit({ ...spec, training: { ...t, ...fields } }, {}) ?? training(fields);
  },
};

function narrow({ spec }: Parameters<Lever>[0], precision: 'mxfp8' | 'nvfp4'): ReturnType<Lever> {
  if (spec.training.precision === precision) return ALREADY;
  const { gpu } = spec.cluster;
  // Blocks with scales of their own came with the format of four bits.
  if (gpu.peak.fp4 === undefined) return `${gpu.name} does not scale blocks in hardware`;
  return training({ precision });
}

/** Share of the run's tokens that a change is for; the rest runs as it was. */
export const SHARES: Readonly<Record<string, number>> = { 'batch.schedule': 0.5, 'curriculum.length': 0.5 };

/** Entries that no plan can compute: their gain is in what is learnt, not in how fast. */
export const LITERATURE: ReadonlySet<string> = new Set(['data.mix', 'data.human']);
