import type { Context } from '../base/context.ts';

/** One comparison of a computed figure with a published one. Each room exports its own list of cases. */
export interface ValidationCase {
  /** Such as 'T3.mpft.switches'. */
  readonly id: string;
  readonly title: string;
  /**
   * 'prediction' stands on physics and other measurements; 'calibration' and 'arithmetic' do not count as such. 'mismatch'
   * is a published figure that another one, or its own inputs, contradict: it must lie outside its tolerance.
   */
  readonly kind: 'prediction' | 'calibration' | 'arithmetic' | 'count' | 'mismatch';
  readonly published: number;
  readonly unit: string;
  readonly source: string;
  /** Relative error that is still accepted; 0: equal to the printed digits (`digits` significant). */
  readonly tolerance: number;
  readonly digits?: number;
  readonly compute: (context: Context) => number | Promise<number>;
  /** What is computed when the constants are fitted to everything but this case; where given, it is what is judged. */
  readonly computeLeftOut?: (context: Context) => number;
  /** What is not modelled, or how the figure was read. */
  readonly note?: string;
}

/** A case with what was computed for it. */
export interface Outcome extends Omit<ValidationCase, 'compute' | 'computeLeftOut'> {
  readonly computed: number;
  /** With constants fitted to all other cases. */
  readonly leftOut?: number;
  /** (computed - published) / published, of what is left out where it is known; the difference where published is 0. */
  readonly error: number;
  /** As it should be: within the tolerance, or for a named mismatch outside it. */
  readonly within: boolean;
}
