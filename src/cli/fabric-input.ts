import { createReadStream, existsSync, readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { InvalidArgumentError, Option } from 'commander';
import { issue } from '../base/issue.ts';
import { InputError, type Result } from '../base/result.ts';
import { withIdentities } from '../fabric/identities.ts';
import type { Fabric } from '../fabric/types.ts';
import { withoutParts } from '../fabric/without.ts';
import { type LftTables, readOpensmLfts } from '../formats/opensm-lft-read.ts';
import { readFabric } from '../formats/registry.ts';
import type { Chunks } from '../formats/types.ts';
import { type DemandOptions, type FileRequest, trafficDemands } from '../plan/fabric-job.ts';
import type { TrafficDemand } from '../routing/types.ts';
import { TRAFFIC_VOCABULARY } from '../traffic/request.ts';
import { say } from './context.ts';
import { unreadable, whyUnreadable } from './input.ts';

/** Every command that takes a fabric can take parts out of it. */
export const FABRIC_HELP = 'a fabric file in any format of planewright import, or the folder of a plan';

export const LFTS_HELP =
  'its forwarding tables as OpenSM dumps them, gzipped too: a file a plane, or their folder';

export const WITHOUT_HELP = 'take parts out first: link:A-B, link:A:port, leaf:NAME, spine:NAME, plane:2';

export const TRAFFIC_HELP = `${TRAFFIC_VOCABULARY}; several with priorities: all-to-all:1,same-rail:2`;

/** A seed as the command line gives it. */
export function parseSeed(text: string): number {
  const seed = Number(text);
  if (/^\d+$/.test(text) && seed <= 0xffffffff) return seed;
  throw new InvalidArgumentError('a seed is a whole number from 0 to 4294967295');
}

export const LMC_HELP = 'tables for 2^n LIDs a port (NCCL uses the base LID alone)';

export function parseLmc(text: string): number {
  if (/^[0-7]$/.test(text)) return Number(text);
  throw new InvalidArgumentError('InfiniBand knows an LMC of 0 to 7');
}

/** What becomes of pairs without an up/down path. */
export const valleysOption = (): Option =>
  new Option('--valleys <what>', 'pairs without an up/down path: down into a leaf and up again, or no entry')
    .choices(['lane', 'omit'])
    .default('lane');

/** Enough for every link of any page, and for as many moves as anybody would make by hand. */
const MOST = 100_000;

export function parseCount(text: string): number {
  const count = Number(text);
  if (/^\d+$/.test(text) && count <= MOST) return count;
  throw new InvalidArgumentError(`a whole number from 0 to ${MOST}`);
}

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

/** What `--traffic` names, as flows on this fabric; its files are read from here. */
export async function loadTraffic(
  text: string,
  fabric: Fabric,
  options: Omit<DemandOptions, 'open'>,
): Promise<readonly TrafficDemand[]> {
  return expectValue(await trafficDemands(text, fabric, { ...options, open: openDemand }));
}

/** A plan's folder holds the demand of its step; a fabric alone has none. */
export function usualTraffic(path: string, otherwise: string): string {
  return isFolder(path) ? join(path, 'plan.json') : otherwise;
}

/** The file of a demand, opened. */
export function openDemand(request: FileRequest): { chunks: Chunks; label: string } {
  const file = demandFile(request);
  return { chunks: open(file), label: file };
}

/** A plan's demand between NICs is written beside it: the plan itself holds none. */
function demandFile(request: FileRequest): string {
  if (request.kind !== 'plan') return request.file;
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

/** Tables as a subnet has them: files of a dump, one a plane, or a folder that holds just these. */
export async function loadTables(paths: readonly string[], fabric: Fabric): Promise<LftTables> {
  const files = paths.flatMap((p) => (isFolder(p) ? filesIn(p) : [p]));
  return expectValue(
    await readOpensmLfts(
      files.map((file) => ({ chunks: open(file), label: file })),
      addressable(fabric),
    ),
  );
}

/** A designed fabric has no GUIDs of its own: it gets the ones that its files are written with. */
export function addressable(fabric: Fabric): Fabric {
  return fabric.guid === null ? expectValue(withIdentities(fabric)) : fabric;
}

/** Tables in a folder that `route --out` or `export` wrote, by name. */
function filesIn(folder: string): string[] {
  const names = readdirSync(folder).filter((name) => /lfts?\b.*\.(txt|dump|gz)$|\.lfts(\.gz)?$/.test(name));
  if (names.length > 0) return names.sort().map((name) => join(folder, name));
  throw new InputError([
    issue({
      code: 'no-tables',
      message: `there are no tables in ${folder}`,
      allowed: 'files such as lfts-plane0.txt or lfts.txt',
    }),
  ]);
}
