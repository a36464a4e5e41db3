import { join } from 'node:path';
import type { Command } from 'commander';
import { hasErrors, issue } from '../base/issue.ts';
import { InputError } from '../base/result.ts';
import { withIdentities } from '../fabric/identities.ts';
import type { Fabric } from '../fabric/types.ts';
import { writeOpensmLft } from '../formats/opensm-lft.ts';
import { writeRoutesJson } from '../formats/routes-json.ts';
import { serialise } from '../numeric/serialise.ts';
import { routingIssues } from '../plan/fabric-job.ts';
import { routeJson, routeSections } from '../report/routes.ts';
import { nextHops } from '../routes/next-hops.ts';
import { routePatterns } from '../routing/patterns.ts';
import type { PatternRouting } from '../routing/types.ts';
import { formatSeconds } from '../units/format.ts';
import { nodeContext, say } from './context.ts';
import { draw } from './draw.ts';
import {
  expectValue,
  FABRIC_HELP,
  loadFabric,
  loadTables,
  loadTraffic,
  parseSeed,
  TRAFFIC_HELP,
  WITHOUT_HELP,
} from './fabric-input.ts';
import { loadCatalog } from './load.ts';
import { writeFile, writeFolder } from './output.ts';

interface Options {
  readonly traffic: string;
  readonly out?: string;
  readonly tables?: string[];
  readonly without?: string[];
  readonly seed: number;
  readonly json?: boolean;
}

export function define(command: Command): void {
  command
    .argument('<fabric>', FABRIC_HELP)
    .option('--traffic <what>', TRAFFIC_HELP, 'all-to-all')
    .option(
      '--out <file>',
      "write the tables: OpenSM's text, or Planewright's routes where the name ends in .json; a folder where there are several planes",
    )
    .option('--tables <files...>', "the fabric's current tables, to compare with (a file a plane)")
    .option('--without <parts...>', WITHOUT_HELP)
    .option('--seed <n>', 'of the patterns that are drawn', parseSeed, 1)
    .option('--json', 'print as JSON')
    .addHelpText('after', EXAMPLES)
    .action(route);
}

async function route(path: string, options: Options): Promise<void> {
  const fabric = await loadFabric(path, options.without);
  refuseImpossible(fabric, options.out);
  const demands = await loadTraffic(options.traffic, fabric, { seed: options.seed, merge: 'always' });
  const current = options.tables === undefined ? null : (await loadTables(options.tables, fabric)).routes;
  const context = nodeContext(loadCatalog(), options.seed);
  const routing = await routePatterns({ fabric, hops: nextHops(fabric), demands, current }, context);
  process.stderr.write(`tables made in ${formatSeconds(routing.tableSeconds)}\n`);
  judge(routing);
  if (options.out !== undefined) writeTables(fabric, routing, options.out);
  if (options.out === '-') return;
  if (options.json) process.stdout.write(`${serialise(routeJson(routing), 2)}\n`);
  else draw(`Routed: ${fabric.name}`, routeSections(routing), nextCommands(path, options));
}

/** A forwarding table by LID is InfiniBand's; an Ethernet switch takes host routes, which routes.json holds. */
function refuseImpossible(fabric: Fabric, out: string | undefined): void {
  if (fabric.transport === 'infiniband' || out === undefined || isJson(out)) return;
  throw new InputError([
    issue({
      code: 'transport-cannot',
      message: `${fabric.name} is RoCE: its switches have no forwarding tables by LID for OpenSM to load`,
      found: `--out ${out}`,
      hint: 'give a name that ends in .json for the routes by switch, destination and port',
    }),
  ]);
}

/** Tables that a switch cannot hold are refused; gaps are said. */
function judge(routing: PatternRouting): void {
  const issues = routingIssues(routing);
  if (hasErrors(issues)) throw new InputError(issues);
  say(issues);
}

const isJson = (name: string): boolean => /\.json$/i.test(name);

function writeTables(fabric: Fabric, { after }: PatternRouting, out: string): void {
  if (isJson(out)) {
    expectValue(writeFile(out, writeRoutesJson(fabric, after.routes)));
    return;
  }
  const identified = expectValue(withIdentities(fabric));
  const text = (plane: number): Iterable<string> =>
    expectValue(writeOpensmLft(identified, [after.routes], { plane }));
  if (fabric.planes === 1) {
    expectValue(writeFile(out, text(0)));
    return;
  }
  const files = Array.from({ length: fabric.planes }, (_, plane) => ({
    name: `lfts-plane${plane}.txt`,
    chunks: text(plane),
  }));
  const written = expectValue(writeFolder(out, files));
  process.stderr.write(`one subnet manager a plane: ${written.map((w) => join(w)).join(', ')}\n`);
}

function nextCommands(path: string, { out, traffic }: Options): string {
  if (out === undefined || isJson(out))
    return `Try next:\n  planewright route ${path} --traffic ${traffic} --out lfts.txt`;
  return [
    'Try next:',
    `  planewright verify ${path} ${out} --traffic ${traffic}`,
    `  planewright profile ${path} ${out} --traffic ${traffic}`,
  ].join('\n');
}

const EXAMPLES = `
Examples:
  planewright route fabric.ibnetdiscover --traffic all-to-all --out lfts.txt
  planewright route fabric.ibnetdiscover --traffic all-to-all:1,same-rail:2 --tables current.lfts --out lfts.txt
  planewright route fabric.json --traffic plan/plan.json --without spine:spine03 --out lfts.txt

One set of tables for all the traffics named; a priority (after the colon) weighs a traffic's ratio to its bound.
Loads are those of the busiest link between switches: pairs for a pattern (one unit for every ordered pair of NICs,
counted at the rate of most links), else seconds at line rate. OpenSM loads the file with -R file -U lfts.txt;
that replaces its own routing engine, adaptive routing included.`;
