import { spawnSync } from 'node:child_process';
import { bench } from './harness.ts';

/** Runs a program from the root of the clone; a failing one is a broken bench. */
function start(program: string, args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(program, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${program} ${args.join(' ')}: status ${status}\n${stderr}`);
  return stdout;
}

bench({
  name: 'planewright --version',
  group: 'start',
  run: () => start(process.execPath, ['dist/cli/main.js', '--version']),
  peer: { label: 'bare node', run: () => start(process.execPath, ['-e', '0']) },
  runs: 15,
  bar: { seconds: 0.15 },
  note: 'process start to end; the peak is of the bench, not of the started process',
});

bench({
  name: './planewright --version',
  group: 'start',
  run: () => start('./planewright', ['--version']),
  runs: 15,
  bar: { seconds: 0.15 },
  note: 'the same through the launcher of a clone, with its check that the set-up is current',
});
