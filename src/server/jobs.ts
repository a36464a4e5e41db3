import { advise } from '../advise/advise.ts';
import type { Context } from '../base/context.ts';
import { hasErrors, issue } from '../base/issue.ts';
import { fail, InputError, type Result } from '../base/result.ts';
import type { Catalog } from '../catalog/types.ts';
import { withIdentities } from '../fabric/identities.ts';
import type { Fabric } from '../fabric/types.ts';
import { withoutParts } from '../fabric/without.ts';
import { readOpensmLfts } from '../formats/opensm-lft-read.ts';
import { readFabric } from '../formats/registry.ts';
import { serialise } from '../numeric/serialise.ts';
import { evaluate } from '../plan/evaluate.ts';
import { type FileRequest, routingIssues, trafficDemands } from '../plan/fabric-job.ts';
import { planJson } from '../plan/library.ts';
import type { Memo } from '../plan/memo.ts';
import { trafficSchedule } from '../plan/simulate-job.ts';
import { routeJson } from '../report/routes.ts';
import { simulationJson } from '../report/simulate.ts';
import { nextHops } from '../routes/next-hops.ts';
import { routePatterns } from '../routing/patterns.ts';
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
    if (job.kind === 'plan') return await planJob(job.body, around);
    if (job.kind === 'advise') return await adviseJob(job.body, around);
    return await (job.kind === 'route' ? routeJob(job.body, around) : simulateJob(job.body, around));
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
  const evaluation = await evaluate(request, contextOf(spec.seed), { memo });
  const all = [...issues, ...placeIssues(evaluation.issues, text, SPEC)];
  return evaluation.ok ? { ok: true, text: planJson(evaluation.value.plan), issues: all } : fail(all);
}

async function adviseJob(body: AdviseRequestBody, { catalog, contextOf }: Surroundings): Promise<Outcome> {
  const { text, spec, issues } = specOf(body, catalog);
  const found = await advise(spec, contextOf(spec.seed));
  const all = [...issues, ...placeIssues(found.issues, text, SPEC)];
  return found.ok ? { ok: true, text: `${serialise(found.value, 2)}\n`, issues: all } : fail(all);
}

async function routeJob(body: RouteRequestBody, { contextOf }: Surroundings): Promise<Outcome> {
  const seed = body.seed ?? 1;
  const read = expectValue(await readFabric([bytes(body.fabric)], 'fabric'));
  const fabric = expectValue(withoutParts(read, body.without ?? []));
  const options = { seed, merge: 'always' as const, open: openIn(body.files) };
  const demands = expectValue(await trafficDemands(body.traffic ?? 'all-to-all', fabric, options));
  const current = body.tables === undefined ? null : await tablesOf(body.tables, read);
  const input = { fabric, hops: nextHops(fabric), demands, current, intact: read };
  const routing = await routePatterns(input, contextOf(seed));
  const issues = routingIssues(routing);
  return hasErrors(issues)
    ? fail(issues)
    : { ok: true, text: `${serialise(routeJson(routing), 2)}\n`, issues };
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
