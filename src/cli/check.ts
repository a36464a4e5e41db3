import type { Command } from 'commander';
import { evaluate } from '../plan/evaluate.ts';
import { nodeContext } from './context.ts';
import { loadCatalog, loadSpec } from './load.ts';

export function define(command: Command): void {
  command
    .argument('<spec>', 'the spec, a YAML file (- for standard input)')
    .option('--catalog <folder>', 'overlay the catalog with the YAML files of a folder')
    .addHelpText(
      'after',
      '\nExample:\n  planewright check my.yaml\n\nLists every error at once; exit status 2.',
    )
    .action(check);
}

/** Reads the spec and draws its network, so that a switch too small is found too; plans nothing. */
async function check(path: string, options: { catalog?: string }): Promise<void> {
  const catalog = loadCatalog(options.catalog);
  const { spec, expectValue } = loadSpec(path, catalog);
  const context = nodeContext(catalog, spec.seed);
  expectValue(await evaluate({ spec, without: [] }, context, { until: 'placement' }));
  const { tensor, pipeline, data, context: sequence } = spec.parallelism;
  const shape = `tensor ${tensor} x pipeline ${pipeline} x data ${data} x context ${sequence}`;
  process.stdout.write(`${path}: ${spec.name}: ${spec.cluster.gpus} GPUs, ${shape}\n`);
  for (const d of spec.defaults) process.stdout.write(`  default ${d.path} = ${d.value} (${d.why})\n`);
}
