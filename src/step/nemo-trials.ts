import { ensure } from '../base/result.ts';
import type { Catalog, Model } from '../catalog/types.ts';
import type { Precision } from '../spec/types.ts';
import { gpt, job, megatron } from './trials.ts';
import type { Trial } from './types.ts';

/** Shapes of models that the catalog does not hold: heads, key-value heads, hidden, layers, width, vocabulary. */
const SHAPES: Readonly<Record<string, readonly [number, number, number, number, number, number]>> = {
  'GPT3-5B': [32, 32, 4096, 24, 16_384, 51_200],
  'GPT3-20B': [48, 48, 6144, 44, 24_576, 51_200],
  'GPT3-175B': [96, 96, 12_288, 96, 49_152, 51_200],
  'LLAMA2-7B': [32, 32, 4096, 32, 11_008, 32_000],
  'LLAMA2-13B': [40, 40, 5120, 40, 13_824, 32_000],
  'LLAMA2-70B': [64, 8, 8192, 80, 28_672, 32_000],
  'Nemotron-8B': [32, 32, 4096, 32, 16_384, 256_000],
  'Nemotron-22B': [48, 48, 6144, 40, 24_576, 256_000],
  'Nemotron-340B': [96, 8, 18_432, 96, 73_728, 256_000],
  'LLAMA3-8B': [32, 8, 4096, 32, 14_336, 128_256],
  'LLAMA3-70B': [64, 8, 8192, 80, 28_672, 128_256],
  'LLAMA3-405B': [128, 8, 16_384, 126, 53_248, 128_256],
  'Nemotron-15B': [48, 8, 6144, 32, 24_576, 256_000],
  Grok1: [48, 8, 6144, 64, 32_768, 131_072],
  'MT-NLG': [128, 128, 20_480, 105, 81_920, 50_432],
};
const GATED = /^(LLAMA|Grok)/u;

function modelOf(name: string, cut?: number): Model {
  const id = name.split('.')[0]!;
  const [heads, kvHeads, hidden, layers, intermediate, vocabulary] = ensure(SHAPES[id], name);
  return {
    ...gpt(heads, hidden, cut ?? layers, vocabulary),
    attention: { kind: kvHeads < heads ? 'gqa' : 'mha', heads, kvHeads, headDim: hidden / heads },
    ffn: { kind: GATED.test(id) ? 'gated' : 'plain', intermediate },
    ...(id === 'Grok1' && { experts: { routed: 8, active: 2, shared: 0, intermediate, denseLayers: 0 } }),
    tiedEmbeddings: false,
    positions: 0,
  };
}

export function nemoTrials(catalog: Catalog, table = 'NEMO', node = 'hgx-h100'): Trial[] {
  const { rows } = catalog.published(table).value as {
    readonly rows: Readonly<Record<string, readonly number[]>>;
  };
  return Object.entries(rows).map(([name, row]) => {
    const [gpus, batch, microbatch, sequence, tensor, pipeline, context, chunks, tokens] = row as number[];
    return {
      id: `${table}.${name}`,
      node,
      model: modelOf(name),
      seconds: (batch! * sequence!) / (tokens! * gpus!),
      ...job(
        { sequence: sequence!, batch: batch!, microbatch: microbatch!, precision: 'fp8', loss: 'unfused' },
        megatron(gpus!, { tensor: tensor!, pipeline: pipeline!, context: context! }, chunks!),
      ),
    };
  });
}

/**
 * Steps that no constant has seen: recipes of DGX Cloud on up to 2,304 H100 ('DGXC'; of 2025, with the loss in one
 * kernel), and long runs ('PRODUCTION'). Names are model.precision.gpus; 'a100' stands for BF16 on A100 with the software of its day: unfused attention, whole layers
 * computed again, all-reduced gradients.
 */
export function heldOutTrials(catalog: Catalog, table: 'DGXC' | 'PRODUCTION'): Trial[] {
  const { rows } = catalog.published(table).value as {
    readonly rows: Readonly<Record<string, readonly number[]>>;
  };
  return Object.entries(rows).map(([name, row]) => {
    const [gpus, layers, batch, microbatch, sequence, tensor, pipeline, context, expert, chunks, seconds] =
      row as number[];
    const era = name.split('.')[1]!;
    const old = era === 'a100';
    return {
      id: `${table}.${name}`,
      node: old ? 'hgx-a100-8nic' : 'hgx-h100',
      model: modelOf(name, layers!),
      seconds: seconds!,
      ...job(
        {
          sequence: sequence!,
          batch: batch!,
          microbatch: microbatch!,
          precision: old ? 'bf16' : (era as Precision),
          ...(table === 'PRODUCTION' && { loss: 'unfused' }),
          ...(old && { recompute: 'full', attention: 'unfused' }),
        },
        {
          ...megatron(
            gpus!,
            { tensor: tensor!, pipeline: pipeline!, context: context!, expert: expert! },
            chunks!,
          ),
          ...(old && { sequence: false, zero: 0, overlap: 'data' }),
        },
      ),
    };
  });
}
