import type { Command } from 'commander';
import { serialise } from '../numeric/serialise.ts';
import { profileTables } from '../profile/tables.ts';
import { profileJson, tablesProfileSections } from '../report/verify.ts';
import { nextHops } from '../routes/next-hops.ts';
import { usualRate } from '../routing/patterns.ts';
import { draw } from './draw.ts';
import {
  FABRIC_HELP,
  LFTS_HELP,
  loadFabric,
  loadTables,
  loadTraffic,
  parseCount,
  parseSeed,
  TRAFFIC_HELP,
  WITHOUT_HELP,
} from './fabric-input.ts';

interface Options {
  readonly traffic: string;
  readonly top: number;
  readonly moves: number;
  readonly without?: string[];
  readonly seed: number;
  readonly json?: boolean;
}

export function define(command: Command): void {
  command
    .argument('<fabric>', FABRIC_HELP)
    .argument('<lfts...>', LFTS_HELP)
    .option('--traffic <what>', TRAFFIC_HELP, 'all-to-all')
    .option('--top <n>', 'hot links to name', parseCount, 10)
    .option('--moves <n>', 'entries to move one after the other', parseCount, 16)
    .option('--without <parts...>', WITHOUT_HELP)
    .option('--seed <n>', 'of the patterns that are drawn', parseSeed, 1)
    .option('--json', 'print as JSON')
    .addHelpText('after', EXAMPLES)
    .action(profile);
}

async function profile(path: string, lfts: readonly string[], options: Options): Promise<void> {
  const { top, moves, seed } = options;
  const fabric = await loadFabric(path, options.without);
  const demands = await loadTraffic(options.traffic, fabric, { seed, merge: 'when large' });
  const { routes } = await loadTables(lfts, fabric);
  const hops = nextHops(fabric);
  const rate = usualRate(fabric);
  const traffics = demands.map((demand) => ({
    demand,
    profile: profileTables({ fabric, hops, ...demand, routes, top, moves }),
    rate,
  }));
  if (options.json) process.stdout.write(`${serialise({ traffic: profileJson(traffics) }, 2)}\n`);
  else draw(`Profiled: ${fabric.name} under ${routes.label}`, tablesProfileSections(traffics));
}

const EXAMPLES = `
Examples:
  planewright profile fabric.ibnetdiscover lfts.txt --traffic all-to-all
  planewright profile fabric.ibnetdiscover opensm-lfts.dump --traffic same-rail --top 5 --moves 64

A hot link is named with the hosts and destinations that meet there, and with the one entry (leaf, destination) whose
move to another port relieves it best: what a pin is on InfiniBand. The last table moves entries one after the
other, each off the link that is hottest then. For tables made anew, see planewright route.`;
