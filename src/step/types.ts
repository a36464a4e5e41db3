import type { Efficiency, Model } from '../catalog/types.ts';
import type { Parallelism, Training } from '../spec/types.ts';

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
  /** By pipeline rank, seconds of one microbatch: what the schedule is made of. */
  readonly stages: readonly StageSeconds[];
  /** Sentences: what was assumed, and what to change where it does not fit. */
  readonly notes: readonly string[];
}

/** Seconds of the rank that the step waits for; they add up to `seconds`. */
export interface StepBreakdown {
  readonly forward: number;
  readonly backward: number;
  readonly weightGradient: number;
  readonly recompute: number;
  /** Communication that nothing hides, by dimension. */
  readonly exposed: ExposedSeconds;
  readonly bubble: number;
  readonly optimizer: number;
  /** Data-parallel communication after the last backward. */
  readonly dataTail: number;
}

export interface ExposedSeconds {
  readonly tensor: number;
  readonly context: number;
  readonly expert: number;
  readonly pipeline: number;
  /** Parameters and gradients of ZeRO 3 within the passes. */
  readonly data: number;
}

/** One microbatch on one pipeline rank (DualPipe: the mean of its two stages), exposed communication included. */
export interface StageSeconds {
  readonly forward: number;
  /** Gradients of inputs, with what is recomputed for them. */
  readonly backward: number;
  readonly weightGradient: number;
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

/** What of a job a step depends on, besides its model and the node it runs on. */
export interface StepJob {
  readonly training: Training;
  readonly parallelism: Parallelism;
  /** Tokens of the busiest expert rank over the mean, where experts are not equally popular (default 1). */
  readonly skew?: number;
}

/**
 * Seconds of communication by pipeline rank, as the network gives them: what a step needs to know of a fabric.
 * Arrays have length `pipeline`; those of a phase are a microbatch's, the others a step's.
 */
export interface CommunicationTable {
  readonly pipeline: number;
  /** Nothing hides these: activations of tensor ranks, and experts but under DualPipe. */
  readonly forward: PhaseCommunication;
  readonly backward: PhaseCommunication;
  /** One pipeline send. */
  readonly send: number;
  /** Data ranks, once a step: gradients (beside the last backward), parameters (after the optimizer). */
  readonly reduce: Float64Array;
  readonly gather: Float64Array;
  /** ZeRO 3, a microbatch: parameters forward, parameters backward, gradients; beside the layers' work. */
  readonly sharded: {
    readonly forward: Float64Array;
    readonly backward: Float64Array;
    readonly reduce: Float64Array;
  };
  /** After the last backward, once a step: what stages or tensor ranks share, the copies of DualPipe. */
  readonly tail: Float64Array;
}

export interface PhaseCommunication {
  readonly tensor: Float64Array;
  readonly context: Float64Array;
  readonly expert: Float64Array;
  /** Tensor ranks' gathers that run beside the gradients of inputs. */
  readonly hidden: Float64Array;
}

/** One published training step: the job as it was run, on which node, and what was measured. */
export interface Trial {
  /** Such as 'KOR5.175B.full'. */
  readonly id: string;
  readonly node: string;
  readonly model: Model;
  readonly training: Training;
  readonly parallelism: Parallelism;
  /** Measured seconds of a step; bytes of the fullest GPU where they are known. */
  readonly seconds: number;
  readonly bytes?: number;
}

/** Everything of a trial that does not depend on what kernels reach. */
export interface PreparedTrial {
  readonly trial: Trial;
  readonly gpu: string;
  readonly table: CommunicationTable;
  /** The step, with the catalog's efficiency of the GPU or a given one. */
  run(efficiency?: Efficiency): Step;
}
