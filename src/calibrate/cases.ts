import type { Context } from '../base/context.ts';
import { ensure } from '../base/result.ts';
import type { Catalog, Published } from '../catalog/types.ts';
import { nemoTrials } from '../step/nemo-trials.ts';
import { b200Trials, deepseekTrial, korthikantiTrials, prepareTrial } from '../step/trials.ts';
import type { Step, Trial } from '../step/types.ts';
import type { ValidationCase } from '../validate/types.ts';
import { deepseekPhases } from './deepseek.ts';
import { type Sensitivity, sensitivity } from './fit.ts';
import { heldOutCases } from './held-out-cases.ts';
import { kernelCases } from './kernel-cases.ts';
import { TRAINING, trainingOf } from './training.ts';

/**
 * Training steps as they were published. Three constants a GPU are fitted to these tables; what is judged is the column
 * 'left out', in which each case is computed with constants fitted to all the others. DeepSeek-V3 ran on H800, of
 * which no other step is known: its constants are those of the H100.
 */
export function trainingCases(catalog: Catalog): readonly ValidationCase[] {
  return [
    ...Object.keys(TRAINING).flatMap((gpu) => fittedCases(gpu, catalog)),
    ...kernelCases(catalog),
    ...heldOutCases(catalog),
    ...nemoB200Cases(catalog),
    ...deepseekCases(catalog),
    ...korthikantiMemory(catalog),
    ...b200Memory(catalog),
  ];
}

/** Largest error of a single case, and of the mean over a table's cases. */
const ALLOWED: Readonly<Record<string, { readonly each: number; readonly mean: number }>> = {
  SC21: { each: 0.1, mean: 0.05 },
  KOR5: { each: 0.07, mean: 0.03 },
  FSDP: { each: 0.35, mean: 0.07 },
  NEMO: { each: 0.15, mean: 0.08 },
  LLAMA3: { each: 0.2, mean: 0.08 },
  B200: { each: 0.12, mean: 0.055 },
};

/** Fits are the same for every case: worked out once a catalog and GPU. */
const known = new WeakMap<Catalog, Map<string, { trials: Trial[]; fit: Sensitivity }>>();

function fitOf(gpu: string, { catalog }: Context): { trials: Trial[]; fit: Sensitivity } {
  const byGpu = known.get(catalog) ?? new Map<string, { trials: Trial[]; fit: Sensitivity }>();
  known.set(catalog, byGpu);
  let found = byGpu.get(gpu);
  if (found === undefined) {
    const weighted = trainingOf(gpu, catalog);
    const efficiency = ensure(catalog.find('efficiency', gpu), `efficiency of ${gpu}`);
    found = { trials: weighted.map((w) => w.trial.trial), fit: sensitivity(weighted, efficiency) };
    byGpu.set(gpu, found);
  }
  return found;
}

function fittedCases(gpu: string, catalog: Catalog): ValidationCase[] {
  return ensure(TRAINING[gpu], gpu).flatMap(({ table, trials }) => {
    const { source } = catalog.published(table);
    const rows = trials(catalog);
    const allowed = ensure(ALLOWED[table], table);
    const note = `three constants of the ${gpu.toUpperCase()} are fitted to all its tables together; 'left out' is without the case`;
    const each = rows.map((trial): ValidationCase => {
      const at = (context: Context): number => fitOf(gpu, context).trials.findIndex((t) => t.id === trial.id);
      return {
        id: trial.id,
        title: `seconds of a step, ${trial.id}`,
        kind: 'prediction',
        published: trial.seconds,
        unit: 's',
        source,
        tolerance: allowed.each,
        note,
        compute: (context) => trial.seconds * Math.exp(fitOf(gpu, context).fit.residuals[at(context)]!),
        computeLeftOut: (context) => trial.seconds * Math.exp(fitOf(gpu, context).fit.leftOut[at(context)]!),
      };
    });
    const mean = (context: Context, of: keyof Sensitivity): number => {
      const { trials: all, fit } = fitOf(gpu, context);
      const errors = all.flatMap((t, i) =>
        t.id.startsWith(`${table}.`) ? [Math.abs(Math.exp(fit[of][i]!) - 1)] : [],
      );
      return errors.reduce((a, b) => a + b, 0) / errors.length;
    };
    return [
      ...each,
      {
        id: `${table}.mean`,
        title: `mean absolute error over the ${rows.length} steps of ${table}`,
        kind: 'prediction',
        published: 0,
        unit: '1',
        source,
        tolerance: allowed.mean,
        compute: (context) => mean(context, 'residuals'),
        computeLeftOut: (context) => mean(context, 'leftOut'),
      },
    ];
  });
}

/** A fourth constant of the B200, the level of its FP8 products, stands on these. */
function nemoB200Cases(catalog: Catalog): ValidationCase[] {
  const { source } = catalog.published('NEMO.B200');
  return nemoTrials(catalog, 'NEMO.B200', 'hgx-b200').map((trial) => ({
    id: trial.id,
    title: `seconds of a step, ${trial.id}`,
    kind: 'calibration',
    published: trial.seconds,
    unit: 's',
    source,
    tolerance: trial.id.endsWith('340B') ? 0.45 : 0.15,
    note: 'one constant, the level of FP8 products, is fitted to all five; the 340B, of few microbatches, stays far off',
    compute: ({ catalog: c }) => prepareTrial(trial, c).run().seconds,
  }));
}

type Figures = Readonly<Record<string, number>>;

function deepseekCases(catalog: Catalog): ValidationCase[] {
  const published = catalog.published('DSV3.step');
  const figures = published.value as Figures;
  const one = (
    key: string,
    tolerance: number,
    unit: string,
    compute: (context: Context) => number,
    note?: string,
  ): ValidationCase => ({
    id: `DSV3.step.${key}`,
    title: `DeepSeek-V3 on 2,048 H800: ${key.replaceAll('_', ' ')}`,
    kind: 'prediction',
    published: ensure(figures[key], key),
    unit,
    source: published.source,
    tolerance,
    note: note ?? 'nothing is fitted to it: kernels of the H100, expert imbalance and permutation as assumed',
    compute,
  });
  const step = ({ catalog: c }: Context): Step => prepareTrial(deepseekTrial(c), c).run();
  const phases = (context: Context): Figures => deepseekPhases(context.catalog);
  const rank = 'of the first pipeline rank; the parameters gathered after the optimizer count with it';
  const points = 1.5;
  return [
    one('step_s', 0.035, 's', (context) => step(context).seconds),
    // literal: thousands of millions, as printed
    one('tokens_per_day_B', 0.035, 'G tokens', (context) => step(context).tokensPerDay / 1e9),
    one('bubble_s', 0.1, 's', (context) => phases(context)['bubble']!, rank),
    one('forward_s', 0.1, 's', (context) => phases(context)['forward']!, rank),
    one('backward_s', 0.1, 's', (context) => phases(context)['backward']!, rank),
    one('weight_s', 0.3, 's', (context) => phases(context)['weight']!, rank),
    one('paired_s', 0.05, 's', (context) => phases(context)['both']!, rank),
    one('mfu_causal_pct', points / figures['mfu_causal_pct']!, '%', (context) => 100 * step(context).mfu),
    one(
      'mfu_non_causal_pct',
      points / figures['mfu_non_causal_pct']!,
      '%',
      (context) => 100 * step(context).mfuNonCausal,
    ),
  ];
}

const GIB = 1024 * 1024 * 1024;

interface MemoryFigures {
  readonly gib: Readonly<
    Record<string, { readonly par_opt: number; readonly act_none: number; readonly act_seqsel: number }>
  >;
  readonly pct_of_none: Readonly<Record<string, Figures>>;
}

/** Activations and state of the first stage with each technique of the paper. */
function korthikantiMemory(catalog: Catalog): ValidationCase[] {
  const published = catalog.published('KORM');
  const { gib, pct_of_none } = published.value as MemoryFigures;
  const stage = (
    context: Context,
    size: string,
    recompute: 'none' | 'selective' | 'full',
    sequence: boolean,
  ) => {
    const trial = ensure(
      korthikantiTrials(context.catalog).find((t) => t.id === `KOR5.${size}.full`),
      size,
    );
    const { training, parallelism } = trial;
    const changed = {
      ...trial,
      training: { ...training, recompute },
      parallelism: { ...parallelism, sequence },
    };
    return prepareTrial(changed, context.catalog).run().memory.stages[0]!;
  };
  const common = { kind: 'prediction', source: published.source, tolerance: 0.03 } as const;
  const note =
    'bytes a parameter of weights, gradients and optimizer are 18 here and in the paper; the figure shows a little less';
  return Object.entries(gib).flatMap(([size, figures]): ValidationCase[] => {
    const none = (context: Context): number => stage(context, size, 'none', false).activations;
    const share = (context: Context, recompute: 'none' | 'selective', sequence: boolean): number =>
      (100 * stage(context, size, recompute, sequence).activations) / none(context);
    const pct = ensure(pct_of_none[size], size);
    return [
      {
        ...common,
        id: `KORM.${size}.none`,
        title: `${size}: activations of the first stage, nothing recomputed`,
        published: figures.act_none,
        unit: 'GiB',
        compute: (context) => none(context) / GIB,
      },
      {
        ...common,
        id: `KORM.${size}.sequence_selective`,
        title: `${size}: activations, sequence parallelism and selective recomputation`,
        published: figures.act_seqsel,
        unit: 'GiB',
        compute: (context) => stage(context, size, 'selective', true).activations / GIB,
      },
      {
        ...common,
        id: `KORM.${size}.sequence`,
        title: `${size}: activations with sequence parallelism, of those without`,
        published: ensure(pct['seq'], size),
        unit: '%',
        compute: (context) => share(context, 'none', true),
      },
      {
        ...common,
        id: `KORM.${size}.selective`,
        title: `${size}: activations with selective recomputation, of those without`,
        published: ensure(pct['sel'], size),
        unit: '%',
        compute: (context) => share(context, 'selective', false),
      },
      {
        ...common,
        id: `KORM.${size}.state`,
        title: `${size}: weights, gradients and optimizer of the first stage`,
        published: figures.par_opt,
        unit: 'GiB',
        tolerance: 0.12,
        note,
        compute: (context) => {
          const { weights, gradients, optimizer } = stage(context, size, 'none', false);
          return (weights + gradients + optimizer) / GIB;
        },
      },
    ];
  });
}

function b200Memory(catalog: Catalog): ValidationCase[] {
  const published: Published = catalog.published('B200');
  const rows = b200Trials(catalog);
  const most = (trial: Trial, { catalog: c }: Context): number =>
    Math.max(
      ...prepareTrial(trial, c)
        .run()
        .memory.stages.map((m) => m.total),
    );
  const common = { kind: 'prediction', source: published.source } as const;
  const error = (trial: Trial, context: Context): number =>
    Math.abs(most(trial, context) / ensure(trial.bytes, 'bytes') - 1);
  return [
    ...rows.map(
      (trial): ValidationCase => ({
        ...common,
        id: `B200.memory${trial.id.slice('B200'.length)}`,
        title: `memory of the fullest GPU, ${trial.id}`,
        published: ensure(trial.bytes, 'bytes') / GIB,
        unit: 'GiB',
        tolerance: 0.05,
        compute: (context) => most(trial, context) / GIB,
      }),
    ),
    {
      ...common,
      id: 'B200.memory.mean',
      title: `mean absolute error of the memory of ${rows.length} runs`,
      published: 0,
      unit: '1',
      tolerance: 0.03,
      compute: (context) => rows.reduce((sum, t) => sum + error(t, context), 0) / rows.length,
    },
  ];
}
