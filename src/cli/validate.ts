import type { Command } from 'commander';
import { serialise } from '../numeric/serialise.ts';
import { validationSections } from '../report/validation.ts';
import { validate } from '../validate/registry.ts';
import { nodeContext } from './context.ts';
import { draw } from './draw.ts';
import { loadCatalog } from './load.ts';
import { Exit } from './output.ts';

export function define(command: Command): void {
  command
    .argument('[filter]', 'only the cases whose id starts with this, such as T3 or F7')
    .option('--json', 'print as JSON')
    .addHelpText(
      'after',
      '\nExample:\n  planewright validate F7\n\nExit status 3: a case is outside its tolerance.',
    )
    .action(async (filter: string | undefined, options: { json?: boolean }) => {
      const outcomes = await validate(nodeContext(loadCatalog(), 1), filter);
      if (options.json) process.stdout.write(`${serialise(outcomes, 2)}\n`);
      else draw('Planewright against published figures', validationSections(outcomes));
      if (outcomes.some((o) => !o.within)) process.exitCode = Exit.unexpected;
    });
}
