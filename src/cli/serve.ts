import { availableParallelism } from 'node:os';
import { type Command, InvalidArgumentError } from 'commander';
import { InputError } from '../base/result.ts';
import { startServer } from '../server/server.ts';
import { PORT } from './port.ts';
import { version } from './version.ts';

interface Options {
  readonly host: string;
  readonly port: number;
  readonly token?: string;
  readonly workers: number;
  readonly queue: number;
  readonly timeLimit: number;
}

export function define(command: Command): void {
  command
    .option('--port <n>', 'port to listen on (0: any that is free)', whole(0, 65_535), PORT)
    .option('--host <name>', 'address to listen on; others than this machine need a token', '127.0.0.1')
    .option('--token <text>', 'ask for this token (made and printed when the host needs one)')
    .option('--workers <n>', 'plans made at a time', whole(1, 1024), availableParallelism())
    .option('--queue <n>', 'requests that may wait; more are told to come back', whole(0, 100_000), 256)
    .option('--time-limit <seconds>', 'that one request may take', whole(1, 86_400), 120)
    .addHelpText('after', EXAMPLES)
    .action(serve);
}

async function serve({ timeLimit, ...options }: Options): Promise<void> {
  const started = await startServer({ ...options, seconds: timeLimit, version: version() });
  if (!started.ok) throw new InputError(started.issues);
  const { address, close } = started.value;
  process.stdout.write(`${address}\n`);
  process.stderr.write('the page and the HTTP API (api/openapi.json); Ctrl-C ends it\n');
  await new Promise<void>((done) => {
    process.once('SIGINT', done);
    process.once('SIGTERM', done);
  });
  await close();
}

function whole(least: number, most: number) {
  return (text: string): number => {
    const n = Number(text);
    if (/^\d+$/.test(text) && n >= least && n <= most) return n;
    throw new InvalidArgumentError(`a whole number from ${least} to ${most}`);
  };
}

const EXAMPLES = `
Examples:
  planewright serve
  curl --data-binary @examples/small-32.yaml -H 'content-type: application/yaml' localhost:${PORT}/api/plan
  planewright serve --host 0.0.0.0 --token "$TOKEN"     for others too: they need the token`;
