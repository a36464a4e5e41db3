import { z } from 'zod';
import { parseQuantity } from '../units/parse.ts';
import type { UnitDimension } from '../units/units.ts';
import type {
  Advice,
  Constant,
  Detector,
  Efficiency,
  Fleet,
  Gpu,
  Model,
  NodeShape,
  Published,
  SwitchModel,
} from './types.ts';

/** The form of the catalog's files. Rates and sizes are written with their unit and come out in SI. */

const quantity = (dimension: UnitDimension) =>
  z.unknown().transform((raw, context): number => {
    const parsed = parseQuantity(raw, dimension);
    if (parsed.ok && parsed.value > 0) return parsed.value;
    const message = parsed.ok
      ? 'must be above 0'
      : [parsed.problem.message, parsed.problem.hint].filter(Boolean).join('; ');
    context.addIssue({ code: 'custom', message });
    return z.NEVER;
  });

const count = z.int().min(0);
const positive = z.int().min(1);

const provenance = {
  source: z.string().min(1),
  /** A year may be written as a number. */
  date: z.union([z.string().min(4), z.int().transform(String)]),
  confidence: z.enum(['measured', 'published', 'derived', 'calibrated', 'assumed']),
  note: z.string().exactOptional(),
};

const named = { id: z.string().regex(/^[A-Za-z0-9][\w.-]*$/u), name: z.string().min(1) };

const constant = z
  .strictObject({
    id: named.id,
    value: z.number(),
    unit: z.string().min(1),
    low: z.number().exactOptional(),
    high: z.number().exactOptional(),
    ...provenance,
  })
  .refine(
    (c) => (c.low ?? c.value) <= c.value && c.value <= (c.high ?? c.value),
    'value is not between low and high',
  );

const gpu = z.strictObject({
  ...named,
  kernelsOf: named.id.exactOptional(),
  memoryBytes: quantity('bytes'),
  memoryRate: quantity('rate'),
  peak: z.strictObject({
    bf16: quantity('flops'),
    fp8: quantity('flops').exactOptional(),
    fp4: quantity('flops').exactOptional(),
  }),
  power: quantity('power'),
  ...provenance,
});

const factors = z
  .array(z.tuple([z.number().positive(), z.number().positive().max(1)]))
  .min(1)
  .refine((t) => t.every(([size], i) => i === 0 || size > t[i - 1]![0]), 'sizes must rise');

const efficiency = z.strictObject({
  ...named,
  gemm: z.strictObject({
    bf16: factors,
    fp8: factors.exactOptional(),
    mxfp8: factors.exactOptional(),
    nvfp4: factors.exactOptional(),
  }),
  attention: z.strictObject({ forward: factors, backward: factors }),
  memory: factors,
  scale: z.strictObject({
    gemm: z.number().positive(),
    attention: z.number().positive(),
    memory: z.number().positive(),
  }),
  launch: quantity('time'),
  ...provenance,
});

const node = z.strictObject({
  ...named,
  gpu: z.string(),
  gpus: positive,
  nics: positive,
  nicRate: quantity('rate'),
  scaleUpRate: quantity('rate'),
  scaleUpAchievable: quantity('rate'),
  power: quantity('power').exactOptional(),
  ...provenance,
});

const switchModel = z.strictObject({
  ...named,
  ports: z.int().min(2),
  portRate: quantity('rate'),
  transport: z.enum(['infiniband', 'roce']),
  tableEntries: count,
  policyEntries: count,
  ...provenance,
});

const attention = z.strictObject({
  kind: z.enum(['mha', 'gqa', 'mla']),
  heads: positive,
  kvHeads: positive,
  headDim: positive,
  queryRank: positive.exactOptional(),
  kvRank: positive.exactOptional(),
  ropeDim: positive.exactOptional(),
  valueDim: positive.exactOptional(),
});

const experts = z.strictObject({
  routed: positive,
  active: positive,
  shared: count,
  intermediate: positive,
  denseLayers: count,
  nodeLimit: positive.exactOptional(),
});

const model = z.strictObject({
  ...named,
  layers: positive,
  hidden: positive,
  vocabulary: positive,
  attention,
  ffn: z.strictObject({ kind: z.enum(['gated', 'plain']), intermediate: positive }),
  experts: experts.exactOptional(),
  mtp: count,
  tiedEmbeddings: z.boolean(),
  positions: count,
  ...provenance,
});

const weight = z.number().min(0).exactOptional();
const rate = z.number().positive();

const fleet = z.strictObject({
  ...named,
  gpusPerNode: positive,
  failuresPerNodeDay: rate,
  counts: z.strictObject({
    gpu: weight,
    hbm: weight,
    silent: weight,
    nic: weight,
    link: weight,
    switch: weight,
    network: weight,
    host: weight,
    storage: weight,
    power: weight,
    software: weight,
    maintenance: weight,
    unknown: weight,
  }),
  links: rate.exactOptional(),
  switches: rate.exactOptional(),
  repair: quantity('time').exactOptional(),
  ...provenance,
});

const part = z.number().min(0).max(1);

const detector = z.strictObject({
  ...named,
  recall: part,
  recallRange: z.tuple([part, part]),
  delay: quantity('time'),
  overhead: part,
  overheadRange: z.tuple([part, part]),
  ...provenance,
});

const advice = z.strictObject({
  ...named,
  row: z.enum(['software', 'hardware']),
  column: z.enum(['traditional', 'llm']),
  topic: z.string().min(1),
  assumes: z.string().min(1),
  risk: z.string().min(1),
  quality: z.string().min(1),
  literature: z.string().exactOptional(),
  ...provenance,
});

const published = z.strictObject({
  id: named.id,
  value: z.unknown(),
  unit: z.string().min(1),
  ...provenance,
});

export const schemas = {
  constant: constant satisfies z.ZodType<Constant>,
  gpu: gpu satisfies z.ZodType<Gpu>,
  efficiency: efficiency satisfies z.ZodType<Efficiency>,
  node: node satisfies z.ZodType<NodeShape>,
  switch: switchModel satisfies z.ZodType<SwitchModel>,
  model: model satisfies z.ZodType<Model>,
  fleet: fleet satisfies z.ZodType<Fleet>,
  detector: detector satisfies z.ZodType<Detector>,
  advice: advice satisfies z.ZodType<Advice>,
  published: published satisfies z.ZodType<Published>,
};
