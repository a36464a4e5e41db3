import { formatPercent } from '../../units/format.ts';
import { block, frame, label, rule, seriesColour, ticks, WIDTH, widthOf } from './kit.ts';
import type { Shape } from './shape.ts';

export interface WaterfallStep {
  readonly label: string;
  /** A total as it is, or what is lost from the total before (negative). */
  readonly value: number;
  readonly total: boolean;
}

const ROW = 25;

/** What becomes of a whole, part by part, in shares of it. */
export function waterfall(summary: string, steps: readonly WaterfallStep[]): Shape {
  const left = 12 + Math.max(...steps.map((s) => widthOf(s.label)));
  const x = (share: number): number => left + share * (WIDTH - left - 70);
  const bottom = 10 + steps.length * ROW;
  const shapes: Shape[] = ticks(0, 1).flatMap((t) => [
    rule(x(t), 6, x(t), bottom),
    label(x(t), bottom + 16, formatPercent(t), { anchor: 'middle', faint: true }),
  ]);
  let level = 0;
  steps.forEach(({ label: name, value, total }, i) => {
    const y = 10 + i * ROW;
    const [from, to] = total ? [0, value] : [level + value, level];
    const text = `${total || value >= 0 ? '' : '−'}${formatPercent(Math.abs(value))}`;
    const colour = total ? seriesColour(0) : seriesColour(1);
    shapes.push(label(left - 8, y + 15, name, { anchor: 'end', bold: total }));
    shapes.push(block(x(from), y + 3, Math.max(1, x(to) - x(from)), ROW - 8, colour, `${name}: ${text}`));
    shapes.push(label(x(to) + 6, y + 15, text, { bold: total }));
    level = total ? value : level + value;
  });
  return frame(bottom + 24, summary, shapes);
}
