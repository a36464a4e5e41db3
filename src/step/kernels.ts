import type { Catalog } from '../catalog/types.ts';
import type { Precision } from '../spec/types.ts';
import { factorAt, gemmTable, peakOf, type Reached, type Table } from './efficiency.ts';

/**
 * Seconds of single kernels by the roofline (Williams, Waterman and Patterson 2009): the longer of arithmetic and
 * memory traffic, each at the share of its peak that kernels of that kind and size reach, and the time between two
 * kernels. Sizes are of one GPU; times of one call.
 */
export class Kernels {
  readonly launch: number;
  readonly #memoryRate: number;
  readonly #memory: Table;
  readonly #peak: number;
  readonly #gemm: Table;
  readonly #bf16Peak: number;
  readonly #bf16Gemm: Table;
  readonly #attention: { readonly forward: Table; readonly backward: Table };
  readonly #operand: number;
  readonly #bf16: number;
  readonly #fp32: number;

  constructor({ gpu, efficiency }: Reached, precision: Precision, catalog: Catalog) {
    const { scale } = efficiency;
    const scaled = (table: Table, by: number): Table => table.map(([s, f]) => [s, Math.min(1, f * by)]);
    this.launch = efficiency.launch;
    this.#memoryRate = gpu.memoryRate;
    this.#memory = scaled(efficiency.memory, scale.memory);
    this.#peak = peakOf(gpu, precision);
    this.#gemm = scaled(gemmTable(efficiency, precision), scale.gemm);
    this.#bf16Peak = gpu.peak.bf16;
    this.#bf16Gemm = scaled(efficiency.gemm.bf16, scale.gemm);
    this.#attention = {
      forward: scaled(efficiency.attention.forward, scale.attention),
      backward: scaled(efficiency.attention.backward, scale.attention),
    };
    this.#bf16 = catalog.get('precision.bf16.bytes').value;
    this.#fp32 = catalog.get('precision.fp32.bytes').value;
    this.#operand = catalog.get(`precision.${precision}.bytes`).value;
  }

  /** Reads and writes of so many bytes, with next to no arithmetic. */
  stream(bytes: number): number {
    return bytes <= 0 ? 0 : bytes / (this.#memoryRate * factorAt(this.#memory, bytes)) + this.launch;
  }

  /** C[m, n] = A[m, k] B[k, n] in the training precision, output in BF16. */
  gemm(m: number, n: number, k: number): number {
    const bytes = (m * k + k * n) * this.#operand + m * n * this.#bf16;
    return this.#product(2 * m * n * k, bytes, this.#peak, this.#gemm);
  }

  /** The same, added to an FP32 accumulator in memory: gradients of weights. */
  accumulate(m: number, n: number, k: number): number {
    const bytes = (m * k + k * n) * this.#operand + 2 * m * n * this.#fp32;
    return this.#product(2 * m * n * k, bytes, this.#peak, this.#gemm);
  }

  /** In BF16 whatever the training precision: output projection, router. */
  wideGemm(m: number, n: number, k: number): number {
    const bytes = (m * k + k * n + m * n) * this.#bf16;
    return this.#product(2 * m * n * k, bytes, this.#bf16Peak, this.#bf16Gemm);
  }

  /** `batch` products in BF16 in one launch: the scores of heads. */
  batched(batch: number, m: number, n: number, k: number): number {
    const bytes = batch * (m * k + k * n + m * n) * this.#bf16;
    return this.#product(2 * batch * m * n * k, bytes, this.#bf16Peak, this.#bf16Gemm);
  }

  /**
   * `groups` products of (m, k, n) in one launch, as experts do; each group's rows are padded to the tile. The factor
   * is that of one group's size times the groups that run at once.
   */
  grouped(groups: number, m: number, n: number, k: number, tile: number, accumulate: boolean): number {
    if (m <= 0 || groups <= 0) return 0;
    const rows = m + tile / 2;
    const flops = 2 * groups * rows * n * k;
    const out = accumulate ? 2 * groups * n * k * this.#fp32 : groups * m * n * this.#bf16;
    const read = accumulate ? groups * m * (n + k) : groups * (m * k + k * n);
    return this.#product(flops, read * this.#operand + out, this.#peak, this.#gemm);
  }

  /** Fused causal attention in BF16; the tiles on the diagonal are computed whole. */
  attention(flops: number, keys: number, tile: number, pass: 'forward' | 'backward'): number {
    const done = flops * (1 + tile / keys);
    return done / (this.#bf16Peak * factorAt(this.#attention[pass], done)) + this.launch;
  }

  #product(flops: number, bytes: number, peak: number, table: Table): number {
    const arithmetic = flops / (peak * factorAt(table, flops));
    const traffic = bytes / (this.#memoryRate * factorAt(this.#memory, bytes));
    return Math.max(arithmetic, traffic) + this.launch;
  }
}
