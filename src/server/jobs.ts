import { advise } from '../advise/advise.ts';
import type { Context } from '../base/context.ts';
import { issue } from '../base/issue.ts';
import { fail, InputError, type Result } from '../base/result.ts';
import type { Catalog } from '../catalog/types.ts';
import { withIdentities } from '../fabric/identities.ts';
import type { Fabric } from '../fabric/types.ts';
import { withUpDownOrder } from '../fabric/up-down-order.ts';
import { withoutParts } from '../fabric/without.ts';
import { readOpensmLfts } from '../formats/opensm-lft-read.ts';
import { readFabric } from '../formats/registry.ts';
import { serialise } from '../numeric/serialise.ts';
import { evaluate } from '../plan/evaluate.ts';
import { type FileRequest, trafficDemands } from '../plan/fabric-job.ts';
import { planJson } from '../plan/library.ts';
import type { Memo } from '../plan/memo.ts';
import { makeTables, pinFlows, routeClashes, summariseBackups } from '../plan/route-job.ts';
import { trafficSchedule } from '../plan/simulate-job.ts';
import { backupJson, flowJson } from '../report/backups.ts';
import { routeJson } from '../report/routes.ts';
import { simulationJson } from '../report/simulate.ts';
import { nextHops } from '../routes/next-hops.ts';
import { scaleReport } from '../scaling/scale.ts';
import { fittingPlan } from '../search/fitting.ts';
import { search } from '../search/run.ts';
import { parseFailures, parseRoutings } from '../simulate/request.ts';
import { simulateTraffic } from '../simulate/simulate.ts';
import type { Routing } from '../simulate/types.ts';
import { placeIssues, readSpec } from '../spec/read.ts';
import type {
  AdviseRequestBody,
  Job,
  Outcome,
  PlanRequestBody,
  RouteRequestBody,
  ScaleRequestBody,
  SearchRequestBody,
  SimulateRequestBody,
} from './types.ts';

/** Names the input in issues, where a command would name its file. */
const SPEC = 'spec';

export interface Surroundings {
  readonly catalog: Catalog;
  readonly memo: Memo;
  readonly contextOf: (seed: number) => Context;
}

/** Does a job as the command of its name does it; the text is the command's, byte for byte. */
export async function perform(job: Job, around: Surroundings): Promise<Outcome> {
  try {
    return await JOBS[job.kind](job.body as never, around);
  } catch (error) {
    if (error instanceof InputError) return fail(error.issues);
    throw error;
  }
}

/** The spec of a request, checked, with the text that its later issues are placed in. */
function specOf({ spec: given, seed, files }: AdviseRequestBody, catalog: Catalog) {
  const text = typeof given === 'string' ? given : JSON.stringify(given);
  const overrides = seed === undefined ? {} : { seed };
  const spec = readSpec(text, SPEC, { read: (name) => fileOf(files, name) }, catalog, overrides);
  return { text, spec: expectValue(spec), issues: spec.issues };
}

async function planJob(body: PlanRequestBody, { catalog, memo, contextOf }: Surroundings): Promise<Outcome> {
  const { text, spec, issues } = specOf(body, catalog);
  const request = { spec, without: body.without ?? [], failed: body.fail ?? [] };
  const options = { memo, fitting: fittingPlan };
  const evaluation = await evaluate(request, contextOf(spec.seed), options);
  const all = [...issues, ...placeIssues(evaluation.issues, text, SPEC)];
  return evaluation.ok ? { ok: true, text: planJson(evaluation.value.plan), issues: all } : fail(all);
}

async function adviseJob(body: AdviseRequestBody, { catalog, contextOf }: Surroundings): Promise<Outcome> {
  const { text, spec, issues } = specOf(body, catalog);
  const found = await advise(spec, contextOf(spec.seed));
  const all = [...issues, ...placeIssues(found.issues, text, SPEC)];
  return found.ok ? { ok: true, text: `${serialise(found.value, 2)}\n`, issues: all } : fail(all);
}

async function scaleJob({ days, ...body }: ScaleRequestBody, around: Surroundings): Promise<Outcome> {
  const { text, spec, issues } = specOf(body, around.catalog);
  const options = days === undefined ? {} : { days };
  const report = await scaleReport({ spec, without: [] }, around.contextOf(spec.seed), options);
  const all = [...issues, ...placeIssues(report.issues, text, SPEC)];
  return report.ok ? { ok: true, text: `${serialise(report.value, 2)}\n`, issues: all } : fail(all);
}

async function searchJob(body: SearchRequestBody, around: Surroundings): Promise<Outcome> {
  const { objective = 'time', top = 3, maxMw = Infinity, byDays = Infinity, ...given } = body;
  const { text, spec, issues } = specOf(given, around.catalog);
  const limits = { power: maxMw * MEGAWATT, runSeconds: byDays * DAY };
  const found = await search(spec, around.contextOf(spec.seed), { objective, top, limits });
  const all = [...issues, ...placeIssues(found.issues, text, SPEC)];
  return found.ok ? { ok: true, text: `${serialise(found.value, 2)}\n`, issues: all } : fail(all);
}

const MEGAWATT = 1_000_000;
const DAY = 86_400;

/** Options as the fields of a request. */
const field = (name: string, value?: string | number): string =>
  value === undefined ? name : `${name}: ${value}`;

async function routeJob(body: RouteRequestBody, { contextOf }: Surroundings): Promise<Outcome> {
  const seed = body.seed ?? 1;
  const context = contextOf(seed);
  const intact = expectValue(await readFabric([bytes(body.fabric)], 'fabric'));
  const damaged = expectValue(withoutParts(intact, body.without ?? []));
  const fabric = body.upDown ? withUpDownOrder(damaged) : damaged;
  const clashes = routeClashes(fabric, body, body.tables !== undefined, field);
  if (clashes.length > 0) return fail(clashes);
  const merge = body.flowBased ? ('when large' as const) : ('always' as const);
  const options = { seed, merge, open: openIn(body.files) };
  const demands = expectValue(await trafficDemands(body.traffic ?? 'all-to-all', fabric, options));
  const current = body.tables === undefined ? null : await tablesOf(body.tables, intact);
  const input = { fabric, intact, hops: nextHops(fabric), demands, current };
  if (body.flowBased)
    return { ok: true, text: `${serialise(flowJson(pinFlows(input, context)), 2)}\n`, issues: [] };
  const { routing, issues } = await makeTables(input, body, context);
  const backups = body.backup ? await summariseBackups(input, routing.byOffset, context) : null;
  const json = { ...routeJson(routing), ...(backups !== null && backupJson(backups, routing.rate)) };
  return { ok: true, text: `${serialise(json, 2)}\n`, issues };
}

/** Intervals of the usage over time, at least: as many as the command asks for. */
const INTERVALS = 12;

async function simulateJob(body: SimulateRequestBody, { contextOf }: Surroundings): Promise<Outcome> {
  const { files, seed = 1, seeds = 5, size, rerouteAfter = 0, fidelity = 'fluid', top = 5 } = body;
  const requests = expectValue(parseRoutings(body.routing ?? 'ecmp,modulo,adaptive,ideal'));
  const failures = expectValue(parseFailures(body.fail ?? []));
  const read = expectValue(await readFabric([bytes(body.fabric)], 'fabric'));
  const fabric = expectValue(withoutParts(read, body.without ?? []));
  const schedule = expectValue(
    await trafficSchedule(body.traffic ?? 'permutation', fabric, { seed, size, open: openIn(files) }),
  );
  const routings: Routing[] = [];
  for (const request of requests) {
    if (request.kind !== 'file') routings.push(request);
    else {
      const [routes] = await tablesOf([expectValue(fileOf(files, request.file))], fabric);
      routings.push({ label: request.label, kind: 'tables', routes: routes! });
    }
  }
  const input = { fabric, schedule, routings, seeds, seed, failures, rerouteAfter, fidelity, top };
  const simulation = await simulateTraffic({ ...input, intervals: INTERVALS }, contextOf(seed));
  if (!simulation.ok) return simulation;
  const text = `${serialise(simulationJson(simulation.value), 2)}\n`;
  return { ok: true, text, issues: simulation.issues };
}

async function tablesOf(texts: readonly string[], fabric: Fabric) {
  const files = texts.map((text, i) => ({ chunks: [bytes(text)], label: `tables[${i}]` }));
  const addressable = fabric.guid === null ? expectValue(withIdentities(fabric)) : fabric;
  return expectValue(await readOpensmLfts(files, addressable)).byOffset;
}

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

/** The demand that a file of the request holds. */
function openIn(files: Files) {
  return ({ file }: FileRequest) => ({ chunks: [bytes(expectValue(fileOf(files, file)))], label: file });
}

type Files = Readonly<Record<string, string>> | undefined;

/** Only what came with the request can be read: no path of this machine is ever opened. */
function fileOf(files: Files, name: string): Result<string> {
  if (files !== undefined && Object.hasOwn(files, name)) return { ok: true, value: files[name]!, issues: [] };
  return fail([
    issue({
      code: 'cannot-read',
      message: `cannot read ${name}: it did not come with the request`,
      hint: 'send its text in the field files, under this name',
    }),
  ]);
}

function expectValue<T>(result: Result<T>): T {
  if (!result.ok) throw new InputError(result.issues);
  return result.value;
}

const JOBS = {
  plan: planJob,
  advise: adviseJob,
  scale: scaleJob,
  search: searchJob,
  route: routeJob,
  simulate: simulateJob,
} as const;
