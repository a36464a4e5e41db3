import type { Command } from 'commander';
import type { Catalog } from '../catalog/types.ts';
import { serialise } from '../numeric/serialise.ts';
import { catalogEntrySections, catalogListSections, KINDS, type Kind } from '../report/catalog.ts';
import { draw } from './draw.ts';
import { loadCatalog, mustBeOneOf } from './load.ts';

interface Options {
  readonly json?: boolean;
  readonly catalog?: string;
}

export function define(command: Command): void {
  command
    .argument('[kind]', `one of ${KINDS.join(', ')}`)
    .argument('[name]', 'one entry of that kind')
    .option('--json', 'print as JSON')
    .option('--catalog <folder>', 'overlay the catalog with the YAML files of a folder')
    .addHelpText('after', '\nExamples:\n  planewright catalog gpu\n  planewright catalog model deepseek-v3')
    .action((kind: string | undefined, name: string | undefined, options: Options) => {
      const catalog = loadCatalog(options.catalog);
      if (kind !== undefined) mustBeOneOf(kind, KINDS, 'kind');
      const kinds = kind === undefined ? KINDS : [kind as Kind];
      if (name === undefined) {
        if (options.json) process.stdout.write(`${serialise(listed(catalog, kinds), 2)}\n`);
        else draw('Catalog', catalogListSections(catalog, kinds));
        return;
      }
      mustBeOneOf(name, catalog.ids(kinds[0]!), kinds[0]!);
      const entry = entryOf(catalog, kinds[0]!, name);
      if (options.json) process.stdout.write(`${serialise(entry, 2)}\n`);
      else draw(name, catalogEntrySections(entry));
    });
}

function listed(catalog: Catalog, kinds: readonly Kind[]): Record<string, readonly unknown[]> {
  return Object.fromEntries(kinds.map((k) => [k, catalog.ids(k).map((id) => entryOf(catalog, k, id))]));
}

function entryOf(catalog: Catalog, kind: Kind, id: string): object {
  if (kind === 'constant') return catalog.get(id);
  if (kind === 'published') return catalog.published(id);
  return catalog.find(kind, id)!;
}
