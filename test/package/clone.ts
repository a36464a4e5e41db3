import { type ChildProcess, spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../..', import.meta.url));

/** What a clone needs to set itself up and run; tests, documents and benches are left out. */
const PARTS = ['package.json', 'package-lock.json', '.npmrc', 'planewright', 'scripts', 'src', 'catalog'];
const CONFIGURATION = ['tsconfig.json', 'tsconfig.build.json'];

/** A temporary folder, with a space in its name as people have them. */
export function temporaryFolder(): string {
  return fs.mkdtempSync(path.join(os.tmpdir(), 'planewright test '));
}

/** A copy of this clone before its first build; the packages are links to ours, so that no test downloads. */
export function copyClone(): string {
  const folder = path.join(temporaryFolder(), 'my clone');
  for (const part of [...PARTS, ...CONFIGURATION]) {
    const from = path.join(root, part);
    if (fs.existsSync(from)) fs.cpSync(from, path.join(folder, part), { recursive: true });
  }
  const modules = path.join(folder, 'node_modules');
  fs.mkdirSync(modules);
  for (const name of fs.readdirSync(path.join(root, 'node_modules'))) {
    // Ours is a cache that tools write to.
    if (!name.startsWith('.vite'))
      fs.symlinkSync(path.join(root, 'node_modules', name), path.join(modules, name));
  }
  return folder;
}

export function removeClone(folder: string): void {
  fs.rmSync(path.dirname(folder), { recursive: true, force: true });
}

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
}

/** Starts a program without CI's settings, which would change what npm and our scripts do. */
export function start(program: string, args: readonly string[], cwd: string): Running {
  const env = { ...process.env, NO_COLOR: '1', FORCE_COLOR: undefined, NODE_OPTIONS: undefined };
  const child = spawn(program, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (piece) => {
    stdout += piece;
  });
  child.stderr.on('data', (piece) => {
    stderr += piece;
  });
  const ended = new Promise<Ended>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, stdout, stderr }));
  });
  return { child, ended };
}
