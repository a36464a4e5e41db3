import { type Command, Option } from 'commander';
import type { Context } from '../base/context.ts';
import { hasErrors, type Issue, issue } from '../base/issue.ts';
import { InputError } from '../base/result.ts';
import type { Fabric } from '../fabric/types.ts';
import { levelCables, withUpDownOrder } from '../fabric/up-down-order.ts';
import { withoutParts } from '../fabric/without.ts';
import { serialise } from '../numeric/serialise.ts';
import { routingIssues } from '../plan/fabric-job.ts';
import { backupJson, backupSection } from '../report/backups.ts';
import { routeJson, routeSections } from '../report/routes.ts';
import { nextHops } from '../routes/next-hops.ts';
import type { NextHops } from '../routes/types.ts';
import { routePatterns } from '../routing/patterns.ts';
import type { PatternRouting, TrafficDemand } from '../routing/types.ts';
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
  refuseImpossible(fabric, options);
  const context = nodeContext(loadCatalog(), options.seed);
  const hops = nextHops(fabric);
  const merge = options.flowBased ? 'when large' : 'always';
  const demands = await loadTraffic(options.traffic, fabric, { seed: options.seed, merge });
  if (options.flowBased) return routeFlows({ fabric, hops, demands, ...options }, context);
  const routing = await makeTables(intact, fabric, hops, demands, options, context);
  process.stderr.write(`tables made in ${formatSeconds(routing.tableSeconds)}\n`);
  refuseNoTree(fabric, routing);
  judge(routing);
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

async function makeTables(
  intact: Fabric,
  fabric: Fabric,
  hops: NextHops,
  demands: readonly TrafficDemand[],
  { tables, repair, lmc, valleys, upDown }: Options,
  context: Context,
): Promise<PatternRouting> {
  const current = tables === undefined ? null : (await loadTables(tables, intact)).byOffset;
  const choices = { lmc: lmc ?? 0, valleys, repair: repair === true ? 'few' : (repair ?? null) } as const;
  const ordered = upDown ?? false;
  return routePatterns({ fabric, hops, demands, current, intact, choices, ordered }, context);
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

/** Tables with pairs that only cables outside the tree join would have holes. */
function refuseNoTree(fabric: Fabric, { after }: PatternRouting): void {
  const level = levelCables(fabric);
  if (after.verification.unreachablePairs === 0 || level === 0) return;
  throw new InputError([
    issue({
      code: 'no-tree',
      message: `the wiring of ${fabric.name} is no tree: ${level} cables join switches of one tier, and ${after.verification.unreachablePairs} pairs have no up/down path`,
      hint: 'give --up-down: switches are ordered from a root, every cable is used, and nothing can deadlock',
    }),
  ]);
}

/** What the transport, or the options together, cannot do: all of it at once. */
function refuseImpossible(fabric: Fabric, options: Options): void {
  const { out, backup, lmc, tables, repair, flowBased, upDown } = options;
  const issues: Issue[] = [];
  const roce = fabric.transport !== 'infiniband';
  const add = (code: string, message: string, found: string, hint: string): void => {
    issues.push(issue({ code, message, found, hint }));
  };
  const noTables = `${fabric.name} is RoCE: its switches have no forwarding tables by LID for OpenSM to load`;
  if (roce && out !== undefined && !isJson(out))
    add(
      'transport-cannot',
      noTables,
      `--out ${out}`,
      'give a name that ends in .json for the routes by switch, destination and port',
    );
  if (roce && backup !== undefined)
    add(
      'transport-cannot',
      noTables,
      `--backup ${backup}`,
      'RoCE switches route around a dead port by themselves',
    );
  if (roce && lmc !== undefined)
    add('transport-cannot', `${fabric.name} is RoCE: it has no LIDs`, `--lmc ${lmc}`, 'leave --lmc out');
  if (!roce && lmc !== undefined && out !== undefined && isJson(out))
    add(
      'no-such-text',
      'routes in JSON are those of the base LIDs',
      `--lmc ${lmc}`,
      'give --out a name in .txt',
    );
  if (repair !== undefined && tables === undefined)
    add('no-tables', 'there are no tables to repair', '--repair', 'give the current tables: --tables FILE');
  if (repair !== undefined && lmc !== undefined)
    add(
      'options-clash',
      'a repair keeps the LIDs of the current tables',
      `--lmc ${lmc}`,
      'leave one of them out',
    );
  if (upDown && (lmc !== undefined || tables !== undefined || backup !== undefined))
    add(
      'options-clash',
      'on wiring that is no tree there are plain tables only',
      '--up-down with --lmc, --tables or --backup',
      'leave them out',
    );
  const clash = Object.entries({ tables, repair, backup, lmc }).filter(([, value]) => value !== undefined);
  if (flowBased && clash.length > 0)
    add(
      'options-clash',
      'flow-based routing pins paths: there are no tables by destination to choose',
      clash.map(([name]) => `--${name}`).join(', '),
      'leave them out, or leave out --flow-based',
    );
  if (issues.length > 0) throw new InputError(issues);
}

/** Tables that a switch cannot hold are refused; gaps are said. */
function judge(routing: PatternRouting): void {
  const issues = routingIssues(routing);
  if (hasErrors(issues)) throw new InputError(issues);
  say(issues);
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
