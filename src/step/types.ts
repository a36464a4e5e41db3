/** The plan's `step`: one training step of this job on this cluster. SI throughout. */
export interface Step {
  /** Seconds of one optimizer step. */
  readonly seconds: number;
  readonly tokensPerDay: number;
  /** Of the whole run without failures: steps, seconds, and GPUs * hours. */
  readonly steps: number;
  readonly runSeconds: number;
  readonly gpuHours: number;
  /** Model FLOPs over BF16 peak: lower triangle of attention; full attention; hardware FLOPs, recompute counted. */
  readonly mfu: number;
  readonly mfuNonCausal: number;
  readonly hfu: number;
  readonly breakdown: StepBreakdown;
  readonly memory: StepMemory;
}

/** Seconds of the rank that the step waits for; they add up to `seconds`. */
export interface StepBreakdown {
  readonly forward: number;
  readonly backward: number;
  readonly weightGradient: number;
  readonly recompute: number;
  /** Communication that nothing hides, by dimension ('tensor', 'expert', 'pipeline', ...). */
  readonly exposed: Readonly<Record<string, number>>;
  readonly bubble: number;
  readonly optimizer: number;
  /** Data-parallel communication after the last backward. */
  readonly dataTail: number;
}

export interface StepMemory {
  readonly capacity: number;
  readonly fits: boolean;
  /** By pipeline rank, bytes of one GPU. */
  readonly stages: readonly StageMemory[];
  /** Bytes of a checkpoint of the whole job: weights and optimizer state. */
  readonly checkpointBytes: number;
}

export interface StageMemory {
  readonly weights: number;
  readonly gradients: number;
  readonly optimizer: number;
  readonly activations: number;
  readonly buffers: number;
  readonly total: number;
}
