import { deflateRawSync } from 'node:zlib';
import { type Command, InvalidArgumentError } from 'commander';
import { InputError } from '../base/result.ts';
import { calibrateCollectives } from '../calibrate/nccl.ts';
import { readNcclTests } from '../formats/nccl-tests.ts';
import type { NcclTests } from '../formats/types.ts';
import { serialise } from '../numeric/serialise.ts';
import { artefactFiles } from '../plan/artefacts.ts';
import { evaluate } from '../plan/evaluate.ts';
import { planJson } from '../plan/library.ts';
import { planCharts } from '../report/charts/plan-charts.ts';
import { htmlReport } from '../report/html.ts';
import { pictureFiles } from '../report/pictures.ts';
import { planSections } from '../report/plan.ts';
import { fittingPlan } from '../search/fitting.ts';
import type { Spec } from '../spec/types.ts';
import { nodeContext } from './context.ts';
import { draw } from './draw.ts';
import { readText } from './input.ts';
import { loadCatalog, loadSpec } from './load.ts';
import { reportMisses } from './misses.ts';
import { writeFile, writeFolder } from './output.ts';
import { PORT } from './port.ts';

interface Options {
  readonly json?: boolean;
  readonly out?: string;
  readonly html?: string;
  readonly seed?: number;
  readonly catalog?: string;
  readonly timings?: string;
  readonly ncclTests?: string[];
  readonly without?: string[];
  readonly fail?: string[];
}

export function define(command: Command): void {
  command
    .argument('<spec>', 'the spec, a YAML file (- for standard input)')
    .option('--json', 'print the plan as JSON')
    .option(
      '--out <folder>',
      'also write plan.json, fabric.json, routes.json, uplinks.svg, step-trace.json (Perfetto) and the traffic as CSV',
    )
    .option('--html <file>', 'also write the plan as one HTML file that opens offline and prints')
    .option('--seed <n>', "use this seed instead of the spec's", parseSeed)
    .option('--without <parts...>', 'take parts out of the fabric: link:A-B, leaf:NAME, spine:NAME, plane:2')
    .option('--fail <parts...>', 'break parts, named alike, under the running job: ranks stay where they are')
    .option(
      '--nccl-tests <logs...>',
      'take start and rate of collectives from logs of all_reduce_perf and its like',
    )
    .option('--catalog <folder>', 'overlay the catalog with the YAML files of a folder')
    .option('--timings <file>', 'write the time of each stage (a plan itself holds no times)')
    .addHelpText('after', EXAMPLES)
    .action(plan);
}

async function plan(path: string, options: Options): Promise<void> {
  const loaded = loadCatalog(options.catalog);
  const read = loadSpec(path, loaded, options.seed === undefined ? {} : { seed: options.seed });
  const { text, expectValue } = read;
  const { spec, catalog } = calibrateCollectives(readLogs(options.ncclTests ?? []), read.spec, loaded);
  const context = nodeContext(catalog, spec.seed);
  const request = { spec, without: options.without ?? [], failed: options.fail ?? [] };
  const evaluation = expectValue(await evaluate(request, context, { fitting: fittingPlan }));
  if (options.out !== undefined) {
    const written = writeFolder(options.out, [
      ...artefactFiles(evaluation, { spec, catalog }),
      ...pictureFiles(evaluation),
    ]);
    if (!written.ok) throw new InputError(written.issues);
  }
  if (options.html !== undefined) {
    const charts = planCharts(evaluation, spec, catalog);
    const html = htmlReport(evaluation, charts, pageLink(spec, text, options));
    const written = writeFile(options.html, [html]);
    if (!written.ok) throw new InputError(written.issues);
  }
  if (options.timings !== undefined) {
    const written = writeFile(options.timings, [`${serialise(evaluation.timings, 2)}\n`]);
    if (!written.ok) throw new InputError(written.issues);
  }
  if (options.html === '-') return;
  if (options.json) process.stdout.write(planJson(evaluation.plan));
  else
    draw(evaluation.plan.spec.name, planSections(evaluation.plan, 'unsourced'), nextCommands(path, options));
  process.exitCode = reportMisses(evaluation.plan.checks);
}

function readLogs(files: readonly string[]): NcclTests[] {
  return files.map((file) => {
    const text = readText(file);
    const log = text.ok ? readNcclTests(text.value, file) : text;
    if (!log.ok) throw new InputError(log.issues);
    return log.value;
  });
}

/** Where `planewright serve` shows this spec; null where its text alone is not all of it. */
function pageLink(spec: Spec, text: string, { seed, without, fail = [] }: Options): string | null {
  if (spec.cluster.network.kind === 'imported' || seed !== undefined || without !== undefined) return null;
  const linked = JSON.stringify({ text, files: {}, without: fail, view: 'plan' });
  return `http://localhost:${PORT}/#s=${deflateRawSync(linked).toString('base64url')}`;
}

function nextCommands(path: string, options: Options): string {
  const spec = path === '-' ? 'SPEC' : path;
  return [
    'Try next:',
    `  planewright fabric ${spec} --compare`,
    options.out === undefined
      ? `  planewright plan ${spec} --out plan/`
      : `  planewright plan ${spec} --json`,
    `  planewright plan ${spec} --without plane:0`,
  ].join('\n');
}

function parseSeed(text: string): number {
  const seed = Number(text);
  if (!Number.isInteger(seed) || seed < 0 || seed > 0xffffffff) {
    throw new InvalidArgumentError('a seed is a whole number from 0 to 4294967295');
  }
  return seed;
}

const EXAMPLES = `
Examples:
  planewright plan examples/deepseek-v3.yaml
  planewright plan examples/deepseek-v3.yaml --json | jq .routing
  planewright plan examples/roce-oversubscribed.yaml --out plan/
  planewright plan examples/deepseek-v3.yaml --without plane:3
  planewright plan examples/deepseek-v3.yaml --html report.html

Exit status 3: planned, but an expectation of the spec does not hold.`;
