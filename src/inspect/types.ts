/** What was found in a training log. Times in seconds, steps as the log counts them. */

export type EventKind =
  | 'spike'
  | 'nan'
  | 'divergence'
  | 'drift'
  | 'stall'
  | 'slowdown'
  | 'straggler'
  | 'restart';

export type SeriesName = 'loss' | 'gradNorm' | 'speed' | 'steps';

export interface LogEvent {
  readonly kind: EventKind;
  readonly series: SeriesName;
  /** Where it begins, and the last step it touches. */
  readonly step: number;
  readonly endStep: number;
  readonly line: number;
  /** Place of its begin among the points of its series: for the picture. */
  readonly index: number;
  /** What `size` says: a ratio to what was usual, seconds lost, or steps done again. */
  readonly measure: 'ratio' | 'seconds' | 'steps';
  readonly size: number;
  /** From 0.5 at the threshold towards 1: how far beyond it, not a probability. */
  readonly confidence: number;
  readonly causes: readonly string[];
  /** The slow rank of a straggler. */
  readonly rank?: number;
}

export type SpeedSource = 'stepSeconds' | 'throughput' | 'time';

/** Of one series: the points, and its course for the picture. */
export interface SeriesSummary {
  readonly name: SeriesName;
  readonly points: number;
  readonly first: number;
  readonly last: number;
  readonly course: Course;
}

/** A series in at most 512 pieces of equally many points; NaN and infinite values are left out. */
export interface Course {
  readonly pointsPerPiece: number;
  readonly steps: readonly number[];
  readonly low: readonly number[];
  readonly high: readonly number[];
  readonly mean: readonly number[];
}

/** Effective training time as the log shows it. */
export interface MeasuredEttr {
  /** 'wall clock': the log has times. 'step times': only what steps took, so that downtime is not in it. */
  readonly basis: 'wall clock' | 'step times';
  readonly ettr: number;
  readonly totalSeconds: number;
  readonly productiveSeconds: number;
  /** Done again after restarts; waiting in stalls and while down. */
  readonly repeatedSeconds: number;
  readonly waitingSeconds: number;
}

export interface Inspection {
  readonly log: {
    readonly format: string;
    readonly lines: number;
    readonly points: number;
    readonly firstStep: number;
    readonly lastStep: number;
    /** Steps from one logged step to the next. */
    readonly stride: number;
    readonly spanSeconds: number | null;
    /** What the series `speed` was read from; of a throughput it is the inverse, seconds of whatever was counted. */
    readonly speedFrom: SpeedSource;
  };
  readonly series: readonly SeriesSummary[];
  readonly events: readonly LogEvent[];
  readonly ettr: MeasuredEttr | null;
}
