import type { Command } from 'commander';
import { diffFabrics } from '../fabric/diff.ts';
import { serialise } from '../numeric/serialise.ts';
import { diffJson, diffSections } from '../report/diff.ts';
import { priceRepairs } from '../routing/repair-cost.ts';
import { draw } from './draw.ts';
import {
  expectValue,
  loadFabric,
  loadTraffic,
  parseSeed,
  TRAFFIC_HELP,
  WITHOUT_HELP,
} from './fabric-input.ts';
import { Exit } from './output.ts';

interface Options {
  readonly traffic: string;
  readonly without?: string[];
  readonly seed: number;
  readonly json?: boolean;
}

export function define(command: Command): void {
  command
    .argument(
      '<expected>',
      'the fabric as it should be: any format of planewright import, or the folder of a plan',
    )
    .argument('<observed>', 'the fabric as it is')
    .option('--traffic <what>', `the workload that costs are of: ${TRAFFIC_HELP}`, 'all-to-all')
    .option('--without <parts...>', `from the expected fabric: ${WITHOUT_HELP}`)
    .option('--seed <n>', 'of the patterns that are drawn', parseSeed, 1)
    .option('--json', 'print as JSON')
    .addHelpText('after', EXAMPLES)
    .action(diff);
}

async function diff(expectedPath: string, observedPath: string, options: Options): Promise<void> {
  const expected = await loadFabric(expectedPath, options.without);
  const observed = await loadFabric(observedPath);
  const demands = await loadTraffic(options.traffic, expected, { seed: options.seed, merge: 'when large' });
  const differences = expectValue(diffFabrics(expected, observed));
  const repairs = priceRepairs(expected, differences, demands);
  if (options.json) process.stdout.write(`${serialise(diffJson(repairs, options.traffic), 2)}\n`);
  else draw(`${observed.name} against ${expected.name}`, diffSections(repairs, options.traffic));
  if (repairs.length > 0) process.exitCode = Exit.unexpected;
}

const EXAMPLES = `
Examples:
  planewright diff drawing.json fabric.ibnetdiscover
  planewright diff last-week.ibnetdiscover today.ibnetdiscover --traffic all-to-all:1,same-rail:2
  planewright diff plan/ fabric.ibnetdiscover --json

Nodes meet by GUID, or by name where one side has no GUIDs. Missing, extra, swapped, moved and slow cables are
listed as repairs, the dearest for the workload first. Exit status 3: there are differences.`;
