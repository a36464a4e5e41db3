import { pow } from '../../numeric/power.ts';
import { HAIR } from '../../numeric/tolerance.ts';
import { type Shape, shape } from './shape.ts';

/**
 * What every chart is made of. Ink is the colour of the text around it; the data's colours are told apart without
 * colour vision and stand out on light and dark paper alike.
 */

export const INK = 'currentColor';
/** After Okabe and Ito, all of middling lightness. */
export const SERIES = ['#0072b2', '#c2690c', '#00866a', '#b4578f', '#7a7f87', '#c8452c', '#3d8fc4'] as const;
export const WIDTH = 720;
const FONT = 12;

export function seriesColour(i: number): string {
  return SERIES[i % SERIES.length]!;
}

/** The whole of a chart. */
export function frame(height: number, summary: string, children: readonly Shape[], width = WIDTH): Shape {
  return shape(
    'svg',
    {
      viewBox: `0 0 ${width} ${height}`,
      width,
      height,
      role: 'img',
      'aria-label': summary,
      'font-family': 'system-ui, sans-serif',
      'font-size': FONT,
    },
    ...children,
  );
}

export interface LabelStyle {
  readonly anchor?: 'start' | 'middle' | 'end';
  readonly faint?: boolean;
  readonly bold?: boolean;
  readonly fill?: string;
}

export function label(x: number, y: number, text: string, style: LabelStyle = {}): Shape {
  return shape(
    'text',
    {
      x: round(x),
      y: round(y),
      fill: style.fill ?? INK,
      'text-anchor': style.anchor ?? 'start',
      ...(style.faint && { 'fill-opacity': 0.75 }),
      ...(style.bold && { 'font-weight': 600 }),
    },
    text,
  );
}

export function rule(x1: number, y1: number, x2: number, y2: number, faint = true): Shape {
  return shape('line', {
    x1: round(x1),
    y1: round(y1),
    x2: round(x2),
    y2: round(y2),
    stroke: INK,
    'stroke-opacity': faint ? 0.2 : 0.6,
  });
}

/** A filled rectangle that says what it is when pointed at. */
export function block(
  x: number,
  y: number,
  width: number,
  height: number,
  fill: string,
  says: string,
): Shape {
  const attributes = {
    x: round(x),
    y: round(y),
    width: round(Math.max(0, width)),
    height: round(height),
    fill,
  };
  return says === '' ? shape('rect', attributes) : shape('rect', attributes, shape('title', {}, says));
}

export function polyline(
  points: readonly (readonly [number, number])[],
  stroke: string,
  dashed = false,
): Shape {
  const d = points.map(([x, y], i) => `${i === 0 ? 'M' : 'L'}${round(x)} ${round(y)}`).join('');
  const dash = dashed && { 'stroke-dasharray': '6 4' };
  return shape('path', { d, fill: 'none', stroke, 'stroke-width': 2, 'stroke-linejoin': 'round', ...dash });
}

export function dot(x: number, y: number, radius: number, fill: string, says: string): Shape {
  const attributes = { cx: round(x), cy: round(y), r: radius, fill };
  return shape('circle', attributes, shape('title', {}, says));
}

/** Swatches with names, left to right; lines break at the right edge. Gives the y below. */
export function legend(
  x: number,
  y: number,
  entries: readonly (readonly [string, string])[],
): { shapes: Shape[]; below: number } {
  const shapes: Shape[] = [];
  let at = x;
  let line = y;
  for (const [name, colour] of entries) {
    const needs = 18 + widthOf(name) + 16;
    if (at > x && at + needs > WIDTH) {
      at = x;
      line += 18;
    }
    shapes.push(block(at, line - 9, 11, 11, colour, ''), label(at + 16, line, name));
    at += needs;
  }
  return { shapes, below: line + 12 };
}

/** About how wide a text is drawn. */
export function widthOf(text: string, size = FONT): number {
  return text.length * size * 0.54;
}

/** A text of at most so many characters. */
export function shorten(text: string, most: number): string {
  return text.length > most ? `${text.slice(0, most - 1)}…` : text;
}

export const round = (x: number): number => Math.round(x * 100) / 100;

const MINUTE = 60;
const HOUR = 3_600;
const DAY = 86_400;
/** Times that people count in, seconds, above ten of them. */
const ROUND_TIMES = [
  ...[15, 30, MINUTE, 2 * MINUTE, 5 * MINUTE, 10 * MINUTE, 30 * MINUTE],
  ...[HOUR, 2 * HOUR, 6 * HOUR, 12 * HOUR, DAY, 2 * DAY, 5 * DAY, 10 * DAY, 30 * DAY, 100 * DAY, 1000 * DAY],
];

/** ticks of times: beyond ten seconds in minutes, hours and days. */
export function timeTicks(low: number, high: number, n = 5): number[] {
  const step = ROUND_TIMES.find((t) => t >= (high - low) / n);
  if (high - low < 10 * n || step === undefined) return ticks(low, high, n);
  const list: number[] = [];
  for (let i = Math.ceil(low / step); i * step <= high; i++) list.push(i * step);
  return list;
}

/** Round times of a logarithmic axis, at most about `n`; none where it reaches below ten seconds. */
export function logTimes(low: number, high: number, n = 8): number[] {
  const inside = ROUND_TIMES.filter((t) => t >= low && t <= high);
  const every = Math.ceil(inside.length / n);
  return low < 10 ? [] : inside.filter((_, i) => i % every === 0);
}

/** About `n` round values from 0 or below `low` to `high` or beyond. */
export function ticks(low: number, high: number, n = 5): number[] {
  const span = high - low;
  if (!(span > 0) || !Number.isFinite(span)) return [low];
  const rough = span / n;
  const base = pow(10, Math.floor(Math.log10(rough)));
  const step = ([1, 2, 5, 10].find((m) => m * base >= rough) ?? 10) * base;
  const list: number[] = [];
  for (let i = Math.ceil(low / step - HAIR); i * step <= high + step * HAIR; i++) list.push(i * step);
  return list;
}
