import type { Catalog, FactorTable, Gpu, Model } from '../catalog/types.ts';
import type { KernelRow, MeasuredAttention } from '../formats/types.ts';
import { quantile } from '../numeric/quantile.ts';
import { stepConstants } from '../step/constants.ts';
import { factorAt } from '../step/efficiency.ts';
import { Kernels } from '../step/kernels.ts';
import { Layers } from '../step/layer.ts';
import type { KernelCheck, KernelTables } from './types.ts';

const KNOTS = {
  // literal: FLOPs of products and passes, two knots a decade
  flops: [1e9, 3e9, 1e10, 3e10, 1e11, 3e11, 1e12, 3e12, 1e13],
  // literal: bytes of streams
  bytes: [1e6, 4e6, 1.6e7, 6.4e7, 2.5e8, 1e9],
};
/** A product counts for its table where the memory takes at most this share of its time. */
const ARITHMETIC = 0.75;
/** Factors of whole steps for kernels alone, on a GPU that does nothing else. */
export const ALONE = { gemm: 1, attention: 1, memory: 1 } as const;
/** Where no pause was measured. */
const PAUSE = 0;

/** What tables cannot be made without, and is not among the rows: 'copies', 'products in BF16', ... */
export function missingKernels(rows: readonly KernelRow[]): string[] {
  const has = (test: (row: KernelRow) => boolean): boolean => rows.some(test);
  const needed: readonly (readonly [string, boolean])[] = [
    ['copies', has((r) => r.kind === 'stream')],
    ['products in BF16', has((r) => r.kind === 'product' && r.precision === 'bf16')],
    ['attention forward', has((r) => r.kind === 'attention' && r.pass === 'forward')],
    ['attention backward', has((r) => r.kind === 'attention' && r.pass === 'backward')],
  ];
  return needed.flatMap(([name, there]) => (there ? [] : [name]));
}

/**
 * Tables from measured kernels, none of `missingKernels` among them: at each knot the median share of the peak that kernels near it reach, weighted by how
 * near. All factors of whole steps are 1: kernels alone, on a GPU that does nothing else. O(rows * knots).
 */
export function kernelTables(rows: readonly KernelRow[], gpu: Gpu, catalog: Catalog): KernelTables {
  const { tile } = stepConstants(catalog);
  const launch = of(rows, 'pause')[0]?.seconds ?? PAUSE;
  const net = (seconds: number): number => Math.max(seconds - launch, seconds / 2);
  const memory = tableOf(
    of(rows, 'stream').map((r) => [r.bytes, r.bytes / gpu.memoryRate / net(r.seconds)]),
    KNOTS.bytes,
  );
  const products = (precision: 'bf16' | 'fp8', peak: number): FactorTable => {
    const operand = catalog.get(`precision.${precision}.bytes`).value;
    const output = catalog.get('precision.bf16.bytes').value;
    const samples = of(rows, 'product').flatMap(({ precision: p, m, n, k, seconds }): Sample[] => {
      const bytes = (m * k + n * k) * operand + m * n * output;
      const traffic = bytes / (gpu.memoryRate * factorAt(memory, bytes));
      const flops = 2 * m * n * k;
      const bound = traffic > ARITHMETIC * net(seconds);
      return p !== precision || bound ? [] : [[flops, flops / peak / net(seconds)]];
    });
    return tableOf(samples, KNOTS.flops);
  };
  const attention = (pass: 'forward' | 'backward'): FactorTable =>
    tableOf(
      fastest(of(rows, 'attention')).flatMap((r): Sample[] => {
        const flops = attentionFlops(r) * (1 + tile / r.sequence);
        return r.pass === pass ? [[flops, flops / gpu.peak.bf16 / net(r.seconds)]] : [];
      }),
      KNOTS.flops,
    );
  // Without products in FP8 those of BF16 stand for them.
  const narrow = gpu.peak.fp8 === undefined ? [] : products('fp8', gpu.peak.fp8);
  return {
    gemm: {
      bf16: products('bf16', gpu.peak.bf16),
      ...(narrow.length > 0 && { fp8: narrow }),
    },
    attention: { forward: attention('forward'), backward: attention('backward') },
    memory,
    scale: ALONE,
    launch,
  };
}

/** The roofline with given tables beside every measured kernel and layer. */
export function checkKernels(
  rows: readonly KernelRow[],
  tables: KernelTables,
  gpu: Gpu,
  catalog: Catalog,
): KernelCheck[] {
  const constants = stepConstants(catalog);
  const efficiency = { ...catalog.find('efficiency', 'default')!, ...tables };
  const kernels = new Kernels({ gpu, efficiency, fallback: false }, 'bf16', catalog);
  const narrow = new Kernels({ gpu, efficiency, fallback: false }, 'fp8', catalog);
  const { tile } = constants;
  const ratios = new Map<string, number[]>();
  const note = (kind: string, computed: number, measured: number): void => {
    const list = ratios.get(kind) ?? [];
    list.push(computed / measured);
    ratios.set(kind, list);
  };
  for (const r of of(rows, 'stream')) note('copies', kernels.stream(r.bytes), r.seconds);
  for (const r of of(rows, 'product')) {
    const by = r.precision === 'fp8' ? narrow : kernels;
    note(`products, ${r.precision.toUpperCase()}`, by.gemm(r.m, r.n, r.k), r.seconds);
  }
  for (const r of of(rows, 'grouped')) {
    note('grouped products', kernels.grouped(r.groups, r.m, r.n, r.k, tile, false), r.seconds);
  }
  for (const r of fastest(of(rows, 'attention'))) {
    const computed = kernels.attention(attentionFlops(r), r.sequence, tile, r.pass);
    note(`attention, ${r.pass}`, computed, r.seconds);
  }
  for (const r of of(rows, 'layer')) {
    const { forward, both } = layerSeconds(r, kernels, catalog);
    note('whole layers, forward', forward, r.forward);
    note('whole layers, both passes', both, r.both);
  }
  return [...ratios].map(([kind, list]) => summary(kind, list));
}

type LayerShape = Pick<
  Extract<KernelRow, { kind: 'layer' }>,
  'hidden' | 'heads' | 'kvHeads' | 'intermediate' | 'sequence' | 'microbatch'
> & { readonly headDim?: number; readonly experts?: Experts };

/** What the step model gives for a gated layer, or one of experts that are all here, on one GPU. */
export function layerSeconds(
  { hidden, heads, kvHeads, headDim, intermediate, experts, sequence, microbatch }: LayerShape,
  kernels: Kernels,
  catalog: Catalog,
): { forward: number; both: number } {
  const model = {
    ...catalog.find('model', 'llama-3.1-405b')!,
    hidden,
    attention: { kind: 'gqa' as const, heads, kvHeads, headDim: headDim ?? hidden / heads },
    ffn: { kind: 'gated' as const, intermediate },
    ...(experts !== undefined && { experts }),
  };
  const layers = new Layers(model, kernels, stepConstants(catalog));
  const share = {
    microbatch,
    sequence,
    tensor: 1,
    context: 1,
    sliced: false,
    expert: 1,
    skew: 1,
    recompute: 'none' as const,
    attention: 'fused' as const,
    loss: 'fused' as const,
    eager: false,
    precision: 'bf16' as const,
  };
  const { forward, backward, weight } = experts === undefined ? layers.dense(share) : layers.moe(share);
  return { forward, both: forward + backward + weight };
}

type Experts = NonNullable<Model['experts']>;
type Sample = readonly [size: number, factor: number];

/** Factor at each knot that samples lie around: their median, each weighted by its distance in logarithms. */
function tableOf(samples: readonly Sample[], knots: readonly number[]): FactorTable {
  const table: Sample[] = [];
  knots.forEach((knot, i) => {
    const low = knots[i - 1] ?? knot / 10;
    const high = knots[i + 1] ?? knot * 10;
    const near = samples.flatMap(([size, factor]): { factor: number; weight: number }[] => {
      if (size <= low || size >= high) return [];
      const weight =
        size <= knot
          ? Math.log(size / low) / Math.log(knot / low)
          : Math.log(high / size) / Math.log(high / knot);
      return [{ factor, weight }];
    });
    if (near.length > 0) table.push([knot, rounded(weightedMedian(near))]);
  });
  return table as unknown as FactorTable;
}

function weightedMedian(items: readonly { factor: number; weight: number }[]): number {
  const sorted = [...items].sort((a, b) => a.factor - b.factor);
  const half = items.reduce((sum, { weight }) => sum + weight, 0) / 2;
  let sum = 0;
  for (const { factor, weight } of sorted) {
    sum += weight;
    if (sum >= half) return factor;
  }
  return sorted[sorted.length - 1]!.factor;
}

/** Of each shape the kernel that takes it fastest, as libraries choose. */
function fastest(rows: readonly MeasuredAttention[]): MeasuredAttention[] {
  const best = new Map<string, MeasuredAttention>();
  for (const r of rows) {
    const key = [r.pass, r.batch, r.heads, r.sequence, r.dim, r.value].join(' ');
    const known = best.get(key);
    if (known === undefined || r.seconds < known.seconds) best.set(key, r);
  }
  return [...best.values()];
}

/** Lower triangle; the backward pass computes the scores again: five products for the two of the forward pass. */
function attentionFlops({ pass, batch, heads, sequence, dim, value }: MeasuredAttention): number {
  const cells = batch * heads * sequence * sequence;
  return pass === 'forward' ? cells * (dim + value) : cells * (3 * dim + 2 * value);
}

function of<K extends KernelRow['kind']>(
  rows: readonly KernelRow[],
  kind: K,
): Extract<KernelRow, { kind: K }>[] {
  return rows.filter((r): r is Extract<KernelRow, { kind: K }> => r.kind === kind);
}

function summary(kind: string, ratios: readonly number[]): KernelCheck {
  const errors = ratios.map((r) => Math.abs(r - 1)).sort((a, b) => a - b);
  const mean = ratios.reduce((a, b) => a + b, 0) / ratios.length;
  return {
    kind,
    rows: ratios.length,
    median: quantile(errors, 0.5),
    p90: quantile(errors, 0.9),
    bias: mean - 1,
  };
}

function rounded(factor: number): number {
  return Math.round(factor * 1000) / 1000;
}
