import type { Catalog, Efficiency, Gpu } from '../catalog/types.ts';
import type { Precision } from '../spec/types.ts';

/** (size, factor) points by rising size; between them the factor is linear in the logarithm of the size. */
export type Table = readonly (readonly [size: number, factor: number])[];

/** What the kernels of a GPU reach, and whether that is measured or the stated default. */
export interface Reached {
  readonly gpu: Gpu;
  readonly efficiency: Efficiency;
  /** The GPU has no tables of its own: a plain roofline with default factors. */
  readonly fallback: boolean;
}

const WHOLE: Table = [[1, 1]];

/** Kernels at the roofline itself: every one at the whole of its peak or of the memory's rate, none waiting to start. */
export const ROOFLINE: Efficiency = {
  id: 'roofline',
  name: 'the roofline',
  gemm: { bf16: WHOLE },
  attention: { forward: WHOLE, backward: WHOLE },
  memory: WHOLE,
  scale: { gemm: 1, attention: 1, memory: 1 },
  launch: 0,
  source: 'by definition',
  date: 'undated',
  confidence: 'derived',
};

/** Tables of the GPU, or those of the entry 'default'. */
export function reached(gpu: Gpu, catalog: Catalog): Reached {
  const own = catalog.find('efficiency', gpu.kernelsOf ?? gpu.id);
  const efficiency = own ?? catalog.find('efficiency', 'default');
  if (efficiency === undefined) throw new Error("no efficiency 'default' in the catalog");
  return { gpu, efficiency, fallback: own === undefined };
}

/** Factor of a table at a size; outside its ends the nearest end. O(points). */
export function factorAt(table: Table, size: number): number {
  const last = table.length - 1;
  if (size <= table[0]![0]) return table[0]![1];
  if (size >= table[last]![0]) return table[last]![1];
  let i = 1;
  while (table[i]![0] < size) i++;
  const [x0, y0] = table[i - 1]!;
  const [x1, y1] = table[i]!;
  return y0 + ((y1 - y0) * Math.log(size / x0)) / Math.log(x1 / x0);
}

/** Peak of matrix products in a precision, FLOP/s; what the GPU lacks runs in the next wider format it has. */
export function peakOf(gpu: Gpu, precision: Precision): number {
  const { bf16, fp8, fp4 } = gpu.peak;
  if (precision === 'bf16') return bf16;
  if (precision === 'nvfp4') return fp4 ?? fp8 ?? bf16;
  return fp8 ?? bf16;
}

/** Table of matrix products in a precision, or of the next wider format there is one for. */
export function gemmTable(efficiency: Efficiency, precision: Precision): Table {
  const { bf16, fp8, mxfp8, nvfp4 } = efficiency.gemm;
  if (precision === 'bf16') return bf16;
  if (precision === 'nvfp4') return nvfp4 ?? fp8 ?? bf16;
  return (precision === 'mxfp8' ? mxfp8 : undefined) ?? fp8 ?? bf16;
}
