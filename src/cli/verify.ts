import { type Command, InvalidArgumentError } from 'commander';
import { serialise } from '../numeric/serialise.ts';
import { profileTables } from '../profile/tables.ts';
import { verifyJson, verifySections, wrongText } from '../report/verify.ts';
import { nextHops } from '../routes/next-hops.ts';
import { checkSubnet } from '../routing/subnet.ts';
import { usualRate } from '../routing/table-judge.ts';
import { draw } from './draw.ts';
import {
  FABRIC_HELP,
  LFTS_HELP,
  loadFabric,
  loadTables,
  loadTraffic,
  parseSeed,
  TRAFFIC_HELP,
  WITHOUT_HELP,
} from './fabric-input.ts';
import { Exit } from './output.ts';

interface Options {
  readonly traffic: string;
  readonly without?: string[];
  readonly lanes: number;
  readonly seed: number;
  readonly json?: boolean;
}

/** Hot links that are listed. */
const TOP = 5;

export function define(command: Command): void {
  command
    .argument('<fabric>', FABRIC_HELP)
    .argument('<lfts...>', LFTS_HELP)
    .option('--traffic <what>', TRAFFIC_HELP, 'all-to-all')
    .option('--without <parts...>', WITHOUT_HELP)
    .option('--lanes <n>', 'virtual lanes that the subnet manager spreads paths over', parseLanes, 1)
    .option('--seed <n>', 'of the patterns that are drawn', parseSeed, 1)
    .option('--json', 'print as JSON')
    .addHelpText('after', EXAMPLES)
    .action(verify);
}

async function verify(path: string, lfts: readonly string[], options: Options): Promise<void> {
  const fabric = await loadFabric(path, options.without);
  const demands = await loadTraffic(options.traffic, fabric, { seed: options.seed, merge: 'when large' });
  const { routes, byOffset, switchRows, faults } = await loadTables(lfts, fabric);
  const hops = nextHops(fabric);
  const check = checkSubnet({ fabric, hops, byOffset, switchRows, faults, lanes: options.lanes });
  const rate = usualRate(fabric);
  const traffics = demands.map((demand) => ({
    demand,
    profile: profileTables({ fabric, hops, ...demand, routes, top: TOP, moves: 0 }),
    rate,
  }));
  if (options.json) process.stdout.write(`${serialise(verifyJson(check, traffics), 2)}\n`);
  else draw(`Verified: ${fabric.name}`, verifySections(check, traffics));
  if (check.wrong.length === 0) return;
  process.stderr.write(`${wrongText(check.wrong.length)} with the tables of ${fabric.name}\n`);
  process.exitCode = Exit.unexpected;
}

function parseLanes(text: string): number {
  if (/^([1-9]|1[0-5])$/.test(text)) return Number(text);
  throw new InvalidArgumentError('InfiniBand has 1 to 15 data lanes');
}

const EXAMPLES = `
Examples:
  planewright verify fabric.ibnetdiscover lfts.txt
  planewright verify fabric.ibnetdiscover opensm-lfts.dump --traffic all-to-all,same-rail
  planewright verify fabric.json lfts-plane0.txt lfts-plane1.txt --without spine:spine03

Follows the tables switch by switch, over every LID: who does not reach whom, loops, dead ends, ports without a
cable, and whether links can wait in a circle: if so, over how many virtual lanes paths would have to be spread. Tables
do not tell lanes; --lanes 2 says that the subnet manager spreads over two. Exit status 3: something is wrong; the
page lists it.`;
