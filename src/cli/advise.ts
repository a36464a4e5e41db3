import type { Command } from 'commander';
import { advise } from '../advise/advise.ts';
import { serialise } from '../numeric/serialise.ts';
import { adviceSections } from '../report/advise.ts';
import { nodeContext } from './context.ts';
import { draw } from './draw.ts';
import { loadCatalog, loadSpec } from './load.ts';
import { reportMisses } from './misses.ts';

export function define(command: Command): void {
  command
    .argument('<spec>', 'the spec, a YAML file (- for standard input)')
    .option('--json', 'print the plan with its section `advice` as JSON')
    .option('--catalog <folder>', 'overlay the catalog with the YAML files of a folder')
    .addHelpText('after', '\nExample:\n  planewright advise examples/deepseek-v3.yaml')
    .action(run);
}

async function run(
  path: string,
  options: { readonly json?: boolean; readonly catalog?: string },
): Promise<void> {
  const catalog = loadCatalog(options.catalog);
  const { spec, expectValue } = loadSpec(path, catalog);
  const found = expectValue(await advise(spec, nodeContext(catalog, spec.seed)));
  if (options.json) process.stdout.write(`${serialise(found, 2)}\n`);
  else draw(spec.name, adviceSections(found.advice));
  process.exitCode = reportMisses(found.checks);
}
