import { type Command, Option } from 'commander';
import { type Issue, issue } from '../base/issue.ts';
import { InputError } from '../base/result.ts';
import type { Fabric } from '../fabric/types.ts';
import { withUpDownOrder } from '../fabric/up-down-order.ts';
import { withoutParts } from '../fabric/without.ts';
import { serialise } from '../numeric/serialise.ts';
import { makeTables, type OptionName, type RouteChoices, routeClashes } from '../plan/route-job.ts';
import { backupJson, backupSection } from '../report/backups.ts';
import { routeJson, routeSections } from '../report/routes.ts';
import { nextHops } from '../routes/next-hops.ts';
import type { PatternRouting } from '../routing/types.ts';
import { formatSeconds } from '../units/format.ts';
import { type WrittenBackups, writeBackups } from './backups.ts';
import { nodeContext, say } from './context.ts';
import { draw } from './draw.ts';
import {
  expectValue,
  FABRIC_HELP,
  LMC_HELP,
  loadFabric,
  loadTables,
  loadTraffic,
  parseLmc,
  parseSeed,
  TRAFFIC_HELP,
  valleysOption,
  WITHOUT_HELP,
} from './fabric-input.ts';
import { routeFlows } from './flow-based.ts';
import { loadCatalog } from './load.ts';
import { isJson, writeTables } from './route-output.ts';

interface Options {
  readonly traffic: string;
  readonly out?: string;
  readonly tables?: string[];
  readonly without?: string[];
  readonly repair?: true | 'few' | 'even';
  readonly backup?: string;
  readonly lmc?: number;
  readonly valleys: 'lane' | 'omit';
  readonly flowBased?: boolean;
  readonly upDown?: boolean;
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
    .option(
      '--tables <files...>',
      "the fabric's current tables, to compare with and to repair (a file a plane)",
    )
    .option('--without <parts...>', WITHOUT_HELP)
    .addOption(
      new Option(
        '--repair [how]',
        "keep the current tables and change only what is broken: few entries (the default), or 'even' loads",
      ).choices(['few', 'even']),
    )
    .option('--backup <folder>', 'also write the tables for every single failure of a cable or a spine')
    .option('--lmc <n>', LMC_HELP, parseLmc)
    .addOption(valleysOption())
    .option('--up-down', 'on wiring that is no tree: order the switches from a root and use every cable')
    .option('--flow-based', 'pin a path for each queue pair instead (RoCE; --out takes a name in .json)')
    .option('--seed <n>', 'of the patterns that are drawn', parseSeed, 1)
    .option('--json', 'print as JSON')
    .addHelpText('after', EXAMPLES)
    .action(route);
}

async function route(path: string, options: Options): Promise<void> {
  const intact = await loadFabric(path);
  const damaged = expectValue(withoutParts(intact, options.without ?? []));
  const fabric = options.upDown ? withUpDownOrder(damaged) : damaged;
  const choices = choicesOf(options);
  refuseImpossible(fabric, options, choices);
  const context = nodeContext(loadCatalog(), options.seed);
  const hops = nextHops(fabric);
  const merge = options.flowBased ? 'when large' : 'always';
  const demands = await loadTraffic(options.traffic, fabric, { seed: options.seed, merge });
  const { tables } = options;
  const current = tables === undefined ? null : (await loadTables(tables, intact)).byOffset;
  const input = { fabric, intact, hops, demands, current };
  if (options.flowBased) return routeFlows(input, options, context);
  const { routing, issues } = await makeTables(input, choices, context);
  process.stderr.write(`tables made in ${formatSeconds(routing.tableSeconds)}\n`);
  say(issues);
  const lmc = Math.log2(routing.byOffset.length);
  const { valleys } = options;
  if (options.out !== undefined) writeTables(fabric, routing.byOffset, { out: options.out, lmc, valleys });
  const backups =
    options.backup === undefined
      ? null
      : await writeBackups(
          options.backup,
          { fabric, hops, byOffset: routing.byOffset, lmc, valleys },
          context,
        );
  if (options.out === '-') return;
  print(path, options, fabric, routing, backups);
}

function choicesOf({ lmc, valleys, repair, backup, upDown, flowBased }: Options): RouteChoices {
  const how = repair === true ? 'few' : repair;
  return { lmc, valleys, repair: how, backup: backup !== undefined, upDown, flowBased };
}

function print(
  path: string,
  options: Options,
  fabric: Fabric,
  routing: PatternRouting,
  backups: WrittenBackups | null,
): void {
  if (options.json) {
    const json = {
      ...routeJson(routing),
      ...(backups !== null && backupJson(backups.summaries, routing.rate)),
    };
    process.stdout.write(`${serialise(json, 2)}\n`);
    return;
  }
  const more = backups === null ? [] : [backupSection(backups.summaries, routing.rate, backups.notes)];
  draw(`Routed: ${fabric.name}`, [...routeSections(routing), ...more], nextCommands(path, options));
}

/** What the transport, or the options together, cannot do: all of it at once. */
function refuseImpossible(fabric: Fabric, { out, tables }: Options, choices: RouteChoices): void {
  const issues: Issue[] = [];
  const roce = fabric.transport !== 'infiniband';
  if (roce && out !== undefined && !isJson(out))
    issues.push(
      issue({
        code: 'transport-cannot',
        message: `${fabric.name} is RoCE: its switches have no forwarding tables by LID for OpenSM to load`,
        found: `--out ${out}`,
        hint: 'give a name that ends in .json for the routes by switch, destination and port',
      }),
    );
  if (!roce && choices.lmc !== undefined && out !== undefined && isJson(out))
    issues.push(
      issue({
        code: 'no-such-text',
        message: 'routes in JSON are those of the base LIDs',
        found: `--lmc ${choices.lmc}`,
        hint: 'give --out a name in .txt',
      }),
    );
  const name: OptionName = (option, value) => {
    const written = `--${option.replace(/[A-Z]/g, (c) => `-${c.toLowerCase()}`)}`;
    return value === undefined ? written : `${written} ${value}`;
  };
  issues.push(...routeClashes(fabric, choices, tables !== undefined, name));
  if (issues.length > 0) throw new InputError(issues);
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
  planewright route fabric.ibnetdiscover --tables lfts.txt --without link:leaf3-spine2 --repair --out now.txt
  planewright route fabric.ibnetdiscover --out lfts.txt --backup backups/
  planewright route roce.json --traffic permutation --flow-based --out pins.json

One set of tables for all the traffics named; a priority (after the colon) weighs a traffic's ratio to its bound.
Loads are those of the busiest link between switches: pairs for a pattern (one unit for every ordered pair of NICs,
counted at the rate of most links), else seconds at line rate. OpenSM loads the file with -R file -U lfts.txt;
that replaces its own routing engine, adaptive routing included.`;
