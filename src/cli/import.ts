import type { Command } from 'commander';
import { findingsOf } from '../fabric/findings.ts';
import { writeFabricJson } from '../formats/fabric-json.ts';
import { fabricReaders } from '../formats/registry.ts';
import { serialise } from '../numeric/serialise.ts';
import { importSections } from '../report/import.ts';
import { draw } from './draw.ts';
import { expectValue, loadFabric, WITHOUT_HELP } from './fabric-input.ts';
import { writeFile } from './output.ts';

interface Options {
  readonly out?: string;
  readonly json?: boolean;
  readonly without?: string[];
}

export function define(command: Command): void {
  command
    .argument('<file>', `a fabric: ${fabricReaders.map((r) => r.name).join(', ')}; gzipped too (- for stdin)`)
    .option('--out <file>', "also write it as Planewright's own fabric.json")
    .option('--without <parts...>', WITHOUT_HELP)
    .option('--json', 'print as JSON')
    .addHelpText('after', EXAMPLES)
    .action(importFabric);
}

async function importFabric(path: string, options: Options): Promise<void> {
  const fabric = await loadFabric(path, options.without);
  const found = findingsOf(fabric);
  // With the fabric itself on stdout there is no room for the page.
  if (options.out !== undefined) expectValue(writeFile(options.out, writeFabricJson(fabric)));
  if (options.out === '-') return;
  if (options.json) process.stdout.write(`${serialise(found, 2)}\n`);
  else draw(`Imported: ${fabric.name}`, importSections(found));
}

const EXAMPLES = `
Examples:
  planewright import fabric.ibnetdiscover
  planewright import fabric.ibnetdiscover.gz --out fabric.json
  ssh manager ibnetdiscover | planewright import - --out fabric.json

Layers, planes and rails are found from the wiring; names only label what was found. "Usual" is what most of a
kind have: an import is compared with itself. To compare it with a drawing, see planewright diff.`;
