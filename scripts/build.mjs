/**
 * Builds dist/: the catalog's YAML becomes one module, then the compiler runs. `npm run build` checks types and
 * writes the schema as well; the set-up of a clone only emits, since what was committed was checked.
 */
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { writeIfChanged } from './files.mjs';
import { run } from './process.mjs';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const dist = path.join(root, 'dist');
const compiler = path.join(root, 'node_modules/@typescript/native/bin/tsc');

/** Runs the compiler; resolves to what it complains about, or ''. */
export async function compile(project, options = []) {
  const args = [compiler, '-p', path.join(root, project), ...options];
  const { code, output } = await run(process.execPath, args, { cwd: root });
  return code === 0 ? '' : output || `the compiler ended with status ${code}\n`;
}

/** Builds dist/; resolves to the problems as text, '' when there are none. */
export async function build({ types }) {
  const problems = await generateCatalog();
  if (problems !== '') return problems;
  const complaints = await compile('tsconfig.build.json', types ? [] : ['--noCheck']);
  if (complaints !== '') return complaints;
  prune(dist, path.join(root, 'src'));
  const main = path.join(root, 'dist/cli/main.js');
  if (fs.existsSync(main)) fs.chmodSync(main, 0o755);
  return '';
}

/** catalog/**\/*.yaml → src/catalog/generated.ts, rewritten only when it changes. */
export async function generateCatalog() {
  const { LineCounter, parseDocument } = await import('yaml');
  const folder = path.join(root, 'catalog');
  const data = {};
  const problems = [];
  for (const name of yamlFiles(folder)) {
    const lines = new LineCounter();
    const document = parseDocument(fs.readFileSync(path.join(folder, name), 'utf8'), { lineCounter: lines });
    for (const error of document.errors) {
      const { line, col } = lines.linePos(error.pos[0]);
      problems.push(`catalog/${name}:${line}:${col} ${error.message}\n`);
    }
    if (document.errors.length === 0) data[name.replace(/\.yaml$/, '')] = document.toJS();
  }
  if (problems.length > 0) return problems.join('');
  const text = [
    '// Made from catalog/ by scripts/build.mjs; edit the YAML there.',
    `export const data: Record<string, unknown> = ${JSON.stringify(data, null, 1)};`,
    '',
  ].join('\n');
  writeIfChanged(path.join(root, 'src/catalog/generated.ts'), text);
  return '';
}

function yamlFiles(folder) {
  if (!fs.existsSync(folder)) return [];
  const names = fs.readdirSync(folder, { recursive: true });
  return names
    .filter((name) => name.endsWith('.yaml'))
    .map((name) => name.split(path.sep).join('/'))
    .sort();
}

/** Removes what an earlier build made from sources that are gone. */
function prune(built, sources) {
  for (const entry of fs.readdirSync(built, { withFileTypes: true })) {
    // The page is built by Vite.
    if (built === dist && entry.name === 'web') continue;
    const file = path.join(built, entry.name);
    if (entry.isDirectory()) {
      prune(file, path.join(sources, entry.name));
      if (fs.readdirSync(file).length === 0) fs.rmdirSync(file);
    } else {
      const source = entry.name.replace(/(\.d)?\.[jt]s(\.map)?$/, '.ts');
      if (!fs.existsSync(path.join(sources, source))) fs.rmSync(file);
    }
  }
}

async function main() {
  const problems = await build({ types: true });
  if (problems === '') {
    const { writeSchema } = await import('./schema.mjs');
    await writeSchema();
    const { buildPage } = await import('./page.mjs');
    process.stderr.write(await buildPage());
    if (!fs.existsSync(path.join(dist, 'web/index.html'))) process.exitCode = 1;
    return;
  }
  process.stderr.write(problems);
  process.exitCode = 1;
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) await main();
