import { type Command, InvalidArgumentError } from 'commander';
import { issue } from '../base/issue.ts';
import { InputError } from '../base/result.ts';
import { specFrom } from '../spec/from/from.ts';
import { initSpec, presets } from '../spec/init.ts';
import { say } from './context.ts';
import { readText } from './input.ts';
import { loadCatalog } from './load.ts';
import { writeFile } from './output.ts';

interface Options {
  readonly out: string;
  readonly from?: string;
  readonly model?: string;
  readonly node?: string;
  readonly gpus?: number;
  readonly catalog?: string;
}

export function define(command: Command): void {
  command
    .argument('[preset]', `one of ${presets.join(', ')}`)
    .option(
      '--from <file>',
      'read a Hugging Face config.json, Megatron-LM arguments, a DeepSpeed JSON or a torchtitan TOML (- for standard input)',
    )
    .option('--model <name>', 'with --from: a model of the catalog')
    .option('--node <name>', 'with --from: a server of the catalog')
    .option('--gpus <n>', 'with --from: GPUs of the job', parseGpus)
    .option('--catalog <folder>', 'overlay the catalog with the YAML files of a folder')
    .option('--out <file>', 'write to a file instead of stdout', '-')
    .addHelpText('after', EXAMPLES)
    .action(init);
}

function init(preset: string | undefined, options: Options): void {
  const text = options.from === undefined ? initSpec(preset) : fromFile(options.from, preset, options);
  if (!text.ok) throw new InputError(text.issues);
  say(text.issues);
  const written = writeFile(options.out, [text.value]);
  if (!written.ok) throw new InputError(written.issues);
}

function fromFile(file: string, preset: string | undefined, { model, node, gpus, catalog }: Options) {
  if (preset !== undefined) {
    throw new InputError([issue({ code: 'conflict', message: 'a preset and --from: give one of them' })]);
  }
  const text = readText(file);
  if (!text.ok) return text;
  const given = {
    ...(model === undefined ? {} : { model }),
    ...(node === undefined ? {} : { node }),
    ...(gpus === undefined ? {} : { gpus }),
  };
  return specFrom(text.value, file, given, loadCatalog(catalog));
}

function parseGpus(text: string): number {
  const gpus = Number(text);
  if (!Number.isInteger(gpus) || gpus < 1) throw new InvalidArgumentError('a whole number of at least 1');
  return gpus;
}

const EXAMPLES = `
Examples:
  planewright init deepseek-v3 > my.yaml && planewright plan my.yaml
  planewright init --from pretrain_gpt.sh --node hgx-h100 > my.yaml
  planewright init --from config.json --node hgx-b200 --gpus 512 > my.yaml`;
