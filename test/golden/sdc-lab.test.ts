import { expect, it } from 'vitest';
import { builtin } from '../../src/catalog/catalog.ts';
import { planewright } from '../support/cli.ts';

it('sdc-lab --quick makes the table that comes with the catalog, on every Node', () => {
  const run = planewright(['sdc-lab', '--quick', '--json']);
  expect(run.status).toBe(0);
  // Through JSON: the catalog's numbers carry the serialiser's twelve digits.
  expect(JSON.parse(run.stdout)).toEqual(
    JSON.parse(JSON.stringify(builtin().published('sdc-lab.quick').value)),
  );
});

it('sdc-lab --shipped prints the full one', async () => {
  const run = planewright(['sdc-lab', '--shipped']);
  expect(run.stderr).toBe('');
  await expect(run.stdout).toMatchFileSnapshot('pages/sdc-lab.txt');
});
