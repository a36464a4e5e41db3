import fs from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { copyClone, removeClone, root, start } from './clone.ts';

const { version } = JSON.parse(fs.readFileSync(path.join(root, 'package.json'), 'utf8')) as {
  version: string;
};

describe('the set-up of a clone', () => {
  let clone: string;
  const lock = () => path.join(clone, '.planewright/lock');
  const stamp = () => path.join(clone, '.planewright/stamp.json');
  const launch = (cwd = clone, program = path.join(clone, 'planewright')) =>
    start(program, ['--version'], cwd).ended;

  beforeEach(() => {
    clone = copyClone();
  });
  afterEach(() => removeClone(clone));

  test('runs once, talks on stderr only, and is silent afterwards', async () => {
    const first = await launch();
    expect(first).toMatchObject({ code: 0, stdout: `planewright ${version}\n` });
    expect(first.stderr).toMatch(/building \(some seconds\)\n.*ready after/);
    expect(await launch()).toEqual({ code: 0, stdout: `planewright ${version}\n`, stderr: '' });
  });

  test('works from another folder and through a link', async () => {
    await launch();
    const folder = path.dirname(clone);
    fs.mkdirSync(path.join(folder, 'bin'));
    fs.symlinkSync('../my clone/planewright', path.join(folder, 'bin/one'));
    fs.symlinkSync(path.join(folder, 'bin/one'), path.join(folder, 'bin/two'));
    expect(await launch('/', path.join(folder, 'bin/two'))).toMatchObject({
      code: 0,
      stdout: `planewright ${version}\n`,
    });
    expect(await start('sh', ['planewright', '--version'], clone).ended).toMatchObject({
      code: 0,
      stderr: '',
    });
  });

  test('builds again when a source changes, not when only its time does', async () => {
    await launch();
    const source = path.join(clone, 'src/base/result.ts');
    const later = new Date(Date.now() + 5000);
    fs.utimesSync(source, later, later);
    expect(await launch()).toMatchObject({ code: 0, stderr: '' });
    fs.appendFileSync(source, 'export const added = 1;\n');
    expect((await launch()).stderr).toContain('the sources changed');
    expect(fs.readFileSync(path.join(clone, 'dist/base/result.js'), 'utf8')).toContain('added');
    fs.rmSync(path.join(clone, 'dist'), { recursive: true });
    expect(await launch()).toMatchObject({ code: 0, stdout: `planewright ${version}\n` });
  });

  test('of two at once, one builds and the other waits for it', async () => {
    const both = await Promise.all([launch(), launch()]);
    for (const run of both) expect(run).toMatchObject({ code: 0, stdout: `planewright ${version}\n` });
    expect(both.filter((run) => run.stderr.includes('ready after'))).toHaveLength(1);
    expect(fs.existsSync(lock())).toBe(false);
  });

  test('one that was killed is done again', async () => {
    const { child, ended } = start(path.join(clone, 'planewright'), ['--version'], clone);
    while (!fs.existsSync(lock())) await new Promise((resolve) => setTimeout(resolve, 5));
    child.kill('SIGKILL');
    await ended;
    expect(fs.existsSync(stamp())).toBe(false);
    expect(fs.existsSync(lock())).toBe(true);
    expect(await launch()).toMatchObject({ code: 0, stdout: `planewright ${version}\n` });
    expect(fs.existsSync(stamp())).toBe(true);
  });

  test('an interrupt leaves no lock', async () => {
    const { child, ended } = start(path.join(clone, 'planewright'), ['--version'], clone);
    while (!fs.existsSync(lock())) await new Promise((resolve) => setTimeout(resolve, 5));
    await new Promise((resolve) => setTimeout(resolve, 50));
    child.kill('SIGINT');
    expect((await ended).code).toBe(130);
    expect(fs.existsSync(lock())).toBe(false);
  });

  test('a source that does not compile is said, with status 1 and nothing on stdout', async () => {
    fs.writeFileSync(path.join(clone, 'src/base/broken.ts'), 'export const x = ;\n');
    const run = await launch();
    expect(run).toMatchObject({ code: 1, stdout: '' });
    expect(run.stderr).toContain('src/base/broken.ts');
    expect(fs.existsSync(stamp())).toBe(false);
  });
});
