/**
 * Builds the page (dist/web) with Vite. `npm run build` and the first `./planewright serve` of a clone do it; nothing else
 * needs it, so that the set-up of a clone stays quick.
 */
import fs from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { run } from './process.mjs';
import { contentOfSources, root, SetUpError, say, setUp, stateFolder } from './setup.mjs';

const built = path.join(root, 'dist/web/index.html');
const stampFile = path.join(stateFolder, 'page');

/** Builds dist/web; resolves to what Vite complains about, or ''. */
export async function buildPage() {
  const vite = path.join(root, 'node_modules/vite/bin/vite.js');
  const { code, output } = await run(process.execPath, [vite, 'build', '--logLevel', 'error'], { cwd: root });
  return code === 0 ? '' : output || `vite ended with status ${code}\n`;
}

/** Builds the page unless it was built from these sources. The clone must be set up. Throws SetUpError. */
export async function ensurePage() {
  const content = contentOfSources();
  const known = fs.existsSync(stampFile) ? fs.readFileSync(stampFile, 'utf8') : '';
  if (fs.existsSync(built) && known === content) return;
  say('building the page (some seconds)');
  const problems = await buildPage();
  if (problems !== '') throw new SetUpError(`the page could not be built\n${problems}`);
  fs.writeFileSync(stampFile, content);
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  await setUp();
  await ensurePage();
}
