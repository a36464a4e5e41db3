import type { Command } from 'commander';
import { serialise } from '../numeric/serialise.ts';
import { labSections } from '../report/sdc.ts';
import { runLab, SIZES } from '../sdc/lab.ts';
import type { LabTable } from '../sdc/types.ts';
import { nodeContext } from './context.ts';
import { draw } from './draw.ts';
import { parseSeed } from './fabric-input.ts';
import { loadCatalog } from './load.ts';

interface Options {
  readonly quick?: boolean;
  readonly shipped?: boolean;
  readonly seed: number;
  readonly json?: boolean;
}

export function define(command: Command): void {
  command
    .option('--quick', 'a smaller table, in seconds instead of minutes')
    .option('--shipped', 'print the table that comes with the catalog instead of training')
    .option('--seed <n>', 'of weights, data and faults', parseSeed, 1)
    .option('--json', 'print as JSON')
    .addHelpText('after', EXAMPLES)
    .action(lab);
}

function lab(options: Options): void {
  const catalog = loadCatalog();
  const table = options.shipped
    ? (catalog.published('sdc-lab').value as LabTable)
    : runLab(SIZES[options.quick ? 'quick' : 'full'], options.seed, nodeContext(catalog, options.seed));
  if (options.json) process.stdout.write(`${serialise(table, 2)}\n`);
  else draw('Silent corruption in a toy training', labSections(table));
}

const EXAMPLES = `
Examples:
  planewright sdc-lab --quick
  planewright sdc-lab --shipped
  planewright sdc-lab --json                    the shipped table, made again (minutes)

Trains a small transformer, once cleanly and once for each fault, and counts which detectors saw it. The same seed
gives the same table on every machine. A toy: it shows what a detector can see, not how often a fleet would.`;
