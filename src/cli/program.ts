import { fileURLToPath } from 'node:url';
import { Command, CommanderError } from 'commander';
import { Cancelled } from '../base/context.ts';
import { InputError } from '../base/result.ts';
import { clearProgress, say } from './context.ts';
import { Exit } from './output.ts';

type Entries = Record<
  string,
  { summary: string; load: () => Promise<{ define: (command: Command) => void }> }
>;

/** Parses the command line, loads the one command it names and turns what happens into an exit status. */
export async function run(argv: readonly string[], entries: Entries, version: string): Promise<void> {
  const program = new Command('planewright')
    .description(
      'Designs the network of a large AI training cluster and says what a training run on it will do.',
    )
    .version(`planewright ${version}`)
    .showSuggestionAfterError()
    .showHelpAfterError('(planewright --help lists the commands)')
    .exitOverride()
    .addHelpText('after', EXAMPLES);
  const args = argv.length === 0 ? ['plan', bundledExample('small-32.yaml')] : [...argv];
  if (argv.length === 0)
    process.stderr.write('No command given: planning the 32-GPU example. See --help for all.\n');
  const called = args.find((a) => !a.startsWith('-')) ?? '';
  for (const [name, entry] of Object.entries(entries)) {
    const command = program.command(name).description(entry.summary).exitOverride();
    if (name === called || called === 'help') (await entry.load()).define(command);
  }
  try {
    await program.parseAsync(args, { from: 'user' });
  } catch (error) {
    process.exitCode = exitStatus(error);
  }
}

/** An example that ships with the package, by file name. */
export function bundledExample(name: string): string {
  return fileURLToPath(new URL(`../../examples/${name}`, import.meta.url));
}

function exitStatus(error: unknown): number {
  clearProgress();
  if (error instanceof CommanderError) return error.exitCode === 0 ? Exit.done : Exit.input;
  if (error instanceof InputError) {
    say(error.issues);
    return Exit.input;
  }
  if (error instanceof Cancelled) {
    process.stderr.write('interrupted; nothing was written\n');
    return Exit.interrupted;
  }
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.stderr.write(`This is a fault of Planewright's, not of your input:\n${text}\n`);
  return Exit.fault;
}

const EXAMPLES = `
Examples:
  planewright plan examples/deepseek-v3.yaml            the plan of a real job, as a page
  planewright plan examples/deepseek-v3.yaml --json     the same for machines
  planewright init deepseek-v3 > my.yaml                a commented spec to start from
  planewright validate                                  how near the published figures it comes

Exit status: 0 done, 1 a fault of ours, 2 a fault in the input, 3 not as expected, 130 interrupted.`;
