/**
 * schema/spec.schema.json from the built spec room, for editors. `--check` only says whether the file that is
 * committed is the one the sources make.
 */
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { writeIfChanged } from './files.mjs';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const file = path.join(root, 'schema/spec.schema.json');

/** The schema as the sources make it, or null while there is no generator. */
async function schemaText() {
  const generator = path.join(root, 'dist/spec/json-schema.js');
  if (!fs.existsSync(generator)) return null;
  const { specJsonSchema } = await import(pathToFileURL(generator).href);
  return `${JSON.stringify(specJsonSchema(), null, 2)}\n`;
}

export async function writeSchema() {
  const text = await schemaText();
  if (text !== null) writeIfChanged(file, text);
}

async function main() {
  if (!process.argv.includes('--check')) return writeSchema();
  const text = await schemaText();
  const committed = fs.existsSync(file) ? fs.readFileSync(file, 'utf8') : null;
  if (text === committed) return;
  process.stderr.write('schema/spec.schema.json is not what the sources make; `npm run build` writes it\n');
  process.exitCode = 1;
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) await main();
