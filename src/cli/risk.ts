import { type Command, InvalidArgumentError } from 'commander';
import { readFaultLog } from '../formats/fault-log.ts';
import { serialise } from '../numeric/serialise.ts';
import { applyChanges } from '../plan/change.ts';
import { analyseJobRisk } from '../plan/job-risk.ts';
import type { PlanRequest } from '../plan/types.ts';
import { faultFitSections } from '../report/fault-fit.ts';
import { jobRiskSections } from '../report/job-risk.ts';
import { fitFaults, fittedFile } from '../risk/fit.ts';
import { parseStress } from '../spec/stress.ts';
import { parseQuantity } from '../units/parse.ts';
import { nodeContext } from './context.ts';
import { draw } from './draw.ts';
import { expectValue, open, parseSeed } from './fabric-input.ts';
import { loadCatalog, loadSpec } from './load.ts';
import { writeFile } from './output.ts';

interface RiskOptions {
  readonly runs: number;
  readonly stress?: string;
  readonly seed?: number;
  readonly fabric: boolean;
  readonly compare?: boolean;
  readonly without?: string[];
  readonly catalog?: string;
  readonly json?: boolean;
}

export function define(command: Command): void {
  command
    .argument('<spec>', 'the spec, a YAML file (- for standard input)')
    .option('--runs <n>', 'simulated runs', parseRuns, 2000)
    .option('--stress <what>', 'thermal=+10C, model=linear, power-drops=2/day, age=3y, joined by commas')
    .option('--no-fabric', "leave out the fabric's own failures, each of which is a plan of its own")
    .option('--compare', 'put the same failures on multi-plane, single-plane and three-layer designs')
    .option('--without <parts...>', 'take parts out of the fabric first: link:A-B, leaf:NAME, plane:2')
    .option('--seed <n>', "use this seed instead of the spec's", parseSeed)
    .option('--catalog <folder>', 'overlay the catalog with the YAML files of a folder')
    .option('--json', 'print as JSON')
    .addHelpText('after', EXAMPLES)
    .action(risk);
  command
    .command('fit')
    .description('fit failure rates to a log of faults')
    .argument(
      '<log>',
      'JSON, JSON Lines or CSV (node, start, end, cause; or node, time, event, cause); - for stdin',
    )
    .option('--nodes <n>', 'nodes that were watched, also those that never failed', parseCount)
    .option('--span <time>', 'time that the log covers, such as 348d', parseTime)
    .option('--unit <time>', 'what one is in a bare number of the log', parseTime, 86_400)
    .option('--gpus-per-node <n>', 'GPUs of a node', parseCount, 8)
    .option('--out <file>', 'write a file for reliability.failures of a spec')
    .option('--json', 'print as JSON')
    .addHelpText('after', FIT_EXAMPLES)
    .action(fit);
}

async function risk(path: string, options: RiskOptions): Promise<void> {
  const catalog = loadCatalog(options.catalog);
  const overrides = options.seed === undefined ? {} : { seed: options.seed };
  const { spec, expectValue: placed } = loadSpec(path, catalog, overrides);
  let request: PlanRequest = { spec, without: options.without ?? [] };
  if (options.stress !== undefined) {
    const value = expectValue(parseStress(options.stress, spec.reliability.stress));
    request = applyChanges(request, [{ kind: 'set', path: ['reliability', 'stress'], value }]);
  }
  const { runs, fabric, compare: designs = false } = options;
  const job = placed(
    await analyseJobRisk(request, nodeContext(catalog, spec.seed), { runs, fabric, designs }),
  );
  if (options.json) process.stdout.write(`${serialise(job, 2)}\n`);
  else draw(`Risk: ${job.name}`, jobRiskSections(job));
}

interface FitOptions {
  readonly nodes?: number;
  readonly span?: number;
  readonly unit: number;
  readonly gpusPerNode: number;
  readonly out?: string;
  readonly json?: boolean;
}

async function fit(path: string, options: FitOptions): Promise<void> {
  const log = expectValue(await readFaultLog(open(path), path, options.unit));
  const { nodes, span, gpusPerNode } = options;
  const name = path === '-' ? 'fitted' : (path.split('/').at(-1) ?? path).replace(/\.[^.]*$/, '');
  const fitted = expectValue(
    fitFaults(log, {
      name,
      gpusPerNode,
      ...(nodes === undefined ? {} : { nodes }),
      ...(span === undefined ? {} : { span }),
    }),
  );
  if (options.out !== undefined)
    expectValue(writeFile(options.out, [`${serialise(fittedFile(fitted), 2)}\n`]));
  if (options.json) process.stdout.write(`${serialise(fitted, 2)}\n`);
  else draw(`Fitted: ${path}`, faultFitSections(fitted), options.out === undefined ? FIT_NEXT : '');
}

const FIT_NEXT =
  'Try next:\n  planewright risk fit LOG --out failures.json\n  and in a spec: reliability: {failures: failures.json}';

const MOST_RUNS = 1_000_000;

function parseRuns(text: string): number {
  const runs = Number(text);
  if (/^\d+$/.test(text) && runs >= 1 && runs <= MOST_RUNS) return runs;
  throw new InvalidArgumentError(`a whole number from 1 to ${MOST_RUNS}`);
}

function parseCount(text: string): number {
  const count = Number(text);
  if (/^\d{1,9}$/.test(text) && count >= 1) return count;
  throw new InvalidArgumentError('a whole number of at least 1');
}

function parseTime(text: string): number {
  const parsed = parseQuantity(text, 'time', 'd');
  if (parsed.ok && parsed.value > 0) return parsed.value;
  throw new InvalidArgumentError('a time above zero with its unit, such as 348d or 1h');
}

const EXAMPLES = `
Examples:
  planewright risk examples/deepseek-v3.yaml
  planewright risk examples/deepseek-v3.yaml --stress thermal=+10C,power-drops=2/day --no-fabric
  planewright risk examples/deepseek-v3.yaml --compare --json | jq .designs
  planewright risk fit faults.json --nodes 400 --span 348d --out failures.json

Equations, sources and caveats: docs/risk.md.`;

const FIT_EXAMPLES = `
Examples:
  planewright risk fit faults.json --nodes 400 --span 348d
  planewright risk fit faults.csv --unit 1h --nodes 256 --out failures.json

A spec reads the file: reliability: {failures: failures.json}.`;
