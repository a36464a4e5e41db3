import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

export interface Run {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the built command from the project's root, on the Node that runs the tests. */
export function planewright(
  args: readonly string[],
  options: { readonly input?: string | Buffer } = {},
): Run {
  const run = spawnSync(process.execPath, [MAIN, ...args], {
    cwd: ROOT,
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    env: { ...process.env, NO_COLOR: '1' },
    timeout: 120_000,
    ...options,
  });
  return { status: run.status, stdout: run.stdout, stderr: run.stderr };
}
