/** npm run bench [-- GROUP... --smoke --json FILE]: compiles bench/ with the sources it times, and runs it. */
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
