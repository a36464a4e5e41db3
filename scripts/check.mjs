/**
 * npm run check [-- STEP... --fix]: everything about the code but its tests. Steps run in turn; one that fails prints what
 * its tool said, and the others still run. `--fix` lets the formatter write.
 */
import fs from 'node:fs';
import path from 'node:path';
import { compile, generateCatalog } from './build.mjs';
import { ensurePage } from './page.mjs';
import { pageSize } from './page-size.mjs';
import { endGroupsOnSignal, run } from './process.mjs';
import { explain, root, setUp, stateFolder } from './setup.mjs';

const args = process.argv.slice(2);
const fix = args.includes('--fix');

/** Each resolves to what is wrong, '' when nothing is. */
const STEPS = {
  types: async () => (await generateCatalog()) || (await compile('tsconfig.json', ['--noEmit'])),
  lint: () =>
    tool('@biomejs/biome/bin/biome', ['check', '--max-diagnostics=100', ...(fix ? ['--write'] : [])]),
  boundaries: () =>
    tool('dependency-cruiser/bin/dependency-cruise.mjs', [
      '--no-progress',
      '--output-type',
      'err',
      'src',
      'bench',
      'test',
    ]),
  dead: () => tool('knip/bin/knip.js', ['--no-progress']),
  engine: () => node(['scripts/check-engine.mjs']),
  lockfile: () => node(['scripts/lockfile.mjs', '--check']),
  schema: () => node(['scripts/schema.mjs', '--check']),
  package: checkPackage,
  page: checkPage,
};

async function node(argv) {
  const { code, output } = await run(process.execPath, argv, { cwd: root });
  return code === 0 ? '' : output || `ended with status ${code}\n`;
}

function tool(program, argv) {
  return node([path.join('node_modules', program), ...argv]);
}

/** The page must load quickly: its size before lazy parts, which is said in any case. */
async function checkPage() {
  await ensurePage();
  const { files, bytes, most } = pageSize(path.join(root, 'dist/web'));
  const said = `page: ${(bytes / 1000).toFixed(1)} kB gzipped before lazy parts, of ${most / 1000} kB\n`;
  if (bytes > most) return `${said}${[...files].map(([file, n]) => `  ${n} ${file}`).join('\n')}\n`;
  process.stdout.write(said);
  return '';
}

/** publint and attw on the tarball that would be published. */
async function checkPackage() {
  const folder = path.join(stateFolder, 'pack');
  fs.rmSync(folder, { recursive: true, force: true });
  fs.mkdirSync(folder, { recursive: true });
  // The set-up has just built dist/; prepack would build it again.
  const packed = await run('npm', ['pack', '--ignore-scripts', '--silent', '--pack-destination', folder], {
    cwd: root,
  });
  if (packed.code !== 0) return packed.output;
  const tarball = path.join(
    folder,
    fs.readdirSync(folder).find((name) => name.endsWith('.tgz')),
  );
  const complaints = [
    await tool('publint/src/cli.js', ['run', tarball, '--strict']),
    // The schema is JSON for editors: it has no types.
    await tool('@arethetypeswrong/cli/dist/index.js', [
      tarball,
      '--profile',
      'esm-only',
      '--exclude-entrypoints',
      'schema/spec.schema.json',
      'schema/plan.schema.json',
      '--no-color',
    ]),
  ];
  return complaints.join('');
}

async function main() {
  await setUp();
  endGroupsOnSignal();
  const chosen = args.filter((arg) => arg !== '--fix');
  const wrong = chosen.filter((name) => !(name in STEPS));
  if (wrong.length > 0) {
    process.stderr.write(`no step ${wrong.join(', ')}; there are ${Object.keys(STEPS).join(', ')}\n`);
    return 2;
  }
  let failed = 0;
  for (const name of chosen.length > 0 ? chosen : Object.keys(STEPS)) {
    const begin = Date.now();
    const complaint = await STEPS[name]();
    const seconds = ((Date.now() - begin) / 1000).toFixed(1);
    process.stdout.write(`${complaint === '' ? 'ok  ' : 'FAIL'} ${name.padEnd(10)} ${seconds} s\n`);
    if (complaint === '') continue;
    failed++;
    process.stdout.write(`${complaint.trimEnd()}\n\n`);
  }
  return failed > 0 ? 1 : 0;
}

main().then(
  (code) => {
    process.exitCode = code;
  },
  (error) => {
    explain(error);
    process.exitCode = 1;
  },
);
