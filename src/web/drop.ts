import { ask } from './engine.ts';
import { bare, drawn, files, keep, log, look, notice, open, plan, text as spec, without } from './state.ts';

/** What a file on the page turns into, told by its name and its first line. */

const SPEC = /\.ya?ml$/i;
/** A table of a run, or lines as trainers print them. */
const LOG =
  /\.(log|jsonl)$|^\s*"?(step|iteration|iter|global_step)"?,|iteration\s+\d+\s*\/|"(loss|lm loss)"\s*:/i;
const MATRIX = /^\s*"?from"?,"?to"?,"?bytes"?/i;

/** Several fabrics at once are there to be compared: the first is what the others should be. */
export async function takeFiles(list: readonly File[]): Promise<void> {
  for (const [i, file] of list.entries()) {
    await takeFile(file);
    if (i < list.length - 1 && bare.value !== null) keep();
  }
  if (list.length > 1 && bare.value !== null) look('compare');
}

async function takeFile(file: File): Promise<void> {
  const text = await readText(file);
  if (SPEC.test(file.name)) return open(text);
  if (MATRIX.test(text)) return takeMatrix(file.name, text);
  if (LOG.test(file.name) || LOG.test(text.slice(0, 4000))) {
    log.value = { name: file.name, text };
    notice.value = `${file.name}: what happened in this run.`;
    return plan();
  }
  log.value = null;
  files.value = { ...files.value, [file.name]: text };
  if (spec.value.includes(file.name)) {
    // The spec on the page names it: that is what was missing.
    bare.value = null;
    return plan();
  }
  without.value = [];
  bare.value = { name: file.name, text, traffic: 'all-to-all', files: {}, without: [] };
  notice.value = `${file.name}: a fabric for itself, with tables for all-to-all traffic.`;
  return plan();
}

/** A matrix needs a network: the one on the page. */
async function takeMatrix(name: string, text: string): Promise<void> {
  const traffic = /\.csv$/i.test(name) ? name : `${name}.csv`;
  if (bare.value !== null) {
    bare.value = { ...bare.value, traffic, files: { [traffic]: text } };
  } else {
    if (drawn.value === null) return;
    const fabric = await (await ask('artefact', { name: 'fabric.json' })).text();
    bare.value = {
      name: `network of ${drawn.value.title}`,
      text: fabric,
      traffic,
      files: { [traffic]: text },
      without: [],
    };
  }
  without.value = [];
  notice.value = `${name}: its traffic on the network of this page.`;
  await plan();
}

async function readText(file: File): Promise<string> {
  const stream = /\.gz$/i.test(file.name)
    ? file.stream().pipeThrough(new DecompressionStream('gzip'))
    : file.stream();
  return new Response(stream).text();
}
