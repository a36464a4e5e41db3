import { renderTerminal } from '../report/terminal.ts';
import type { Section } from '../report/types.ts';
import { clearProgress, colourful, style } from './context.ts';

const WIDTH = 100;

/** Prints a page of sections on stdout, as wide as the terminal, or as a page is wide when it is piped. */
export function draw(title: string, sections: readonly Section[], after = ''): void {
  clearProgress();
  const colour = colourful(process.stdout);
  const text = renderTerminal(title, sections, {
    width: Math.max(60, Math.min(process.stdout.columns ?? WIDTH, 120)),
    heading: (s) => style('bold', s, colour),
    faint: (s) => style('dim', s, colour),
  });
  process.stdout.write(`${text}${after === '' ? '' : `${after}\n`}`);
}
