import { availableParallelism } from 'node:os';
import { styleText } from 'node:util';
import type { Context, ProgressEvent } from '../base/context.ts';
import type { Issue } from '../base/issue.ts';
import type { Catalog } from '../catalog/types.ts';
import { renderIssues } from '../report/issues.ts';
import { threads } from './threads.ts';

let interrupted = false;
process.on('SIGINT', () => {
  // A second Ctrl-C does not wait for the next safe point.
  if (interrupted) process.exit(130);
  interrupted = true;
});

/**
 * The engine's context on Node: this process's clock, a progress line on a terminal, Ctrl-C as cancellation, a thread for
 * each core where work can be shared out.
 */
export function nodeContext(catalog: Catalog, seed: number): Context {
  return {
    seed,
    catalog,
    clock: () => performance.now() / 1000,
    progress: progressLine(),
    cancelled: () => interrupted,
    parallel: threads(availableParallelism(), () => interrupted),
    solver: async () => (await import('../numeric/highs.ts')).loadHighs(),
  };
}

/** Quiet for the first second, then one line on stderr that is drawn over; nothing when it is not a terminal. */
function progressLine(): (event: ProgressEvent) => void {
  if (!process.stderr.isTTY) return () => {};
  const began = performance.now();
  process.once('exit', clearProgress);
  return (event) => {
    if (performance.now() - began < 1000) return;
    const done = event.fraction === null ? '' : ` ${Math.round(event.fraction * 100)} %`;
    process.stderr.write(`\r\x1b[K${event.stage}${done}${event.note ? `: ${event.note}` : ''}`);
  };
}

export function clearProgress(): void {
  if (process.stderr.isTTY) process.stderr.write('\r\x1b[K');
}

export function colourful(out: NodeJS.WriteStream): boolean {
  return Boolean(out.isTTY) && !process.env['NO_COLOR'];
}

export function style(format: Parameters<typeof styleText>[0], text: string, on: boolean): string {
  return on ? styleText(format, text) : text;
}

/** Issues go to stderr, worst news last where the eye is. */
export function say(issues: readonly Issue[]): void {
  if (issues.length === 0) return;
  clearProgress();
  process.stderr.write(`${renderIssues(issues)}\n`);
}
