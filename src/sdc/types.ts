/** Numbers of the lab: Float32Array in runs, Float64Array where gradients are checked. */
export type Numbers = Float32Array | Float64Array;

/** A small decoder: a sequence of tokens in, the next token out. */
export interface LabModel {
  readonly vocabulary: number;
  readonly width: number;
  readonly heads: number;
  readonly layers: number;
  readonly hidden: number;
  readonly sequence: number;
}

export interface LabSize {
  readonly model: LabModel;
  /** Data-parallel ranks, and sequences of each in a step. */
  readonly ranks: number;
  readonly batch: number;
  /** Steps before a fault, and after it. */
  readonly before: number;
  readonly after: number;
  /** Draws of each kind of fault. */
  readonly draws: number;
}

export type Phase = 'forward' | 'backward' | 'weights' | 'moments';

/** Bits of a 32-bit float that do the same kind of harm. */
export type BitGroup = 'sign' | 'exponent-top' | 'exponent' | 'mantissa-high' | 'mantissa-low';

export type Fault =
  /** As textbooks have them: one bit of one number, once. */
  | { readonly kind: 'flip'; readonly phase: Phase; readonly bits: BitGroup; readonly layer: number }
  /** As found in the field: a rank that stays faulty and is wrong now and then. */
  | { readonly kind: 'field'; readonly form: FieldForm };

export type FieldForm =
  /** Several bits of one number of a kernel's output. */
  | 'multi-bit'
  /** A tile of a kernel's output that keeps nothing but zeros. */
  | 'lost-tile'
  /** One number of a kernel's output a little off. */
  | 'small-error'
  /** One column of one kernel's output whose bit is stuck, always. */
  | 'stuck-lane';

export const DETECTORS = ['nan', 'loss', 'gradNorm', 'abft', 'replay'] as const;
export type Detector = (typeof DETECTORS)[number];

/** One row of the lab's table: all draws of one kind of fault. */
export interface LabRow {
  readonly source: 'field' | 'textbook';
  readonly fault: string;
  readonly runs: number;
  /** Runs whose weights differ at all from the clean run's at the end. */
  readonly changed: number;
  /** Runs that each detector saw. */
  readonly seen: Readonly<Record<Detector, number>>;
  /** Median of the steps from the fault to its detection, over the runs that saw it; null: none. */
  readonly delay: Readonly<Record<Detector, number | null>>;
  /** Runs that no detector saw, and of those the ones that did not end unharmed. */
  readonly unseen: number;
  readonly silentHarm: number;
  readonly diverged: number;
}

export interface LabTable {
  readonly seed: number;
  readonly size: LabSize;
  readonly parameters: number;
  readonly cleanLoss: number;
  /** What detectors said in the clean run: nothing, if they are any good. */
  readonly falseAlarms: Readonly<Record<Detector, number>>;
  readonly rows: readonly LabRow[];
}
