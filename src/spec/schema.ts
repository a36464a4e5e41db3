import { z } from 'zod';
import { choice, field, flag, integer, parseInteger, quantity, text } from './fields.ts';
import * as read from './readings.ts';

/**
 * The form of a spec: what may be written where, in which unit. Whether it makes sense together is checked in
 * checks.ts; what is left out is filled in by resolve.ts. Descriptions go into the JSON Schema and into `init`.
 */

const autoInteger = (description: string, max: number) =>
  field(
    { type: ['integer', 'string'] },
    description,
    read.auto((raw) => parseInteger(raw, { max })),
  );

const attention = z
  .strictObject({
    kind: choice('mha, gqa (grouped queries) or mla (latent).', ['mha', 'gqa', 'mla']),
    heads: integer('Query heads.', { max: 100_000 }),
    kvHeads: integer('Key-value heads; as many as query heads when left out.', { max: 100_000 }).optional(),
    headDim: integer(
      'Query and key width of a head (mla: without the rotary part); hidden / heads when left out.',
      { max: 100_000 },
    ).optional(),
    queryRank: integer('mla: rank of the query latent.', { max: 1_000_000 }).optional(),
    kvRank: integer('mla: rank of the key-value latent.', { max: 1_000_000 }).optional(),
    ropeDim: integer('mla: rotary width of a query and key head, on top of headDim.', {
      max: 100_000,
    }).optional(),
    valueDim: integer('mla: width of a value head.', { max: 100_000 }).optional(),
  })
  .meta({ description: 'Attention heads.' });

const ffn = z
  .strictObject({
    kind: choice('gated: three matrices (SwiGLU); plain: two (GELU).', ['gated', 'plain']),
    intermediate: integer('Width of a dense feed-forward layer.', { max: 10_000_000 }),
  })
  .meta({ description: 'The feed-forward part of a dense layer.' });

const experts = z
  .strictObject({
    routed: integer('Routed experts of a layer.', { max: 100_000 }),
    active: integer('Routed experts a token uses.', { max: 100_000 }),
    shared: integer('Experts every token uses.', { min: 0, max: 1_000 }).optional(),
    intermediate: integer('Width of one expert.', { max: 10_000_000 }),
    denseLayers: integer('Leading layers without experts.', { min: 0, max: 10_000 }).optional(),
    nodeLimit: integer('Nodes a token may be sent to, if the model is trained so.').optional(),
  })
  .meta({ description: 'The experts of a layer, of a mixture of experts.' });

const inlineModel = z.strictObject({
  name: text('Name for the report.').optional(),
  layers: integer('Transformer layers.', { max: 10_000 }),
  hidden: integer('Width of the residual stream.', { max: 1_000_000 }),
  vocabulary: integer('Entries of the vocabulary.', { max: 100_000_000 }),
  attention,
  ffn,
  experts: experts.optional(),
  mtp: integer('Multi-token-prediction modules at the end.', { min: 0, max: 100 }).optional(),
  tiedEmbeddings: flag('Input and output embeddings are one matrix.').optional(),
  positions: integer('Learned positions; 0 with rotary embedding.', { min: 0, max: 100_000_000 }).optional(),
});

const training = z.strictObject({
  tokens: integer('Tokens of the whole run.').optional(),
  sequence: integer('Tokens of a sequence.', { max: 1_000_000_000 }).optional(),
  batch: integer('Sequences a step, over the whole cluster.', { max: 1_000_000_000 }).optional(),
  microbatch: integer('Sequences a microbatch and data-parallel rank.', { max: 1_000_000 }).optional(),
  precision: choice('Number format of the matrix products.', ['bf16', 'fp8', 'mxfp8', 'nvfp4']).optional(),
  recompute: choice('Activations computed again in the backward pass.', [
    'none',
    'selective',
    'full',
  ]).optional(),
  attention: choice('fused: scores stay on the chip (FlashAttention); unfused: they go through memory.', [
    'fused',
    'unfused',
  ]).optional(),
  launch: choice(
    'Who launches kernels: the host, one by one (eager, unless given), or CUDA graphs (graph).',
    ['eager', 'graph'],
  ).optional(),
  loss: choice(
    'The loss over the logits: in one kernel (fused, unless given), or in FP32, kernel by kernel.',
    ['fused', 'unfused'],
  ).optional(),
  padding: quantity(
    'ratio',
    'Share of the places of a sequence that are padding: 0 where sequences are packed full.',
    undefined,
    {
      max: 0.99,
    },
  ).optional(),
});

const parallelism = z.strictObject({
  tensor: integer('Ranks that share each matrix.', { max: 1_000_000 }).optional(),
  pipeline: integer('Stages of the pipeline.', { max: 1_000_000 }).optional(),
  expert: integer('Ranks that share the experts of a layer; divides data x tensor.', {
    max: 10_000_000,
  }).optional(),
  data: autoInteger('Data-parallel replicas; auto takes what the GPUs leave.', 10_000_000).optional(),
  context: integer('Ranks that share one sequence.', { max: 1_000_000 }).optional(),
  sequence: flag('Sequence parallelism inside the tensor group.').optional(),
  zero: field(
    { enum: [0, 1, 2, 3] },
    'ZeRO stage: what data-parallel ranks shard (1 optimizer, 2 gradients, 3 parameters).',
    (raw) => parseInteger(raw, { min: 0, max: 3 }),
  ).optional(),
  shard: integer(
    'Data-parallel ranks that share one copy of what ZeRO divides (hybrid sharding): data / shard copies; all of data unless given.',
    { max: 10_000_000 },
  ).optional(),
  schedule: choice('Pipeline schedule.', [
    'gpipe',
    '1f1b',
    'interleaved',
    'zero-bubble',
    'dualpipe',
  ]).optional(),
  virtualStages: integer('Model chunks a pipeline rank, interleaved schedule.', { max: 1_000 }).optional(),
  overlap: choice(
    'Communication beside computation: none, data (gradients, parameters, sends) or all (tensor ranks too).',
    ['none', 'data', 'all'],
  ).optional(),
  order: field(
    { type: 'array', items: { enum: read.DIMENSIONS } },
    'Order of ranks, the fastest varying dimension first.',
    read.parseOrder,
  ).optional(),
});

const traffic = z.strictObject({
  experts: field(
    { type: ['string', 'array'] },
    'How often experts are chosen: uniform, zipf(exponent) or a list of weights.',
    read.parseExperts,
  ).optional(),
  nodeLimit: field(
    { type: ['integer', 'string'] },
    'Nodes a token may be sent to, or none.',
    read.parseNodeLimit,
  ).optional(),
  ecmpSeeds: integer('Hash seeds over which ECMP is reported.', { max: 10_000 }).optional(),
  queuePairs: integer('Queue pairs a connection; ECMP hashes each.', { max: 1_024 }).optional(),
  collective: choice('Algorithm of the collectives; in-network: switches add (SHARP).', [
    'auto',
    'ring',
    'tree',
    'hierarchical',
    'direct',
    'in-network',
  ]).optional(),
});

const transport = choice('Transport of the scale-out network.', ['infiniband', 'roce']);

const generatedNetwork = z.strictObject({
  topology: choice('Shape of the network.', [
    'auto',
    'multi-plane-fat-tree',
    'fat-tree',
    'rail-optimized',
  ]).optional(),
  planes: autoInteger('Independent planes, or auto.', 64).optional(),
  layers: field(
    { enum: [2, 3, 'auto'] },
    'Switch layers, 2 or 3, or auto.',
    read.auto((raw) => parseInteger(raw, { min: 2, max: 3 })),
  ).optional(),
  switch: field(
    { type: 'string' },
    'Ports and rate, such as 64x400G (Gb/s), or a switch of the catalog.',
    read.parseSwitch,
  ).optional(),
  transport: transport.optional(),
  oversubscription: field(
    { type: ['number', 'string', 'object'] },
    'Bandwidth down over bandwidth up of a leaf; {leaf, spine} for both layers of a pod.',
    read.parseOversubscription,
  ).optional(),
  nicPorts: choice('per-nic: each NIC on one plane; per-plane: each NIC has a port on every plane.', [
    'per-nic',
    'per-plane',
  ]).optional(),
  hostsPerLeaf: integer('NIC ports a leaf is filled to, when fewer than fit.', { max: 65_536 }).optional(),
  podEndpoints: integer('NIC ports a pod of a three-layer tree is filled to, when fewer than fit.', {
    max: 100_000_000,
  }).optional(),
  cut: quantity(
    'ratio',
    'Share of the cables between switches that is missing, chosen by the seed.',
    undefined,
    { max: 0.9 },
  ).optional(),
});

const importedNetwork = z.strictObject({
  import: text('File of a fabric that exists.'),
  hosts: field(
    { type: ['string', 'array'] },
    'Hosts of the job in node order: a file with one name a line, or a list.',
    read.parseNames,
  ).optional(),
  rankMap: field(
    { type: ['string', 'array'] },
    'GPU of each rank: a file of numbers, or a list.',
    read.parseRankMap,
  ).optional(),
  transport: transport.optional(),
});

const cluster = z.strictObject({
  node: text('A server of the catalog.'),
  gpus: integer('GPUs of the job.', { max: 10_000_000 }),
  network: z
    .union([importedNetwork, generatedNetwork])
    .optional()
    .meta({ description: 'The scale-out network: what to design, or {import: FILE} for one that exists.' }),
  placement: field(
    { type: ['string', 'array'] },
    'auto, linear, or the GPU of each rank as a list.',
    read.parsePlacement,
  ).optional(),
});

const routing = z.strictObject({
  strategy: choice('How packets find their way.', [
    'hybrid',
    'static',
    'adaptive',
    'ecmp',
    'modulo',
  ]).optional(),
  hotPaths: integer('Paths that hybrid routing may pin.', { min: 0, max: 10_000_000 }).optional(),
});

const time = (description: string, range?: { above?: boolean; min?: number }) =>
  quantity('time', description, 'min', range);
const share = (description: string) => quantity('ratio', description, undefined, { above: true, max: 1 });

const ownRates = z.strictObject({
  name: text('What these machines are called.').optional(),
  gpusPerNode: integer('GPUs of the node that the times are of.', { max: 1_000 }).optional(),
  gpu: time('Mean time between failures of the GPUs of one node.').optional(),
  hbm: time('The same of their memory.').optional(),
  nic: time('The same of its NICs.').optional(),
  link: time('The same of its links to leaves.').optional(),
  switch: time('The same of switches, for each node.').optional(),
  host: time('The same of the host: board, CPU, memory, fans.').optional(),
  storage: time('The same of storage.').optional(),
  power: time('The same of power supplies.').optional(),
  software: time('The same of software, for each node.').optional(),
  maintenance: time('The same of unplanned maintenance.').optional(),
  unknown: time('The same of everything else, or of all together.').optional(),
});

const reliability = z.strictObject({
  failures: z
    .union([text('A fleet of the catalog, or a file that risk fit wrote.'), ownRates])
    .optional()
    .meta({
      description:
        'How often machines break: a fleet of the catalog, a file of risk fit, or mean times of a node.',
    }),
  mttfPerGpu: time(
    'Mean time between failures over the GPUs of a job, in GPU time: the rates of `failures` are scaled to it.',
  ).optional(),
  checkpoint: z
    .strictObject({
      kind: choice('blocking: the write stops the job; async: only the copy to host memory does.', [
        'blocking',
        'async',
      ]).optional(),
      storage: quantity('rate', 'Rate at which a checkpoint is written.', 'TB/s').optional(),
      interval: field(
        { type: 'string' },
        'Time between checkpoints, or auto.',
        read.auto(read.positiveTime),
      ).optional(),
      memory: time('Time between copies in the memory of other nodes; none are kept without it.').optional(),
    })
    .optional()
    .meta({ description: 'How progress is kept.' }),
  detection: time('Time until a failure is noticed, if restart does not count it.', { min: 0 }).optional(),
  restart: time('Time from a failure to training again.', { min: 0 }).optional(),
  queue: time('Time waited for machines at each restart.', { min: 0 }).optional(),
  spares: field(
    { type: ['integer', 'string'] },
    'Nodes kept ready, auto for as many as are needed 99 % of the time, or none.',
    read.parseSpares,
  ).optional(),
  repair: time('Mean time until a broken node is back.').optional(),
  lemons: z
    .strictObject({
      share: share('Share of the nodes that break again and again.'),
      failures: share('Share of all failures that these nodes cause.'),
      after: integer('Failures after which such a node is taken out.', { max: 1_000 }).optional(),
    })
    .optional()
    .meta({ description: 'Few nodes that cause many failures.' }),
  maintenance: z
    .strictObject({ every: time('Time between planned stops.'), lasts: time('Length of one.') })
    .optional()
    .meta({ description: 'Planned stops, each with a checkpoint before it.' }),
  stragglers: z
    .strictObject({
      every: time('Mean time until some node turns slow.'),
      lasts: time('Time until it is found and replaced.'),
      slowdown: quantity('ratio', 'Step time meanwhile over the usual one.', undefined, {
        min: 1,
        max: 1_000,
      }),
    })
    .optional()
    .meta({ description: 'Nodes that hold the others up.' }),
  silent: z
    .strictObject({
      rate: text('Whose rate of silent corruption: a published source of the catalog.').optional(),
      detectors: z
        .array(text('A detector of the catalog.'))
        .max(100)
        .optional()
        .meta({ description: 'What looks for silent corruption.' }),
    })
    .optional()
    .meta({ description: 'Silent data corruption.' }),
  stress: z
    .strictObject({
      thermal: field(
        { type: 'string' },
        "Junctions warmer than the fleet's, such as +10C.",
        read.parseThermal,
      ).optional(),
      model: choice('How failures follow temperature.', ['arrhenius', 'linear']).optional(),
      powerDrops: field({ type: 'string' }, 'Power drops, such as 2/day.', read.parseFrequency).optional(),
      age: time('Time since the machines were installed.', { min: 0 }).optional(),
    })
    .optional()
    .meta({ description: "What raises the rates above the fleet's; nothing without it." }),
});

const prices = z.strictObject({
  gpu: quantity('money', 'A GPU alone.').optional(),
  server: quantity('money', 'A server without its GPUs, NICs included.').optional(),
  switchPort: quantity('money', "A switch, by 400 Gb/s of its ports' rates.").optional(),
  optics: quantity('money', 'Transceivers at both ends of a cable, by 400 Gb/s.').optional(),
  cable: quantity('money', 'The cable itself, by 400 Gb/s.').optional(),
  spares: quantity('ratio', 'Spare parts over the equipment they are for.', undefined, { max: 1 }).optional(),
  storage: quantity('money', 'A petabyte of storage.').optional(),
  building: quantity('money', 'A megawatt of building: shell, power and cooling.').optional(),
  person: quantity('money', 'A year of one of the staff, all in.').optional(),
  maintenance: quantity('ratio', 'Support and repair of a year over the equipment.', undefined, {
    max: 1,
  }).optional(),
});

const facility = z.strictObject({
  pue: quantity('ratio', 'Power of the building over power of the machines.', undefined, {
    min: 1,
    max: 10,
  }).optional(),
  economy: choice('rent: GPU hours are all that is paid; own: what is bought, run and written off.', [
    'rent',
    'own',
  ]).optional(),
  gpuHour: quantity('money', 'Rent of a GPU for an hour.').optional(),
  gpuPrice: quantity('money', 'Price of a GPU with its share of the server.').optional(),
  amortisation: quantity('time', 'Time over which what is owned is written off.', 'y').optional(),
  costOfCapital: quantity('ratio', 'Interest of a year on what is owned.', undefined, { max: 1 }).optional(),
  utilisation: quantity('ratio', 'Share of its hours in which an owned cluster has work.', undefined, {
    above: true,
    max: 1,
  }).optional(),
  staff: integer('People who run an owned cluster.', { min: 0, max: 1_000_000 }).optional(),
  storage: quantity('bytes', 'Storage of an owned cluster.', 'PB').optional(),
  electricity: quantity('energy-price', 'Price of electricity.').optional(),
  grid: text('Where the electricity comes from: a grid of the catalog.').optional(),
  carbon: quantity('carbon', "Carbon of the electricity, instead of a grid's.", 'g/kWh', {}).optional(),
  cap: quantity('power', 'Most that the site may draw.', 'MW').optional(),
  stages: field(
    { type: 'array', items: { type: 'integer' } },
    'GPUs after each stage of the build-out, rising.',
    read.parseBuildStages,
  ).optional(),
  prices: prices.optional().meta({ description: 'Prices of an owned cluster, instead of the catalog’s.' }),
});

export const specSchema = z
  .strictObject({
    name: text('What the plan is called.').optional(),
    seed: integer('Seed of everything that is drawn at random.', { min: 0, max: 4_294_967_295 }).optional(),
    model: z
      .union([text('A model of the catalog, or the file of a Hugging Face config.json.'), inlineModel])
      .meta({
        description: 'What is trained: a model of the catalog, a Hugging Face config.json, or its fields.',
      }),
    training: training.optional().meta({ description: 'The training run.' }),
    parallelism: parallelism
      .optional()
      .meta({ description: 'How the job is split: tensor x pipeline x data x context = GPUs.' }),
    traffic: traffic.optional().meta({ description: 'What the job says to the network.' }),
    cluster: cluster.meta({ description: 'The machines and their network.' }),
    routing: routing.optional().meta({ description: 'How packets find their way.' }),
    reliability: reliability.optional().meta({ description: 'How often it breaks.' }),
    facility: facility.optional().meta({ description: 'What it costs and burns.' }),
    expect: z
      .array(text('path op number, such as routing.ratioToWhole <= 1.02'))
      .max(1_000)
      .optional()
      .meta({ description: 'What the plan must show: a miss is an exit status of 3.' }),
  })
  .meta({ title: 'Planewright spec', description: 'A training job and the cluster it runs on.' });

/** The same with nothing required: what is left of a faulty spec still goes through the checks it can. */
export const partialSchema = specSchema.partial().extend({ cluster: cluster.partial().optional() });

/** A spec as written, units read; what was left out is absent. */
export type RawSpec = z.infer<typeof partialSchema>;
export type RawModel = z.infer<typeof inlineModel>;
export type RawImport = z.infer<typeof importedNetwork>;
export type RawNetwork = z.infer<typeof generatedNetwork>;
export type RawTraining = z.infer<typeof training>;
export type RawParallelism = z.infer<typeof parallelism>;
export type RawTraffic = z.infer<typeof traffic>;
export type RawFacility = z.infer<typeof facility>;
export type RawReliability = z.infer<typeof reliability>;
export type RawRates = z.infer<typeof ownRates>;
