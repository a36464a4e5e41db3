import type { Command } from 'commander';
import { eras } from '../economy/eras.ts';
import { serialise } from '../numeric/serialise.ts';
import { evaluate } from '../plan/evaluate.ts';
import { clusterLoad } from '../plan/load.ts';
import { erasSections } from '../report/eras.ts';
import { nodeContext } from './context.ts';
import { draw } from './draw.ts';
import { loadCatalog, loadSpec } from './load.ts';

interface Options {
  readonly json?: boolean;
  readonly catalog?: string;
}

export function define(command: Command): void {
  command
    .argument('[spec]', 'a spec, to see where its cluster stands (- for standard input)')
    .option('--json', 'print as JSON')
    .option('--catalog <folder>', 'overlay the catalog with the YAML files of a folder')
    .addHelpText('after', '\nExamples:\n  planewright eras\n  planewright eras examples/deepseek-v3-16k.yaml')
    .action(showEras);
}

async function showEras(path: string | undefined, options: Options): Promise<void> {
  const catalog = loadCatalog(options.catalog);
  let load: ReturnType<typeof clusterLoad> | undefined;
  if (path !== undefined) {
    const { spec, expectValue } = loadSpec(path, catalog);
    // What the spec expects is not asked here.
    const request = { spec: { ...spec, expect: [] }, without: [] };
    load = clusterLoad(expectValue(await evaluate(request, nodeContext(catalog, spec.seed))).plan);
  }
  const result = eras(catalog, load);
  if (options.json) process.stdout.write(`${serialise(result, 2)}\n`);
  else draw('The eras of data centres', erasSections(result));
}
