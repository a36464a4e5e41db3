import { type Command, InvalidArgumentError, Option } from 'commander';
import type { Issue } from '../base/issue.ts';
import { InputError } from '../base/result.ts';
import type { Catalog } from '../catalog/types.ts';
import { serialise } from '../numeric/serialise.ts';
import { searchSections } from '../report/search.ts';
import type { Wanted } from '../search/nearest.ts';
import { relax } from '../search/relax.ts';
import { search } from '../search/run.ts';
import type { Objective } from '../search/types.ts';
import { nodeContext, say } from './context.ts';
import { draw } from './draw.ts';
import { readText } from './input.ts';
import { type LoadedSpec, loadCatalog, specOfText } from './load.ts';
import { reportMisses } from './misses.ts';
import { Exit } from './output.ts';

interface Options {
  readonly objective: Objective;
  readonly top: number;
  readonly maxMw?: number;
  readonly byDays?: number;
  /** Days from today. */
  readonly by?: number;
  readonly json?: boolean;
  readonly catalog?: string;
}

export function define(command: Command): void {
  command
    .argument('<spec>', 'the spec, a YAML file (- for standard input)')
    .addOption(
      new Option('--objective <what>', 'what the best plan has least of')
        .choices(['time', 'cost', 'energy'])
        .default('time'),
    )
    .option('--top <n>', 'plans that go through the whole pipeline', positive, 3)
    .option('--max-mw <x>', 'most that the site may draw, MW', positive)
    .option('--by-days <x>', 'days that the run may take', positive)
    .option(
      '--by <date>',
      'date by which the run must be done when it starts today, such as 2027-03-31',
      daysUntil,
    )
    .option('--json', 'print the plan with its section `search` as JSON')
    .option('--catalog <folder>', 'overlay the catalog with the YAML files of a folder')
    .addHelpText('after', EXAMPLES)
    .action(run);
}

async function run(path: string, options: Options): Promise<void> {
  const catalog = loadCatalog(options.catalog);
  const { spec, wanted, expectValue } = loadOrRelax(path, catalog);
  const context = nodeContext(catalog, spec.seed);
  const limits = {
    power: (options.maxMw ?? Infinity) * MEGAWATT,
    runSeconds: Math.min(options.byDays ?? Infinity, options.by ?? Infinity) * DAY,
  };
  const { objective, top } = options;
  const request = { objective, top, limits, ...(wanted === null ? {} : { wanted }) };
  const found = expectValue(await search(spec, context, request));
  if (options.json) process.stdout.write(`${serialise(found, 2)}\n`);
  else draw(spec.name, searchSections(found.search));
  // What was wrong with the spec has been said; the nearest plan that works was found all the same.
  process.exitCode = wanted === null ? reportMisses(found.checks) : Exit.input;
}

/** The spec; where its own plan contradicts itself, that is said, and the spec taken without it. */
function loadOrRelax(path: string, catalog: Catalog): LoadedSpec & { readonly wanted: Wanted | null } {
  const text = readText(path);
  if (!text.ok) throw new InputError(text.issues);
  try {
    return { ...specOfText(text.value, path, catalog), wanted: null };
  } catch (error) {
    if (!(error instanceof InputError) || !error.issues.every(isAboutPlan)) throw error;
    const relaxed = relax(text.value);
    const loaded = specOfText(relaxed.text, path, catalog);
    say(error.issues);
    const { batch, wanted } = relaxed;
    const { spec } = loaded;
    const training = batch === null ? spec.training : { ...spec.training, batch };
    return { ...loaded, spec: { ...spec, training }, wanted };
  }
}

function isAboutPlan({ severity, path, code }: Issue): boolean {
  const found = path[0] === 'parallelism' || (path[0] === 'training' && path[1] !== 'precision');
  return severity === 'warning' || (found && code !== 'unknown-key');
}

const MEGAWATT = 1_000_000;
const DAY = 86_400;

function positive(text: string): number {
  const value = Number(text);
  if (!(value > 0 && Number.isFinite(value))) throw new InvalidArgumentError('a number above 0');
  return value;
}

/** Whole days from today to a date; the engine knows no clock, so the command reads it. */
function daysUntil(text: string): number {
  const date = /^\d{4}-\d{2}-\d{2}$/u.test(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN;
  const days = Math.floor((date - Date.now()) / 86_400_000);
  if (!(days > 0)) throw new InvalidArgumentError('a date after today, as YYYY-MM-DD');
  return days;
}

const EXAMPLES = `
Examples:
  planewright search examples/deepseek-v3.yaml
  planewright search my.yaml --objective cost --by-days 60 --max-mw 20`;
