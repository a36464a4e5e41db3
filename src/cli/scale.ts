import { type Command, InvalidArgumentError } from 'commander';
import { serialise } from '../numeric/serialise.ts';
import { scalingSections } from '../report/scaling.ts';
import { scaleReport } from '../scaling/scale.ts';
import { nodeContext } from './context.ts';
import { draw } from './draw.ts';
import { loadCatalog, loadSpec } from './load.ts';
import { reportMisses } from './misses.ts';

interface Options {
  readonly days?: number;
  readonly json?: boolean;
  readonly catalog?: string;
}

export function define(command: Command): void {
  command
    .argument('<spec>', 'the spec, a YAML file (- for standard input)')
    .option('--days <n>', 'days of training that the reach of each size is for', parseDays)
    .option('--json', 'print as JSON')
    .option('--catalog <folder>', 'overlay the catalog with the YAML files of a folder')
    .addHelpText('after', EXAMPLES)
    .action(async (path: string, { days, json, catalog: folder }: Options) => {
      const catalog = loadCatalog(folder);
      const { spec, expectValue } = loadSpec(path, catalog);
      const context = nodeContext(catalog, spec.seed);
      const options = days === undefined ? {} : { days };
      const report = expectValue(await scaleReport({ spec, without: [] }, context, options));
      if (json) process.stdout.write(`${serialise(report, 2)}\n`);
      else draw(`${spec.name}: up or out`, scalingSections(report.scaling));
      process.exitCode = reportMisses(report.checks);
    });
}

function parseDays(text: string): number {
  const days = Number(text);
  if (Number.isFinite(days) && days > 0) return days;
  throw new InvalidArgumentError('a number of days above 0');
}

const EXAMPLES = `
Examples:
  planewright scale examples/deepseek-v3.yaml
  planewright scale examples/llama-3.1-405b.yaml --days 90

Out: more machines at the same global batch. Up: one machine made better, each way by itself. Each point is a whole plan
of the changed spec; a ceiling is where a doubling gains less than half as much again, with what takes the rest.`;
