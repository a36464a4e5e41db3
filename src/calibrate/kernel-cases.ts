import type { Context } from '../base/context.ts';
import { ensure } from '../base/result.ts';
import type { Catalog } from '../catalog/types.ts';
import { Kernels } from '../step/kernels.ts';
import type { ValidationCase } from '../validate/types.ts';
import { layerSeconds } from './kernel-tables.ts';

/**
 * Whole layers, measured on one GPU, against its tables of single kernels: no constant is fitted to whole steps or to
 * layers, so what is left is the error of the roofline itself.
 */
export function layerCases(catalog: Catalog): ValidationCase[] {
  const published = catalog.published('H100.layers');
  const { rows } = published.value as { readonly rows: readonly (readonly number[])[] };
  return rows.flatMap((row): ValidationCase[] => {
    const [hidden = 0, heads = 0, kvHeads = 0, intermediate = 0, sequence = 0, microbatch = 0] = row;
    const shape = { hidden, heads, kvHeads, intermediate, sequence, microbatch };
    const computed = ({ catalog: c }: Context): { forward: number; both: number } =>
      layerSeconds(shape, kernelsAlone('h100', c), c);
    const common = {
      kind: 'prediction',
      unit: 's',
      source: published.source,
      tolerance: 0.1,
      note: 'kernels alone: none of the factors that whole steps are fitted with',
    } as const;
    return [
      {
        ...common,
        id: `H100.layer.${hidden}.forward`,
        title: `a layer of ${hidden} on one H100, forward`,
        published: row[6]!,
        compute: (context) => computed(context).forward,
      },
      {
        ...common,
        id: `H100.layer.${hidden}.both`,
        title: `a layer of ${hidden} on one H100, both passes`,
        published: row[7]!,
        compute: (context) => computed(context).both,
      },
    ];
  });
}

/** Kernels of a GPU by its tables, with every factor of whole steps at 1. */
function kernelsAlone(id: string, catalog: Catalog): Kernels {
  const gpu = ensure(catalog.find('gpu', id), `GPU ${id}`);
  const efficiency = ensure(catalog.find('efficiency', id), `efficiency of ${id}`);
  const scale = { gemm: 1, attention: 1, memory: 1 };
  return new Kernels({ gpu, efficiency: { ...efficiency, scale }, fallback: false }, 'bf16', catalog);
}
