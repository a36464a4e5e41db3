import { join } from 'node:path';
import { type Command, InvalidArgumentError } from 'commander';
import type { Fabric } from '../fabric/types.ts';
import { serialise } from '../numeric/serialise.ts';
import { trafficSchedule } from '../plan/simulate-job.ts';
import { simulationJson, simulationSections } from '../report/simulate.ts';
import { simulationFiles } from '../simulate/files.ts';
import { parseFailures, parseRoutings, ROUTING_VOCABULARY } from '../simulate/request.ts';
import { simulateTraffic } from '../simulate/simulate.ts';
import type { Fidelity, Routing, RoutingRequest } from '../simulate/types.ts';
import { TRAFFIC_VOCABULARY } from '../traffic/request.ts';
import { parseQuantity } from '../units/parse.ts';
import { nodeContext } from './context.ts';
import { draw } from './draw.ts';
import {
  expectValue,
  FABRIC_HELP,
  loadFabric,
  loadTables,
  openDemand,
  parseCount,
  parseSeed,
  usualTraffic,
  WITHOUT_HELP,
} from './fabric-input.ts';
import { loadCatalog } from './load.ts';
import { writeFolder } from './output.ts';

interface Options {
  readonly traffic?: string;
  readonly size?: number;
  readonly routing: string;
  readonly seeds: number;
  readonly seed: number;
  readonly without?: string[];
  readonly fail?: string[];
  readonly rerouteAfter: number;
  readonly fidelity: Fidelity;
  readonly top: number;
  readonly catalog?: string;
  readonly out?: string;
  readonly json?: boolean;
}

/** Intervals of the usage over time, at least. */
const INTERVALS = 12;

export function define(command: Command): void {
  command
    .argument('<fabric>', FABRIC_HELP)
    .option(
      '--traffic <what>',
      `${TRAFFIC_VOCABULARY}; jobs between commas run side by side, steps between > one after the other (14xshift:1, a.csv>200us>b.csv); default: a plan's own, else permutation`,
    )
    .option(
      '--size <bytes>',
      'bytes of a flow, such as 2MB: of patterns (2 MB if not given), of a FLOWS.cm instead of its own',
      parseSize,
    )
    .option(
      '--routing <what>',
      `${ROUTING_VOCABULARY}; several between commas are compared`,
      'ecmp,modulo,adaptive,ideal',
    )
    .option('--seeds <n>', 'draws of what is drawn', parseSeeds, 5)
    .option('--seed <n>', 'of all draws and patterns', parseSeed, 1)
    .option('--without <parts...>', WITHOUT_HELP)
    .option('--fail <parts...>', 'take parts out under way: link:A-B@3ms, leaf:NAME@500us')
    .option('--reroute-after <time>', 'from a failure until flows take another way', parseTime, 0)
    .option(
      '--fidelity <what>',
      'fluid, or packet: with start-up and protocol costs and back-pressure',
      parseFidelity,
      'fluid',
    )
    .option('--top <n>', 'hot links, and flows that suffer, to name', parseCount, 5)
    .option('--catalog <folder>', 'overlay the catalog with the YAML files of a folder')
    .option('--out <folder>', 'also write flows.csv, links.csv and timeline.json (for Perfetto)')
    .option('--json', 'print as JSON')
    .addHelpText('after', EXAMPLES)
    .action(simulate);
}

async function simulate(path: string, options: Options): Promise<void> {
  const requests = expectValue(parseRoutings(options.routing));
  const failures = expectValue(parseFailures(options.fail ?? []));
  const fabric = await loadFabric(path, options.without);
  const { size, seed } = options;
  const schedule = expectValue(
    await trafficSchedule(options.traffic ?? usualTraffic(path, 'permutation'), fabric, {
      seed,
      size,
      open: openDemand,
    }),
  );
  const routings: Routing[] = [];
  for (const request of requests) routings.push(await loadRouting(request, fabric));
  const { seeds, rerouteAfter, fidelity, top } = options;
  const context = nodeContext(loadCatalog(options.catalog), seed);
  const input = { fabric, schedule, routings, seeds, seed, failures, rerouteAfter, fidelity, top };
  const simulation = expectValue(await simulateTraffic({ ...input, intervals: INTERVALS }, context));
  if (options.out !== undefined)
    expectValue(writeFolder(options.out, simulationFiles(fabric, schedule, simulation.outcomes)));
  if (options.json) process.stdout.write(`${serialise(simulationJson(simulation), 2)}\n`);
  else draw(`Simulated: ${fabric.name}`, simulationSections(simulation), nextCommands(options));
}

async function loadRouting(request: RoutingRequest, fabric: Fabric): Promise<Routing> {
  if (request.kind !== 'file') return request;
  const { routes } = await loadTables([request.file], fabric);
  return { label: request.label, kind: 'tables', routes };
}

function parseSize(text: string): number {
  const size = parseQuantity(text, 'bytes', 'MB');
  if (size.ok && size.value > 0) return size.value;
  throw new InvalidArgumentError(
    size.ok ? 'a size is above 0' : `${size.problem.message}; ${size.problem.hint ?? size.problem.allowed}`,
  );
}

function parseTime(text: string): number {
  const time = parseQuantity(text, 'time', 'ms');
  if (time.ok && time.value >= 0) return time.value;
  throw new InvalidArgumentError(
    time.ok ? 'a time is 0 or more' : `${time.problem.message}; ${time.problem.hint ?? time.problem.allowed}`,
  );
}

/** More draws tell nothing new, and each is a whole run. */
const MOST_SEEDS = 1000;

function parseSeeds(text: string): number {
  const count = Number(text);
  if (/^\d+$/.test(text) && count >= 1 && count <= MOST_SEEDS) return count;
  throw new InvalidArgumentError(`a whole number from 1 to ${MOST_SEEDS}`);
}

function parseFidelity(text: string): Fidelity {
  if (text === 'fluid' || text === 'packet') return text;
  throw new InvalidArgumentError('fluid or packet');
}

function nextCommands(options: Options): string {
  return options.out === undefined
    ? 'Try next: --out sim/ writes every flow and link, and a timeline for ui.perfetto.dev'
    : `Try next: open ${join(options.out, 'timeline.json')} in ui.perfetto.dev`;
}

const EXAMPLES = `
Examples:
  planewright simulate fabric.ibnetdiscover --traffic permutation --size 2MB --routing ecmp,static,adaptive,ideal
  planewright simulate tree.topo --traffic flows.cm --routing ecmp --seeds 20 --fidelity packet --out sim/
  planewright simulate plan/ --routing ecmp:4,hybrid:16,lfts.txt --fail link:p0-leaf000-p0-spine00@3ms
  planewright simulate fabric.json --traffic "a.csv,14xshift:1" --json

ecmp hashes every flow to one path (ecmp:4 every one of 4 queue pairs); modulo is the plain rule; static are the tables
that planewright route makes for this traffic; adaptive splits evenly over the live ports; hybrid:16 pins 16 hot paths;
ideal takes all uplinks of a switch as one, which no routing beats. The model: docs/simulation.md.`;
