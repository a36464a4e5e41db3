import { formatQuantity } from '../terminal.ts';
import { quantity } from '../types.ts';
import { block, frame, label, legend, rule, seriesColour, timeTicks, WIDTH } from './kit.ts';
import type { Shape } from './shape.ts';

export interface Bar {
  readonly row: number;
  readonly start: number;
  readonly seconds: number;
  /** Place in the legend. */
  readonly kind: number;
  readonly says: string;
  /** Part of the row's height that it takes, from the top; all of it when left out. */
  readonly lane?: readonly [from: number, to: number];
}

const LEFT = 64;
const RIGHT = 20;
const TALLEST = 380;

/** Who does what when: a row each, bars over time, which begins at `origin`; none is narrower than `least` pixels. */
export function gantt(
  summary: string,
  rows: readonly string[],
  kinds: readonly string[],
  bars: readonly Bar[],
  { origin = 0, least = 0.3 } = {},
): Shape {
  const end = Math.max(...bars.map((b) => b.start + b.seconds), Number.MIN_VALUE);
  const key = legend(
    LEFT,
    16,
    kinds.map((k, i) => [k, seriesColour(i)] as const),
  );
  const top = key.below + 2;
  const height = Math.max(8, Math.min(24, Math.floor(TALLEST / rows.length)));
  const bottom = top + rows.length * height;
  const x = (t: number): number => LEFT + (t / end) * (WIDTH - LEFT - RIGHT);
  const shapes: Shape[] = [...key.shapes];
  for (const t of timeTicks(origin, origin + end)) {
    const at = x(t - origin);
    shapes.push(rule(at, top, at, bottom + 4));
    shapes.push(
      label(at, bottom + 18, formatQuantity(quantity(t, 'seconds')), { anchor: 'middle', faint: true }),
    );
  }
  const every = Math.ceil(14 / height);
  rows.forEach((name, r) => {
    if (r % every === 0)
      shapes.push(label(LEFT - 8, top + r * height + height / 2 + 4, name, { anchor: 'end', faint: true }));
  });
  for (const { row, start, seconds, kind, says, lane: [from, to] = [0, 1] } of bars) {
    const width = Math.max(least, x(start + seconds) - x(start) - 0.3);
    const y = top + row * height + 1 + from * (height - 2);
    shapes.push(block(x(start), y, width, (to - from) * (height - 2), seriesColour(kind), says));
  }
  return frame(bottom + 26, summary, shapes);
}
