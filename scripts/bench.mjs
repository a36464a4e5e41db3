/** npm run bench [-- GROUP... --smoke --json FILE]: compiles bench/ with the sources it times, and runs it. */
import fs from 'node:fs';
import path from 'node:path';
import { compile } from './build.mjs';
import { endGroupsOnSignal, run } from './process.mjs';
import { explain, root, setUp } from './setup.mjs';

async function main() {
  await setUp();
  endGroupsOnSignal();
  const complaints = await compile('tsconfig.bench.json');
  if (complaints !== '') {
    process.stderr.write(complaints);
    return 1;
  }
  // Benches may take their inputs from scripts, which are not compiled.
  const scripts = path.join(root, '.planewright/bench/scripts');
  if (!fs.existsSync(scripts)) fs.symlinkSync(path.join(root, 'scripts'), scripts, 'junction');
  const program = path.join(root, '.planewright/bench/bench/main.js');
  const { code } = await run(process.execPath, [program, ...process.argv.slice(2)], { show: 'inherit' });
  return code;
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
