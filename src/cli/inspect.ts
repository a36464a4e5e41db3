import type { Command } from 'commander';
import { logReaders } from '../formats/log.ts';
import { inspectLog } from '../inspect/inspect.ts';
import { serialise } from '../numeric/serialise.ts';
import { inspectSections } from '../report/inspect.ts';
import { logPicture } from '../report/log-picture.ts';
import { formatBytes } from '../units/format.ts';
import { clearProgress } from './context.ts';
import { draw } from './draw.ts';
import { expectValue, open } from './fabric-input.ts';
import { writeFile } from './output.ts';

interface Options {
  readonly svg?: string;
  readonly json?: boolean;
}

export function define(command: Command): void {
  command
    .argument(
      '<log>',
      `a training log: ${logReaders.map((r) => r.name).join(', ')}; gzipped too (- for stdin)`,
    )
    .option('--svg <file>', 'also draw the series with the events (- for stdout)')
    .option('--json', 'print as JSON')
    .addHelpText('after', EXAMPLES)
    .action(inspect);
}

async function inspect(path: string, options: Options): Promise<void> {
  const inspection = expectValue(
    await inspectLog(watched(open(path)), path === '-' ? 'standard input' : path),
  );
  clearProgress();
  if (options.svg !== undefined) {
    expectValue(writeFile(options.svg, [logPicture(inspection, path)]));
    if (options.svg === '-') return;
  }
  if (options.json) process.stdout.write(`${serialise(inspection, 2)}\n`);
  else draw(`Inspected: ${path}`, inspectSections(inspection));
}

/** The bytes as they come; on a terminal a long log shows how much of it was read. */
async function* watched(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let read = 0;
  const began = performance.now();
  for await (const chunk of chunks) {
    yield chunk;
    read += chunk.length;
    if (process.stderr.isTTY && performance.now() - began > 1000) {
      process.stderr.write(`\r\x1b[K${formatBytes(read)} read`);
    }
  }
}

const EXAMPLES = `
Examples:
  planewright inspect examples/logs/eventful.csv
  planewright inspect examples/logs/megatron.log --svg run.svg
  ssh trainer cat run/events.out.tfevents.1700000000 | planewright inspect - --json

A CSV needs a header; names are taken as trainers write them (step, loss, grad_norm, step_time, tokens_per_second,
timestamp, rank). The log is streamed: its length costs time, not memory.`;
