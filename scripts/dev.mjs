/** npm run dev: the page on a server of its own, unit tests on every change, and dist/ kept up to date for ./planewright. */
import fs from 'node:fs';
import path from 'node:path';
import { endGroupsOnSignal, run } from './process.mjs';
import { explain, root, setUp } from './setup.mjs';

/** One rebuild for a burst of changes; a change during a rebuild starts another. */
function rebuilder() {
  let timer = null;
  let last = Promise.resolve();
  return () => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      last = last.then(setUp).catch(explain);
    }, 150);
  };
}

async function main() {
  await setUp();
  endGroupsOnSignal();
  const rebuild = rebuilder();
  for (const folder of ['src', 'catalog']) fs.watch(path.join(root, folder), { recursive: true }, rebuild);
  const vite = path.join(root, 'node_modules/vite/bin/vite.js');
  void run(process.execPath, [vite, '--host', '127.0.0.1'], { cwd: root, show: 'inherit' });
  const vitest = path.join(root, 'node_modules/vitest/vitest.mjs');
  const { code } = await run(process.execPath, [vitest, 'watch', '--project', 'unit'], {
    cwd: root,
    show: 'inherit',
  });
  process.exit(code);
}

main().catch((error) => {
  explain(error);
  process.exitCode = 1;
});
