import { createReadStream, existsSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { issue } from '../base/issue.ts';
import { InputError, type Result } from '../base/result.ts';
import { patternFlows } from '../fabric/pattern-flows.ts';
import { railsOf } from '../fabric/rails.ts';
import type { Fabric } from '../fabric/types.ts';
import { withoutParts } from '../fabric/without.ts';
import { readMatrixCsv } from '../formats/matrix-csv.ts';
import { readFabric } from '../formats/registry.ts';
import type { TrafficDemand } from '../routing/types.ts';
import { parseTraffic } from '../traffic/request.ts';
import type { TrafficRequest } from '../traffic/types.ts';
import { say } from './context.ts';
import { unreadable, whyUnreadable } from './input.ts';

/** Every command that takes a fabric can take parts out of it. */
export const WITHOUT_HELP = 'take parts out first: link:A-B, link:A:port, leaf:NAME, spine:NAME, plane:2';

/** The value of a reading, its warnings said; or its issues thrown. */
export function expectValue<T>(result: Result<T>): T {
  if (!result.ok) throw new InputError(result.issues);
  say(result.issues);
  return result.value;
}

/** The bytes of a file as they come, `-` for stdin; an unreadable one is an InputError. */
export function open(path: string): AsyncIterable<Uint8Array> {
  return path === '-' ? process.stdin : fileBytes(path);
}

async function* fileBytes(path: string): AsyncGenerator<Uint8Array> {
  try {
    yield* createReadStream(path) as AsyncIterable<Uint8Array>;
  } catch (error) {
    throw new InputError(unreadable(path, whyUnreadable(error)).issues);
  }
}

/** A fabric in any format that is known, or the folder of a plan; less the parts that are taken out. */
export async function loadFabric(path: string, without: readonly string[] = []): Promise<Fabric> {
  const file = isFolder(path) ? join(path, 'fabric.json') : path;
  const fabric = expectValue(await readFabric(open(file), file));
  return expectValue(withoutParts(fabric, without));
}

export interface DemandOptions {
  readonly seed: number;
  /** Sources below one leaf as one flow where that changes nothing: see patternFlows. */
  readonly merged: boolean;
}

/** What `--traffic` names, as flows on this fabric. Unknown words, unreadable files and misfits all at once. */
export async function loadTraffic(text: string, fabric: Fabric, options: DemandOptions): Promise<TrafficDemand[]> {
  const requests = expectValue(parseTraffic(text));
  const demands: TrafficDemand[] = [];
  const rails = railsOf(fabric);
  for (const request of requests) {
    const { label, priority } = request;
    const flows =
      request.kind === 'pattern'
        ? patternFlows(fabric, rails, request.spec, { ...options, label })
        : await readMatrixCsv(open(matrixOf(request)), matrixOf(request), fabric);
    demands.push({ label, priority, unit: request.kind === 'pattern', flows: expectValue(flows) });
  }
  return demands;
}

/** A plan's demand between NICs is written beside it: the plan itself holds none. */
function matrixOf(request: TrafficRequest & { kind: 'plan' | 'matrix' }): string {
  if (request.kind === 'matrix') return request.file;
  const matrix = join(dirname(request.file), 'traffic-nic.csv');
  if (existsSync(matrix)) return matrix;
  throw new InputError([
    issue({
      code: 'no-demand',
      file: request.file,
      message: `there is no traffic-nic.csv beside ${request.file}, and a plan alone holds no demand`,
      hint: 'planewright plan SPEC --out FOLDER writes both; give FOLDER/plan.json',
    }),
  ]);
}

function isFolder(path: string): boolean {
  return path !== '-' && existsSync(path) && statSync(path).isDirectory();
}
