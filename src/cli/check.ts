import type { Command } from 'commander';
import { loadCatalog, loadSpec } from './load.ts';

export function define(command: Command): void {
  command
    .argument('<spec>', 'the spec, a YAML file (- for standard input)')
    .option('--catalog <folder>', 'overlay the catalog with the YAML files of a folder')
    .addHelpText('after', '\nExample:\n  planewright check my.yaml\n\nLists every error at once; exit status 2.')
    .action((path: string, options: { catalog?: string }) => {
      const spec = loadSpec(path, loadCatalog(options.catalog));
      const { tensor, pipeline, data, context } = spec.parallelism;
      const shape = `tensor ${tensor} x pipeline ${pipeline} x data ${data} x context ${context}`;
      process.stdout.write(`${path}: ${spec.name}: ${spec.cluster.gpus} GPUs, ${shape}\n`);
      for (const d of spec.defaults) process.stdout.write(`  default ${d.path} = ${d.value} (${d.why})\n`);
    });
}
