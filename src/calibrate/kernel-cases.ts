import type { Context } from '../base/context.ts';
import { ensure } from '../base/result.ts';
import type { Catalog, Efficiency, Model } from '../catalog/types.ts';
import { Kernels } from '../step/kernels.ts';
import { oneGpuTrial, prepareTrial } from '../step/trials.ts';
import type { Step, Trial } from '../step/types.ts';
import type { ValidationCase } from '../validate/types.ts';
import { ALONE, layerSeconds } from './kernel-tables.ts';

/**
 * Whole layers and steps, measured on one H100, against its tables of single kernels: no constant is fitted to whole steps
 * or to layers, so what is left is the error of the roofline, of the list of kernels, and of the activations counted.
 */
export function kernelCases(catalog: Catalog): ValidationCase[] {
  return [...layerCases(catalog), ...mixtureCases(catalog), ...stepCases(catalog)];
}

const GPU = 'h100';
const NOTE = 'kernels alone: none of the factors that whole steps are fitted with';

interface Rows {
  readonly rows: readonly (readonly number[])[];
}

function layerCases(catalog: Catalog): ValidationCase[] {
  const published = catalog.published('H100.layers');
  return (published.value as Rows).rows.flatMap((row) => {
    const [hidden = 0, heads = 0, kvHeads = 0, intermediate = 0, sequence = 0, microbatch = 0] = row;
    const layer = { hidden, heads, kvHeads, intermediate, sequence, microbatch };
    return bothPasses(
      `H100.layer.${hidden}`,
      `a layer of ${hidden}`,
      row.slice(6),
      published.source,
      0.1,
      (c) => layerSeconds(layer, kernelsAlone(c), c),
    );
  });
}

/** PyTorch takes rows back in the backward pass by adding into them, which Megatron's kernels do not: up to 20 % there. */
function mixtureCases(catalog: Catalog): ValidationCase[] {
  const published = catalog.published('H100.mixtures');
  return (published.value as Rows).rows.flatMap((row) => {
    const [hidden = 0, heads = 0, kvHeads = 0, intermediate = 0, routed = 0, active = 0] = row;
    const [sequence = 0, microbatch = 0] = row.slice(6);
    const layer = { hidden, heads, kvHeads, intermediate, sequence, microbatch };
    const experts = { routed, active, shared: 0, intermediate, denseLayers: 0 };
    const id = `H100.mixture.${hidden}.${microbatch}`;
    const title = `a layer of ${routed} experts, width ${hidden}, microbatch ${microbatch}`;
    return bothPasses(id, title, row.slice(8), published.source, 0.25, (c) =>
      layerSeconds({ ...layer, headDim: 128, experts }, kernelsAlone(c), c),
    );
  });
}

function bothPasses(
  id: string,
  title: string,
  [forward = 0, both = 0]: readonly number[],
  source: string,
  tolerance: number,
  compute: (catalog: Catalog) => { forward: number; both: number },
): ValidationCase[] {
  const common = { kind: 'prediction', unit: 's', source, tolerance, note: NOTE } as const;
  return [
    {
      ...common,
      id: `${id}.forward`,
      title: `${title} on one H100, forward`,
      published: forward,
      compute: ({ catalog }) => compute(catalog).forward,
    },
    {
      ...common,
      id: `${id}.both`,
      title: `${title} on one H100, both passes`,
      published: both,
      compute: ({ catalog }) => compute(catalog).both,
    },
  ];
}

function stepCases(catalog: Catalog): ValidationCase[] {
  const published = catalog.published('H100.steps');
  const { rows, recompute, accumulated } = published.value as Rows & {
    readonly recompute: readonly ('none' | 'full')[];
    readonly accumulated: number;
  };
  return rows.flatMap((row, i): ValidationCase[] => {
    const trial = trialOf(row, recompute[i]!, catalog);
    const [microbatches = 0, seconds = 0, peak = 0] = row.slice(8);
    const step = (c: Catalog): Step => prepareTrial(trial, c).run(alone(c));
    const adding = (c: Catalog): number => {
      const parameters = step(c).memory.stages[0]!.weights / c.get('precision.bf16.bytes').value;
      return microbatches * kernelsAlone(c).stream(parameters * accumulated);
    };
    const common = { kind: 'prediction', source: published.source } as const;
    return [
      {
        ...common,
        id: trial.id,
        title: `seconds of a step, ${trial.id}`,
        published: seconds,
        unit: 's',
        tolerance: 0.1,
        note: `${NOTE}; gradients are added by a kernel of their own`,
        compute: ({ catalog: c }: Context) => step(c).seconds + adding(c),
      },
      {
        ...common,
        id: `${trial.id}.memory`,
        title: `peak memory of a step, ${trial.id}`,
        published: peak,
        unit: 'B',
        tolerance: 0.1,
        note: 'plain PyTorch keeps queries and keys from before the rotation too, since values are a view of the same buffer',
        compute: ({ catalog: c }: Context) => {
          const { total } = step(c).memory.stages[0]!;
          return total - c.get('step.memory.reserved').value;
        },
      },
    ];
  });
}

function trialOf(row: readonly number[], recompute: 'none' | 'full', catalog: Catalog): Trial {
  const [layers = 0, hidden = 0, heads = 0, kvHeads = 0, intermediate = 0, vocabulary = 0] = row;
  const [sequence = 0, microbatch = 0, microbatches = 0, seconds = 0] = row.slice(6);
  const model: Model = {
    ...catalog.find('model', 'llama-3.1-405b')!,
    layers,
    hidden,
    vocabulary,
    attention: { kind: 'gqa', heads, kvHeads, headDim: hidden / heads },
    ffn: { kind: 'gated', intermediate },
  };
  const id = `H100.step.${hidden}x${layers}${recompute === 'full' ? '.recomputed' : ''}`;
  const training = { sequence, microbatch, batch: microbatch * microbatches, recompute };
  return oneGpuTrial(id, 'hgx-h100', model, seconds, training);
}

/** The GPU's tables with every factor of whole steps at 1. */
function alone(catalog: Catalog): Efficiency {
  const efficiency = ensure(catalog.find('efficiency', GPU), `efficiency of ${GPU}`);
  return { ...efficiency, scale: ALONE };
}

function kernelsAlone(catalog: Catalog): Kernels {
  const gpu = ensure(catalog.find('gpu', GPU), `GPU ${GPU}`);
  return new Kernels({ gpu, efficiency: alone(catalog), fallback: false }, 'bf16', catalog);
}
