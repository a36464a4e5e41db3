import type { Efficiency } from '../catalog/types.ts';

/** The tables of an efficiency entry: all that kernels say without whole steps. */
export type KernelTables = Pick<Efficiency, 'gemm' | 'attention' | 'memory' | 'scale' | 'launch'>;

/** How far the roofline with such tables is from each kind of kernel: absolute errors, median and ninth decile. */
export interface KernelCheck {
  readonly kind: string;
  readonly rows: number;
  readonly median: number;
  readonly p90: number;
  /** Of the mean of computed over measured times: which way it errs. */
  readonly bias: number;
}
