import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { root, temporaryFolder } from './clone.ts';

interface Manifest {
  readonly version: string;
  readonly dependencies: Record<string, string>;
  readonly exports: Record<string, unknown>;
}

const manifest = JSON.parse(fs.readFileSync(path.join(root, 'package.json'), 'utf8')) as Manifest;

/** Packs and installs as a user would, but offline: the dependencies are ours, by path. */
describe('the installed package', () => {
  let folder: string;
  const installed = (...names: string[]) => path.join(folder, 'node_modules/planewright', ...names);
  const run = (program: string, args: string[], cwd = folder) =>
    execFileSync(program, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });

  beforeAll(() => {
    folder = temporaryFolder();
    run('npm', ['pack', '--ignore-scripts', '--silent', '--pack-destination', folder], root);
    const overrides = Object.fromEntries(
      Object.keys(manifest.dependencies).map((name) => [
        name,
        `file:${path.join(root, 'node_modules', name)}`,
      ]),
    );
    const project = {
      private: true,
      type: 'module',
      dependencies: { planewright: `file:planewright-${manifest.version}.tgz` },
      overrides,
    };
    fs.writeFileSync(path.join(folder, 'package.json'), JSON.stringify(project));
    run('npm', ['install', '--offline', '--no-audit', '--no-fund', '--loglevel=error']);
  });
  afterAll(() => fs.rmSync(folder, { recursive: true, force: true }));

  test('its command runs through npx', () => {
    expect(run('npx', ['--no-install', 'planewright', '--version'])).toBe(
      `planewright ${manifest.version}\n`,
    );
  });

  test('every export can be imported, and has types', () => {
    const names = Object.keys(manifest.exports).filter((name) => !/\*|\.json$/.test(name));
    for (const name of names) {
      const target = manifest.exports[name] as { types: string };
      expect(fs.existsSync(installed(target.types)), name).toBe(true);
      const specifier = path.posix.join('planewright', name);
      const code = `import * as all from '${specifier}'; console.log(Object.keys(all).length > 0)`;
      expect(run(process.execPath, ['--input-type=module', '-e', code]), name).toBe('true\n');
    }
  });

  test('it holds what a user needs and nothing of the workshop', () => {
    expect(fs.readdirSync(installed()).filter((name) => name !== 'node_modules')).toEqual(
      expect.arrayContaining([
        'LICENSE',
        'README.md',
        'catalog',
        'dist',
        'examples',
        'package.json',
        'schema',
      ]),
    );
    const names = fs.readdirSync(installed(), { recursive: true }) as string[];
    expect(names.filter((name) => /\.(test\.js|map)$|^(src|scripts|test|bench)\b/.test(name))).toEqual([]);
  });
});
