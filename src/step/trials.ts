import { ensure } from '../base/result.ts';
import type { Catalog, Model } from '../catalog/types.ts';
import type { Parallelism, Training } from '../spec/types.ts';
import { analyseWorkload } from '../workload/analyse.ts';
import { flopsPerToken } from '../workload/architecture.ts';
import { Collectives } from './collectives.ts';
import { communicationTable } from './comm.ts';
import { stepConstants } from './constants.ts';
import { prepareStep } from './evaluator.ts';
import type { PreparedTrial, Trial } from './types.ts';

export function prepareTrial(trial: Trial, catalog: Catalog): PreparedTrial {
  const { model, training, parallelism } = trial;
  const node = ensure(catalog.find('node', trial.node), `node ${trial.node}`);
  const gpu = ensure(catalog.find('gpu', node.gpu), `GPU ${node.gpu}`);
  const workload = analyseWorkload({ model, training, parallelism }, catalog);
  if (!workload.ok) throw new Error(`${trial.id}: ${workload.issues.map((i) => i.message).join('; ')}`);
  const nodeLimit = model.experts?.nodeLimit ?? null;
  const collectives = new Collectives(
    {
      node,
      transport: 'infiniband',
      switchHops: 3,
      traffic: { experts: { kind: 'uniform' }, nodeLimit },
      experts: model.experts,
      seed: 1,
    },
    catalog,
  );
  const table = communicationTable(
    workload.value,
    parallelism,
    (o) => collectives.seconds(o),
    stepConstants(catalog),
  );
  return {
    trial,
    gpu: gpu.kernelsOf ?? gpu.id,
    table,
    run: (efficiency) =>
      prepareStep(model, gpu, catalog, efficiency).evaluate({ training, parallelism }, table),
  };
}

const PLAIN: Parallelism = {
  tensor: 1,
  pipeline: 1,
  expert: 1,
  data: 1,
  context: 1,
  sequence: false,
  zero: 0,
  schedule: '1f1b',
  virtualStages: 1,
  overlap: 'data',
  order: ['tensor', 'context', 'data', 'pipeline'],
};

export const job = (training: Partial<Training>, parallelism: Partial<Parallelism>) => ({
  training: {
    tokens: 1,
    sequence: 2048,
    batch: 1,
    microbatch: 1,
    precision: 'bf16',
    recompute: 'none',
    attention: 'fused',
    loss: 'fused',
    launch: 'eager',
    ...training,
  } as Training,
  parallelism: { ...PLAIN, ...parallelism },
});

/** How Megatron-LM and NeMo lay out a job: what is left of the GPUs are data ranks; sequence parallelism with tensor ranks. */
export function megatron(
  gpus: number,
  cut: { tensor: number; pipeline: number; context?: number; expert?: number },
  virtualStages: number,
): Partial<Parallelism> {
  return {
    ...cut,
    data: gpus / (cut.tensor * cut.pipeline * (cut.context ?? 1)),
    sequence: cut.tensor > 1,
    zero: 1,
    schedule: virtualStages > 1 ? 'interleaved' : '1f1b',
    virtualStages,
    overlap: 'all',
  };
}

/** A step of one GPU on its own: nothing is cut, nothing is sent. */
export function oneGpuTrial(
  id: string,
  node: string,
  model: Model,
  seconds: number,
  training: Partial<Training>,
): Trial {
  return { id, node, model, seconds, ...job(training, {}) };
}

export function gpt(heads: number, hidden: number, layers: number, vocabulary = 51_200): Model {
  return {
    id: 'gpt',
    name: `GPT of ${layers} layers of ${hidden}`,
    layers,
    hidden,
    vocabulary,
    attention: { kind: 'mha', heads, kvHeads: heads, headDim: hidden / heads },
    ffn: { kind: 'plain', intermediate: 4 * hidden },
    mtp: 0,
    tiedEmbeddings: true,
    positions: 2048,
    source: 'the table that publishes it',
    date: '2021',
    confidence: 'published',
  };
}

interface Rows {
  readonly rows: readonly (readonly number[])[];
  readonly names?: readonly string[];
}

/** Weak scaling of Megatron-LM on Selene: unfused attention, full recomputation, interleaved above two stages. */
export function sc21Trials(catalog: Catalog): Trial[] {
  const { rows } = catalog.published('SC21').value as Rows;
  return rows.map((row) => {
    const [size, heads, hidden, layers, tensor, pipeline, , batch, , data, seconds, microbatch, chunks] =
      row as number[];
    return {
      id: `SC21.${size}B`,
      node: 'hgx-a100-8nic',
      model: gpt(heads!, hidden!, layers!),
      seconds: seconds!,
      ...job(
        { batch: batch!, microbatch: microbatch!, recompute: 'full', attention: 'unfused', loss: 'unfused' },
        {
          tensor: tensor!,
          pipeline: pipeline!,
          data: data!,
          schedule: chunks! > 1 ? 'interleaved' : '1f1b',
          virtualStages: chunks!,
          // PyTorch's own data parallelism overlaps; Megatron's, which pipelines need, does not.
          overlap: pipeline === 1 ? 'data' : 'none',
        },
      ),
    };
  });
}

export function korthikantiTrials(catalog: Catalog): Trial[] {
  const { rows, names } = catalog.published('KOR5').value as Required<Rows>;
  return rows.flatMap((row, i) => {
    const [heads, hidden, layers, tensor, pipeline, , batch, microbatch, full, selective, , , chunks] =
      row as number[];
    const of = (recompute: 'full' | 'selective', seconds: number): Trial => ({
      id: `KOR5.${names[i]}.${recompute}`,
      node: 'hgx-a100-8nic',
      model: gpt(heads!, hidden!, layers!),
      seconds,
      ...job(
        { batch: batch!, microbatch: microbatch!, recompute, attention: 'unfused', loss: 'unfused' },
        {
          tensor: tensor!,
          pipeline: pipeline!,
          sequence: recompute === 'selective',
          schedule: chunks! > 1 ? 'interleaved' : '1f1b',
          virtualStages: chunks!,
          overlap: 'none',
        },
      ),
    });
    return [of('full', full!), of('selective', selective!)];
  });
}

/** Llama 3 and DeepSeek cut to a few layers, on one node; Megatron-LM's fusion of the loss keeps its passes in FP32. */
export function b200Trials(catalog: Catalog): Trial[] {
  const { rows } = catalog.published('B200').value as {
    readonly rows: Readonly<Record<string, readonly [number, number]>>;
  };
  const full: Record<string, string> = {
    llama3_70b: 'llama-3.1-70b',
    llama3_405b: 'llama-3.1-405b',
    deepseekv2: 'deepseek-v2',
    deepseekv3: 'deepseek-v3',
  };
  return Object.entries(rows).map(([name, [ms, gib]]) => {
    const number = (key: string, otherwise: number): number =>
      Number(new RegExp(`_${key}(\\d+)`, 'u').exec(name)?.[1] ?? otherwise);
    const known = Object.keys(full).find((k) => name.startsWith(k))!;
    const whole = ensure(catalog.find('model', full[known]!), full[known]!);
    const layers = number('l', 4);
    const experts = whole.experts && {
      ...whole.experts,
      denseLayers: Math.min(1, whole.experts.denseLayers),
    };
    const model: Model = { ...whole, layers, mtp: 0, ...(experts && { experts }) };
    const tensor = number('tp', 1);
    const data = number('dp', 1);
    const pipeline = number('pp', 1);
    return {
      id: `B200.${name}`,
      node: 'hgx-b200',
      model,
      // literal: the units in which the table is published
      seconds: ms / 1e3,
      bytes: gib * 1024 * 1024 * 1024,
      ...job(
        { sequence: number('seq', 4096), batch: number('mbc', 1) * data, loss: 'unfused' },
        {
          tensor,
          pipeline,
          data,
          context: number('cp', 1),
          expert: number('ep', 1),
          sequence: tensor > 1,
          zero: 1,
          overlap: 'none',
        },
      ),
    };
  });
}

/** Shapes of MPT: heads, hidden, layers. */
const MPT: Readonly<Record<string, readonly [number, number, number]>> = {
  '70b': [64, 8192, 80],
  '30b': [56, 7168, 48],
  '13b': [40, 5120, 40],
  '7b': [32, 4096, 32],
  '3b': [20, 2560, 32],
  '1b': [16, 2048, 24],
  '760m': [12, 1536, 24],
  '350m': [16, 1024, 24],
  '125m': [12, 768, 12],
};

export function fsdpTrials(catalog: Catalog): Trial[] {
  const { rows } = catalog.published('FSDP').value as {
    readonly rows: readonly (readonly (string | number | boolean)[])[];
  };
  return rows.map((row) => {
    const [name, sequence, gpus, memory, , microbatch, accumulation, tokens, recomputed] = row as [
      string,
      number,
      number,
      number,
      number,
      number,
      number,
      number,
      boolean,
    ];
    const shape = ensure(MPT[name], `shape of MPT ${name}`);
    const batch = microbatch * accumulation * gpus;
    return {
      id: `FSDP.${name}.${sequence}.${gpus}x${memory}GB${memory === 80 && microbatch === 32 && name === '125m' ? '.b' : ''}`,
      node: memory === 40 ? 'hgx-a100-40gb' : 'hgx-a100-8nic',
      model: { ...gpt(...shape, 50_368), positions: sequence },
      seconds: (batch * sequence) / (tokens * gpus),
      ...job(
        { sequence, batch, microbatch, recompute: recomputed ? 'full' : 'none', loss: 'unfused' },
        { data: gpus, zero: 3 },
      ),
    };
  });
}

export function deepseekTrial(catalog: Catalog): Trial {
  const { step_s } = catalog.published('DSV3.step').value as { readonly step_s: number };
  return {
    id: 'DSV3.step',
    node: 'hgx-h800',
    model: ensure(catalog.find('model', 'deepseek-v3'), 'deepseek-v3'),
    seconds: step_s,
    ...job(
      { sequence: 4096, batch: 15_360, precision: 'fp8', recompute: 'selective', loss: 'unfused' },
      { pipeline: 16, data: 128, expert: 64, zero: 1, schedule: 'dualpipe' },
    ),
  };
}

export function llamaTrials(catalog: Catalog): Trial[] {
  const { rows } = catalog.published('LLAMA3').value as {
    readonly rows: Readonly<Record<string, readonly number[]>>;
  };
  const model = ensure(catalog.find('model', 'llama-3.1-405b'), 'llama-3.1-405b');
  return Object.entries(rows).map(([name, row]) => {
    const [gpus, tensor, context, pipeline, data, sequence, each, teraflops] = row as number[];
    const batch = each! * data!;
    const work = flopsPerToken(model, sequence!).causal * batch * sequence!;
    return {
      id: `LLAMA3.${name}`,
      node: 'hgx-h100',
      model,
      // literal: the unit in which the table is published
      seconds: work / (teraflops! * 1e12 * gpus!),
      ...job(
        { sequence: sequence!, batch, loss: 'unfused' },
        {
          tensor: tensor!,
          context: context!,
          pipeline: pipeline!,
          data: data!,
          sequence: true,
          zero: 2,
          schedule: 'interleaved',
          // 126 layers: one a chunk and rank, but for two ranks.
          virtualStages: 7,
          order: ['tensor', 'context', 'pipeline', 'data'],
        },
      ),
    };
  });
}
