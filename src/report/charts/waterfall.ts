import { formatPercent } from '../../units/format.ts';
import { block, frame, label, rule, seriesColour, ticks, WIDTH, widthOf } from './kit.ts';
import type { Shape } from './shape.ts';

export interface WaterfallStep {
  readonly label: string;
  /** A total as it is, or what is lost from the total before (negative; a gain is positive). */
  readonly value: number;
  readonly total: boolean;
  /** Written at the right edge, below the heading of its column. */
  readonly note?: string;
}

const ROW = 25;

/** What becomes of a whole, part by part, in shares of it; `notes` heads the column of their notes. */
export function waterfall(summary: string, steps: readonly WaterfallStep[], notes = ''): Shape {
  const left = 24 + Math.max(...steps.map((s) => widthOf(s.label)));
  const right = notes === '' ? 0 : 16 + widthOf(notes);
  const most = Math.max(1, ...steps.map((s) => s.value));
  const x = (share: number): number => left + (share / most) * (WIDTH - left - right - 70);
  const top = notes === '' ? 10 : 26;
  const bottom = top + steps.length * ROW;
  const shapes: Shape[] = ticks(0, most).flatMap((t) => [
    rule(x(t), top - 4, x(t), bottom),
    label(x(t), bottom + 16, formatPercent(t), { anchor: 'middle', faint: true }),
  ]);
  if (notes !== '') shapes.push(label(WIDTH - 4, top - 10, notes, { anchor: 'end', faint: true }));
  let level = 0;
  steps.forEach(({ label: name, value, total, note }, i) => {
    const y = top + i * ROW;
    const [from, to] = total ? [0, value] : [Math.min(level, level + value), Math.max(level, level + value)];
    const text = `${total ? '' : value >= 0 ? '+' : '−'}${formatPercent(Math.abs(value))}`;
    const colour = total ? seriesColour(0) : seriesColour(1);
    shapes.push(label(left - 8, y + 15, name, { anchor: 'end', bold: total }));
    shapes.push(block(x(from), y + 3, Math.max(1, x(to) - x(from)), ROW - 8, colour, `${name}: ${text}`));
    shapes.push(label(x(to) + 6, y + 15, text, { bold: total }));
    if (note !== undefined) shapes.push(label(WIDTH - 4, y + 15, note, { anchor: 'end' }));
    level = total ? value : level + value;
  });
  return frame(bottom + 24, summary, shapes);
}
