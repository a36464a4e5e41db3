import type { Catalog, Efficiency, Gpu, Model } from '../catalog/types.ts';
import type { Parallelism, Precision, Training } from '../spec/types.ts';
import { countParameters, flopsPerToken, type ModelParts, modelParts } from '../workload/architecture.ts';
import { spreadLayers } from '../workload/stages.ts';
import type { StageContents } from '../workload/types.ts';
import { breakdownOf } from './breakdown.ts';
import { type StepConstants, stepConstants } from './constants.ts';
import { type Reached, reached } from './efficiency.ts';
import { fitAdvice } from './fit.ts';
import { Kernels } from './kernels.ts';
import { leastSeconds } from './least.ts';
import {
  fullestRank,
  type MemoryConstants,
  type MemoryInput,
  memoryConstants,
  stageMemory,
} from './memory.ts';
import { Parts } from './parts.ts';
import type { Observe, PipelineTimes } from './pipeline.ts';
import { blocks, exposedSums, type How, runSchedule } from './run.ts';
import { beside, type StageWork, stageWork } from './stage.ts';
import { stepsOfRun, tokensOfStep } from './steps.ts';
import type { CommunicationTable, StageMemory, Step, StepJob } from './types.ts';

/**
 * Times of training steps of one model on GPUs of one type. Made once by `prepareStep`, then asked for plan after
 * plan: kernel times are remembered by the few numbers they depend on.
 */
export interface StepEvaluator {
  /**
   * One step of a job that `analyseWorkload` accepts, its schedule simulated, or (for searches) by closed forms, which
   * come within a few per cent. Pure. O(stages + simulated passes).
   */
  evaluate(job: StepJob, table: CommunicationTable, how?: 'simulated' | 'closed'): Step;
  /**
   * A time below which `evaluate` never goes, whatever the schedule's details; without a table, whatever the network.
   * O(stages).
   */
  least(job: StepJob, table?: CommunicationTable): number;
  /** Bytes of the fullest GPU, and those it has. O(stages). */
  memory(job: StepJob): { readonly most: number; readonly capacity: number };
  /** The same passes, told one by one: for a timeline. */
  observe(job: StepJob, table: CommunicationTable, told: Observe): void;
}

const SECONDS_A_DAY = 86_400;
const SECONDS_AN_HOUR = 3600;

export function prepareStep(
  model: Model,
  gpu: Gpu,
  catalog: Catalog,
  efficiency?: Efficiency,
): StepEvaluator {
  return new Evaluator(model, gpu, catalog, efficiency);
}

interface Passes {
  readonly work: StageWork;
  readonly times: PipelineTimes;
  readonly contents: StageContents;
  readonly microbatches: number;
}

class Evaluator implements StepEvaluator {
  readonly #model: Model;
  readonly #parts: ModelParts;
  readonly #reached: Reached;
  readonly #catalog: Catalog;
  readonly #constants: StepConstants;
  readonly #memory: MemoryConstants;
  readonly #byPrecision = new Map<Precision, { kernels: Kernels; parts: Parts }>();
  readonly #contents = new Map<number, StageContents>();

  constructor(model: Model, gpu: Gpu, catalog: Catalog, efficiency?: Efficiency) {
    this.#model = model;
    this.#parts = modelParts(model);
    this.#reached = efficiency === undefined ? reached(gpu, catalog) : { gpu, efficiency, fallback: false };
    this.#catalog = catalog;
    this.#constants = stepConstants(catalog);
    this.#memory = memoryConstants(catalog);
  }

  evaluate(job: StepJob, table: CommunicationTable, how: How = 'simulated'): Step {
    const { training, parallelism: p } = job;
    const passes = this.#passes(job, table, how);
    const { work, times, contents, microbatches } = passes;
    const memory = stageMemory(this.#memoryInput(job, contents));
    const optimizer = this.#optimizer(training, memory, p);
    const reduced = this.#reduced(passes, table, p.overlap);
    const gather = largest(table.gather);
    const tail = largest(table.tail);
    const dataTail = reduced - times.seconds + gather + tail;
    const seconds = reduced + gather + tail + optimizer;
    const sends = this.#sendSeconds(p, microbatches, table.send);
    return this.#step(job, memory, seconds, {
      breakdown: breakdownOf(work, times, p, microbatches, sends, { optimizer, dataTail }),
      work,
    });
  }

  observe(job: StepJob, table: CommunicationTable, told: Observe): void {
    this.#passes(job, table, told);
  }

  least(job: StepJob, table = silence(job.parallelism.pipeline)): number {
    const { work, microbatches } = this.#stages(job, table);
    return leastSeconds(work, job.parallelism, microbatches) + largest(table.gather) + largest(table.tail);
  }

  memory(job: StepJob): { most: number; capacity: number } {
    const most = fullestRank(this.#memoryInput(job, this.#spread(job.parallelism)));
    return { most, capacity: this.#reached.gpu.memoryBytes - this.#memory.reserved };
  }

  #memoryInput({ training, parallelism }: StepJob, contents: StageContents): MemoryInput {
    return {
      model: this.#model,
      parts: this.#parts,
      contents,
      training,
      parallelism,
      constants: this.#memory,
    };
  }

  #passes(job: StepJob, table: CommunicationTable, how: How): Passes {
    const stages = this.#stages(job, table);
    const { contention } = this.#constants;
    const times = runSchedule(stages.work, job.parallelism, stages.microbatches, table.send, contention, how);
    return { ...stages, times };
  }

  /** What the stages do, before the schedule puts it in order. */
  #stages({ training, parallelism: p, skew = 1 }: StepJob, table: CommunicationTable): Omit<Passes, 'times'> {
    const microbatches = training.batch / (p.data * training.microbatch);
    const contents = this.#spread(p);
    const { parts } = this.#tools(training.precision);
    const times = parts.of({
      microbatch: training.microbatch,
      sequence: training.sequence,
      tensor: p.tensor,
      context: p.context,
      sliced: p.sequence,
      expert: p.expert,
      skew: p.expert > 1 ? skew * this.#constants.imbalance : 1,
      recompute: training.recompute,
      attention: training.attention,
      loss: training.loss,
      eager: training.launch !== 'graph',
      precision: training.precision,
    });
    const work = stageWork(times, contents, table, p, this.#constants);
    return { work, contents, microbatches };
  }

  #tools(precision: Precision): { kernels: Kernels; parts: Parts } {
    let tools = this.#byPrecision.get(precision);
    if (tools === undefined) {
      const kernels = new Kernels(this.#reached, precision, this.#catalog);
      tools = { kernels, parts: new Parts(this.#model, kernels, this.#constants) };
      this.#byPrecision.set(precision, tools);
    }
    return tools;
  }

  #spread(p: Parallelism): StageContents {
    const key = p.pipeline * 4096 + p.virtualStages;
    let contents = this.#contents.get(key);
    if (contents === undefined) {
      contents = spreadLayers(this.#model, p.pipeline, p.virtualStages);
      this.#contents.set(key, contents);
    }
    return contents;
  }

  /** Each rank updates the parameters whose optimizer state it holds. */
  #optimizer(training: Training, memory: readonly StageMemory[], p: Parallelism): number {
    const { kernels } = this.#tools(training.precision);
    let most = 0;
    for (let r = 0; r < p.pipeline; r++) most = Math.max(most, memory[r]!.optimizer);
    return kernels.stream((most / this.#memory.optimizer) * this.#constants.optimizer);
  }

  /**
   * When the last rank has reduced its gradients: they travel beside the last backward pass, but those of the layer
   * that is done last.
   */
  #reduced(
    { work, times, contents }: Passes,
    table: CommunicationTable,
    overlap: Parallelism['overlap'],
  ): number {
    const sums = exposedSums(work);
    let last = times.seconds;
    for (let r = 0; r < table.pipeline; r++) {
      const reduce = table.reduce[r]!;
      if (reduce === 0) continue;
      const own = work.layers[r]!;
      const layers = Math.max(1, contents.dense[r]! + contents.moe[r]!);
      const window =
        overlap === 'none'
          ? 0
          : (own.backward + own.weight + own.recompute + sums.backward[r]!) * (1 - 1 / layers);
      const early = reduce * (1 - 1 / layers);
      const shown = reduce - early + beside(early, window, this.#constants.contention);
      last = Math.max(last, times.end[r]! + shown);
    }
    return last;
  }

  /** Seconds in which sends keep a rank from its next pass. */
  #sendSeconds(p: Parallelism, microbatches: number, send: number): number {
    if (p.pipeline === 1 || p.schedule === 'dualpipe' || !blocks(p)) return 0;
    return 2 * microbatches * p.virtualStages * send;
  }

  #step(
    { training, parallelism: p }: StepJob,
    memory: readonly StageMemory[],
    seconds: number,
    { breakdown, work }: { readonly breakdown: Step['breakdown']; readonly work: StageWork },
  ): Step {
    const { gpu, fallback } = this.#reached;
    const model = this.#model;
    const gpus = p.tensor * p.pipeline * p.data * p.context;
    const tokens = training.batch * training.sequence;
    const steps = stepsOfRun(training);
    const flops = flopsPerToken(model, training.sequence);
    const overPeak = (perToken: number): number => (perToken * tokens) / (seconds * gpus * gpu.peak.bf16);
    const sums = exposedSums(work);
    const most = Math.max(...memory.map((m) => m.total));
    const capacity = gpu.memoryBytes - this.#memory.reserved;
    const parameters = countParameters(model);
    const notes: string[] = [];
    if (fallback)
      notes.push(`${gpu.name} has no efficiency tables: a roofline with the catalog's defaults stands in.`);
    if (most > capacity) notes.push(...fitAdvice(model, training, p, most, capacity));
    return {
      seconds,
      tokensPerDay: (tokensOfStep(training) * SECONDS_A_DAY) / seconds,
      steps,
      runSeconds: steps * seconds,
      gpuHours: (steps * seconds * gpus) / SECONDS_AN_HOUR,
      mfu: overPeak(flops.causal),
      mfuNonCausal: overPeak(flops.full),
      hfu: overPeak(flops.full + recomputedFlops(model, training)),
      breakdown,
      memory: {
        capacity,
        fits: most <= capacity,
        stages: memory,
        checkpointBytes: (parameters.total + parameters.mtp) * (this.#memory.weight + this.#memory.optimizer),
      },
      stages: work.layers.map((own, r) => {
        const end = work.ends[r]!;
        return {
          forward: own.forward + end.forward + sums.forward[r]!,
          backward: own.backward + own.recompute + end.backward + sums.backward[r]!,
          weightGradient: own.weight + end.weight,
        };
      }),
      notes,
    };
  }
}

/** FLOPs of a token that are computed again: the layers, or the scores of unfused attention. */
function recomputedFlops(model: Model, training: Training): number {
  const { causal, full } = flopsPerToken(model, training.sequence);
  const scores = (2 * (full - causal)) / 3;
  if (training.recompute === 'full') return full / 3 - 2 * model.hidden * model.vocabulary;
  return training.recompute === 'selective' && training.attention === 'unfused' ? scores : 0;
}

/** A table in which nothing is said. */
function silence(pipeline: number): CommunicationTable {
  const none = new Float64Array(pipeline);
  const phase = { tensor: none, context: none, expert: none, hidden: none };
  return {
    pipeline,
    forward: phase,
    backward: phase,
    send: 0,
    reduce: none,
    gather: none,
    sharded: { forward: none, backward: none, reduce: none },
    tail: none,
  };
}

function largest(values: Float64Array): number {
  let most = 0;
  for (let i = 0; i < values.length; i++) most = Math.max(most, values[i]!);
  return most;
}
