import { basename } from 'node:path';
import type { Command } from 'commander';
import { issue } from '../base/issue.ts';
import { InputError } from '../base/result.ts';
import { checkKernels, kernelTables, missingKernels } from '../calibrate/kernel-tables.ts';
import { readKernels } from '../formats/kernels.ts';
import { serialise } from '../numeric/serialise.ts';
import { efficiencyYaml, kernelSections } from '../report/kernels.ts';
import { draw } from './draw.ts';
import { expectValue } from './fabric-input.ts';
import { readText } from './input.ts';
import { loadCatalog, mustBeOneOf } from './load.ts';
import { writeFolder } from './output.ts';

interface Options {
  readonly gpu: string;
  readonly id?: string;
  readonly out?: string;
  readonly json?: boolean;
  readonly catalog?: string;
}

export function define(command: Command): void {
  command
    .argument('<kernels>', 'times of kernels, as examples/gpu/measure_kernels.py writes them')
    .requiredOption('--gpu <id>', 'the GPU of the catalog whose peaks they are shares of')
    .option('--id <id>', 'whose kernels the entry is: the GPU, unless several share theirs')
    .option('--out <folder>', 'write the entry into efficiency.yaml of a folder for --catalog (- for stdout)')
    .option('--json', 'print as JSON')
    .option('--catalog <folder>', 'overlay the catalog with the YAML files of a folder')
    .addHelpText('after', EXAMPLES)
    .action(calibrate);
}

function calibrate(path: string, options: Options): void {
  const catalog = loadCatalog(options.catalog);
  mustBeOneOf(options.gpu, catalog.ids('gpu'), 'gpu');
  const gpu = catalog.find('gpu', options.gpu)!;
  const read = readKernels(expectValue(readText(path)), path);
  const rows = expectValue(read);
  const missing = missingKernels(rows);
  if (missing.length > 0) {
    const message = `tables need ${missing.join(', ')}, of which nothing was measured here`;
    const hint = 'measure again without --only, and with as many --seconds as it asks for';
    throw new InputError([issue({ code: 'kernels-missing', file: path, message, hint })]);
  }
  const tables = kernelTables(rows, gpu, catalog);
  const checks = checkKernels(rows, tables, gpu, catalog);
  if (options.out !== undefined) {
    const id = options.id ?? gpu.kernelsOf ?? gpu.id;
    const source = `kernels alone, measured: ${basename(path)}`;
    const yaml = efficiencyYaml(tables, id, gpu.name, source, new Date().toISOString().slice(0, 10));
    if (options.out === '-') {
      process.stdout.write(yaml);
      return;
    }
    expectValue(writeFolder(options.out, [{ name: 'efficiency.yaml', chunks: [yaml] }]));
  }
  if (options.json) process.stdout.write(`${serialise({ tables, checks }, 2)}\n`);
  else
    draw(`Calibrated: ${path}`, kernelSections(tables, checks, gpu), options.out === undefined ? NEXT : '');
}

const NEXT =
  'Try next:\n  planewright calibrate KERNELS --gpu ID --out mine\n  planewright plan SPEC --catalog mine';

const EXAMPLES = `
Examples:
  planewright calibrate examples/gpu/h100-kernels.jsonl --gpu h100
  python3 examples/gpu/measure_kernels.py kernels.jsonl       on a machine with the GPU; two minutes
  planewright calibrate kernels.jsonl --gpu h200 --id h200 --out mine
  planewright plan SPEC --catalog mine

The tables are of kernels alone, on a GPU that does nothing else: every factor of whole steps ('scale') is 1. Real jobs
take 10 to 20 % longer (docs/step-model.md).`;
