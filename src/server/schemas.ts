import { z } from '@hono/zod-openapi';

/** The API in zod: what is checked here is what the OpenAPI document says. */

const LARGEST_SEED = 4_294_967_295;
/** An exabyte, more than any step moves; and more draws than any distribution needs. */
const LARGEST_FLOW = 1e18;
const MOST_SEEDS = 10_000;
const MOST_LMC = 7;
/** Plans of a search that are planned whole. */
const MOST_PLANS = 100;
const seed = z.int().min(0).max(LARGEST_SEED).optional().meta({
  description: 'Seed of everything that is drawn at random.',
});
const without = z
  .array(z.string().max(300))
  .max(1000)
  .optional()
  .meta({
    description: 'Parts taken out of the fabric first.',
    example: ['plane:0', 'leaf:p1-leaf003'],
  });
const files = z
  .record(z.string().max(1000), z.string())
  .optional()
  .meta({ description: 'Text of the files that the request names; the server opens none of its own.' });

export const planBody = z
  .strictObject({
    spec: z.union([z.string(), z.record(z.string(), z.unknown())]).meta({
      description: 'The spec: YAML text, or the same as an object (schema/spec.schema.json).',
    }),
    seed,
    without,
    fail: without.meta({ description: 'Parts that break under the running job: ranks stay where they are.' }),
    files,
  })
  .openapi('PlanRequest');

export const adviseBody = planBody.omit({ without: true, fail: true }).openapi('AdviseRequest');

export const routeBody = z
  .strictObject({
    fabric: z.string().meta({ description: 'A fabric in any format of `planewright import`.' }),
    traffic: z.string().max(10_000).optional().meta({
      description: 'As --traffic of the command; all-to-all when left out.',
      example: 'all-to-all:1,same-rail:2',
    }),
    tables: z.array(z.string()).max(64).optional().meta({
      description: "The fabric's tables in use, as OpenSM dumps them: a text a plane.",
    }),
    without,
    seed,
    files,
    repair: z.enum(['few', 'even']).optional().meta({
      description: 'Keep the current tables and change only what is broken: few entries, or even loads.',
    }),
    lmc: z.int().min(0).max(MOST_LMC).optional().meta({ description: 'Tables for 2^lmc LIDs a port.' }),
    valleys: z.enum(['lane', 'omit']).optional().meta({
      description: 'Pairs without an up/down path: down into a leaf and up again, or no entry (lane).',
    }),
    upDown: z.boolean().optional().meta({
      description: 'On wiring that is no tree: order the switches from a root and use every cable.',
    }),
    flowBased: z.boolean().optional().meta({ description: 'Pin a path for each queue pair instead (RoCE).' }),
    backup: z
      .boolean()
      .optional()
      .meta({ description: 'Also what tables for every single failure of a cable or a spine would cost.' }),
  })
  .openapi('RouteRequest');

export const scaleBody = adviseBody
  .extend({
    days: z
      .number()
      .positive()
      .optional()
      .meta({ description: 'Days of training that the reach of each size is for.' }),
  })
  .openapi('ScaleRequest');

export const searchBody = adviseBody
  .extend({
    objective: z.enum(['time', 'cost', 'energy']).optional().meta({
      description: 'What the best plan has least of (time).',
    }),
    top: z.int().min(1).max(MOST_PLANS).optional().meta({
      description: 'Plans that go through the whole pipeline (3).',
    }),
    maxMw: z.number().positive().optional().meta({ description: 'Most that the site may draw, MW.' }),
    byDays: z.number().positive().optional().meta({ description: 'Days that the run may take.' }),
  })
  .openapi('SearchRequest');

export const simulateBody = z
  .strictObject({
    fabric: z.string().meta({ description: 'A fabric in any format of `planewright import`.' }),
    traffic: z.string().max(10_000).optional().meta({
      description: 'As --traffic of the command; permutation when left out.',
    }),
    size: z
      .number()
      .positive()
      .max(LARGEST_FLOW)
      .optional()
      .meta({ description: 'Bytes of a flow of a pattern.' }),
    routing: z.string().max(10_000).optional().meta({
      description: 'As --routing; ecmp,modulo,adaptive,ideal when left out.',
    }),
    seeds: z.int().min(1).max(MOST_SEEDS).optional().meta({ description: 'Draws of what is drawn (5).' }),
    seed,
    without,
    fail: z
      .array(z.string().max(300))
      .max(1000)
      .optional()
      .meta({
        description: 'Parts taken out under way.',
        example: ['link:A-B@3ms'],
      }),
    rerouteAfter: z.number().min(0).optional().meta({
      description: 'Seconds from a failure until flows take another way (0).',
    }),
    fidelity: z.enum(['fluid', 'packet']).optional(),
    top: z
      .int()
      .min(0)
      .max(1000)
      .optional()
      .meta({ description: 'Hot links and suffering flows to name (5).' }),
    files,
  })
  .openapi('SimulateRequest');

/** With the spec itself as the body, the rest of the request stands in the query. */
export const planQuery = z.object({
  seed: z.coerce.number().pipe(z.int().min(0).max(LARGEST_SEED)).optional(),
  without,
});

const issues = z
  .strictObject({
    issues: z.array(
      z.looseObject({
        code: z.string(),
        severity: z.enum(['error', 'warning']),
        path: z.array(z.union([z.string(), z.number()])),
        message: z.string(),
      }),
    ),
  })
  .openapi('Issues');

const problemOf = (description: string) => ({
  description,
  content: { 'application/json': { schema: issues } },
});

const refusals = {
  400: problemOf('The body cannot be read.'),
  401: problemOf('The token is missing or wrong.'),
  403: problemOf('Asked under another name, or by another site.'),
  413: problemOf('The body is too large.'),
  415: problemOf('The body is of another type.'),
  422: problemOf('The input is at fault: every issue at once, with its place.'),
  503: problemOf('Too many requests are waiting; Retry-After says when to try again.'),
  504: problemOf('It took longer than this server allows.'),
};

const STREAM = [
  'With `Accept: text/event-stream` the answer is a stream of events: `progress` {stage, fraction},',
  '`issues` (warnings), and at the end `result` (the text that the plain answer has, line by line) or `failed`',
  '{status, issues}. Closing the connection cancels the work.',
].join(' ');

const plan = {
  method: 'post' as const,
  path: '/api/plan',
  summary: 'Plan a job: what `planewright plan SPEC --json` prints, byte for byte',
  description: STREAM,
  request: {
    query: planQuery,
    body: {
      required: true,
      content: {
        'application/json': { schema: planBody },
        'application/yaml': { schema: { type: 'string' as const, description: 'The spec itself.' } },
      },
    },
  },
  responses: { 200: textOrStream('The plan.', { $ref: '#/components/schemas/Plan' }), ...refusals },
};

const route = {
  method: 'post' as const,
  path: '/api/route',
  summary: 'Tables for a fabric: what `planewright route FABRIC --json` prints, byte for byte',
  description: STREAM,
  request: { body: { required: true, content: { 'application/json': { schema: routeBody } } } },
  responses: {
    200: textOrStream('Loads, bounds and checks of the tables, and of those before.', { type: 'object' }),
    ...refusals,
  },
};

const simulate = {
  method: 'post' as const,
  path: '/api/simulate',
  summary: 'Flows over time: what `planewright simulate FABRIC --json` prints, byte for byte',
  description: STREAM,
  request: { body: { required: true, content: { 'application/json': { schema: simulateBody } } } },
  responses: { 200: textOrStream('Completion times by routing.', { type: 'object' }), ...refusals },
};

const advise = {
  method: 'post' as const,
  path: '/api/advise',
  summary:
    'Every known optimisation tried on a job: what `planewright advise SPEC --json` prints, byte for byte',
  description: STREAM,
  request: { body: { required: true, content: { 'application/json': { schema: adviseBody } } } },
  responses: {
    200: textOrStream('The plan with its advice.', { $ref: '#/components/schemas/Advice' }),
    ...refusals,
  },
};

const scale = {
  method: 'post' as const,
  path: '/api/scale',
  summary: 'Better machines against more of them: what `planewright scale SPEC --json` prints, byte for byte',
  description: STREAM,
  request: { body: { required: true, content: { 'application/json': { schema: scaleBody } } } },
  responses: {
    200: textOrStream('Every size and machine with its ceilings.', { $ref: '#/components/schemas/Scaling' }),
    ...refusals,
  },
};

const search = {
  method: 'post' as const,
  path: '/api/search',
  summary: 'The best parallel plans that fit: what `planewright search SPEC --json` prints, byte for byte',
  description: STREAM,
  request: { body: { required: true, content: { 'application/json': { schema: searchBody } } } },
  responses: {
    200: textOrStream('The plan with its search.', { $ref: '#/components/schemas/Search' }),
    ...refusals,
  },
};

const health = {
  method: 'get' as const,
  path: '/api/health',
  summary: 'Whether the server is there, and how much it has to do',
  responses: {
    200: {
      description: 'It is.',
      content: {
        'application/json': {
          schema: z
            .strictObject({ version: z.string(), running: z.int(), waiting: z.int() })
            .openapi('Health'),
        },
      },
    },
    401: refusals[401],
    403: refusals[403],
  },
};

function textOrStream(description: string, schema: { $ref: string } | { type: 'object' }) {
  return {
    description,
    content: { 'application/json': { schema }, 'text/event-stream': { schema: { type: 'string' as const } } },
  };
}

export const operations = [plan, route, simulate, advise, scale, search, health];
