import { parse as parseToml, TomlError } from 'smol-toml';
import { stringify } from 'yaml';
import { type Issue, issue } from '../../base/issue.ts';
import type { Result } from '../../base/result.ts';
import { fail, ok } from '../../base/result.ts';
import type { Catalog } from '../../catalog/types.ts';
import { writeSpec } from '../init.ts';
import { readSpec } from '../read.ts';
import { complete, type FromOptions } from './complete.ts';
import { fromDeepSpeed } from './deepspeed.ts';
import type { ForeignConfig } from './gather.ts';
import { fromHuggingFace } from './hugging-face.ts';
import { fromMegatron } from './megatron.ts';
import { fromTorchtitan } from './torchtitan.ts';
import { isObject, type Tree } from './tree.ts';

/** A configuration is written by hand; what is larger is something else. */
const LARGEST = 1_000_000;

const FORMATS = 'a Hugging Face config.json, Megatron-LM arguments, a DeepSpeed JSON or a torchtitan TOML';

/**
 * A commented spec from the configuration of another tool. What the file does not say and a spec must have is the
 * user's (`options`) or a placeholder that is marked as one; everything else keeps its default. `file` is for messages.
 * The text passes `check`; a file whose own settings contradict each other comes back as issues.
 */
export function specFrom(text: string, file: string, options: FromOptions, catalog: Catalog): Result<string> {
  const read = readForeign(text, file);
  if (!read.ok) return read;
  const foreign = read.value;
  const { values, placeholders } = complete(foreign, options, catalog);
  const files = { read: () => fail([issue({ code: 'cannot-read', message: 'no file is named here' })]) };
  const spec = readSpec(stringify(values), `${file} as a spec`, files, catalog);
  const warnings = [...read.issues, ...placeholderWarnings(placeholders, file)];
  if (!spec.ok) return fail([...warnings, ...spec.issues.map(withoutPlace)]);
  const remarks = new Map<string, string>();
  for (const [path, source] of foreign.sources) if (source !== '') remarks.set(path, source);
  for (const [path, why] of placeholders) remarks.set(path, `PLACEHOLDER, put your own: ${why}`);
  if (options.gpus !== undefined) remarks.delete('cluster.gpus');
  const written = writeSpec(header(foreign, file, placeholders), values, spec.value.defaults, remarks);
  return ok(written, [...warnings, ...spec.issues.map(withoutPlace)]);
}

/** Recognises the file by its contents, whatever it is called. */
function readForeign(text: string, file: string): Result<ForeignConfig> {
  if (text.length > LARGEST) {
    return fail([
      issue({
        code: 'too-large',
        file,
        message: 'the file is too large for a configuration',
        allowed: FORMATS,
      }),
    ]);
  }
  if (/^\s*\{/u.test(text)) return fromJson(text, file);
  if (/^\s*\[(job|model|training|parallelism|experimental|optimizer)\]/mu.test(text))
    return fromToml(text, file);
  if (/--(num-layers|hidden-size|tensor-model-parallel-size|micro-batch-size|seq-length)\b/u.test(text)) {
    return done(fromMegatron(text, file));
  }
  return fail([unknown(file)]);
}

function fromJson(text: string, file: string): Result<ForeignConfig> {
  const config = parseObject(text);
  if (config === undefined)
    return fail([issue({ code: 'not-json', file, message: 'not a JSON object', allowed: FORMATS })]);
  const deepspeed = /^(train_|zero_|gradient_accumulation|bf16$|fp16$)/u;
  if (Object.keys(config).some((key) => deepspeed.test(key))) return done(fromDeepSpeed(config, file));
  const model = ['model_type', 'architectures', 'hidden_size', 'n_embd', 'text_config'];
  return model.some((key) => key in config) ? fromHuggingFace(text, file) : fail([unknown(file)]);
}

function fromToml(text: string, file: string): Result<ForeignConfig> {
  try {
    return done(fromTorchtitan(parseToml(text) as Tree, file));
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    const { line, column } = error;
    const message = error.message.split('\n')[0]!.slice(0, 200);
    return fail([issue({ code: 'toml-syntax', file, line, column, message })]);
  }
}

function parseObject(text: string): Tree | undefined {
  try {
    const parsed: unknown = JSON.parse(text);
    return isObject(parsed) ? parsed : undefined;
  } catch {
    return undefined;
  }
}

function done(foreign: ForeignConfig): Result<ForeignConfig> {
  return ok(foreign, foreign.issues);
}

function unknown(file: string): Issue {
  return issue({
    code: 'unknown-format',
    file,
    message: 'not a configuration that is known here',
    allowed: FORMATS,
  });
}

function placeholderWarnings(placeholders: ReadonlyMap<string, string>, file: string): Issue[] {
  const option = new Map([
    ['model', '--model NAME'],
    ['cluster.node', '--node NAME'],
    ['cluster.gpus', '--gpus N'],
  ]);
  return [...placeholders].map(([path, why]) =>
    issue({
      code: 'placeholder',
      severity: 'warning',
      file,
      path: path.split('.'),
      message: `a placeholder is written: ${why}`,
      hint: option.has(path) ? `give ${option.get(path)}, or edit the spec` : 'edit the spec',
    }),
  );
}

/** Lines count in a text that the user does not see. */
function withoutPlace({ line: _, column: _c, ...rest }: Issue): Issue {
  return rest;
}

function header(
  { format, missing }: ForeignConfig,
  file: string,
  held: ReadonlyMap<string, string>,
): string[] {
  const name = file.split(/[/\\]/u).at(-1)!;
  const silent = [...missing].filter(([path]) => !held.has(path));
  return [
    `# Read from ${name} (${format}); beside each value stands what it was read from.`,
    ...(held.size > 0 ? [`# PLACEHOLDERS, to be replaced: ${[...held.keys()].join(', ')}.`] : []),
    ...silent.map(([path, why]) => `# Not in the file: ${path} (${why}).`),
  ];
}
