import type { Course, Inspection, LogEvent, SeriesName } from '../inspect/types.ts';
import { escapeXml } from './charts/shape.ts';

const WIDTH = 900;
const LEFT = 70;
const RIGHT = 16;
const TOP = 44;
const PANEL = 150;
const GAP = 34;

const TITLES: Readonly<Record<SeriesName, string>> = {
  loss: 'loss',
  gradNorm: 'gradient norm (logarithmic)',
  speed: 'time of a step (logarithmic)',
  steps: 'steps',
};
/** Told apart without colour vision too: each kind has its letter. */
const MARKS: Readonly<Record<LogEvent['kind'], readonly [string, string]>> = {
  spike: ['#d55e00', 'S'],
  nan: ['#000000', 'N'],
  divergence: ['#b00020', 'D'],
  drift: ['#cc79a7', 'd'],
  stall: ['#0072b2', 'P'],
  slowdown: ['#56b4e9', 'L'],
  straggler: ['#009e73', 'R'],
  restart: ['#7a5c00', '↺'],
};
/** Marks in a panel; beyond it they would hide the curve. */
const MOST_MARKS = 60;

/** The courses of a log's series in SVG, a panel each, with its events marked at their steps. Bounded in size. */
export function logPicture(inspection: Inspection, title: string): string {
  const { series, events } = inspection;
  const height = TOP + Math.max(1, series.length) * (PANEL + GAP) + 20;
  const parts = [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" font-family="system-ui, sans-serif" font-size="11">`,
    `<title>${escapeXml(title)}</title><rect width="100%" height="100%" fill="#ffffff"/>`,
    `<text x="12" y="18" font-size="13" font-weight="600" fill="#222222">${escapeXml(title)}</text>`,
    `<text x="12" y="34" fill="#444444">${legend(events)}</text>`,
  ];
  series.forEach((s, i) => {
    const top = TOP + 14 + i * (PANEL + GAP);
    const own = events.filter((e) => e.series === s.name || (e.series === 'steps' && i === 0));
    parts.push(...panel(s.course, TITLES[s.name], s.name !== 'loss', own, top));
  });
  parts.push('</svg>');
  return `${parts.join('\n')}\n`;
}

function legend(events: readonly LogEvent[]): string {
  const kinds = [...new Set(events.map((e) => e.kind))];
  if (kinds.length === 0) return 'nothing out of the ordinary';
  return kinds.map((k) => `<tspan fill="${MARKS[k][0]}">${MARKS[k][1]} ${k}</tspan>`).join('   ');
}

function panel(
  course: Course,
  title: string,
  logarithmic: boolean,
  events: readonly LogEvent[],
  top: number,
): string[] {
  const n = course.steps.length;
  if (n === 0) return [];
  const scale = (x: number) => (logarithmic ? Math.log(Math.max(x, Number.MIN_VALUE)) : x);
  const low = scale(Math.min(...course.low));
  const high = scale(Math.max(...course.high));
  const y = (x: number) => round(top + PANEL - (PANEL * (scale(x) - low)) / Math.max(high - low, 1e-12)); // literal: guards a flat curve
  const x = (piece: number) => round(LEFT + ((WIDTH - LEFT - RIGHT) * (piece + 0.5)) / n);
  const upper = course.high.map((v, p) => `${x(p)},${y(v)}`);
  const lower = course.low.map((v, p) => `${x(p)},${y(v)}`).reverse();
  const mean = course.mean.map((v, p) => `${x(p)},${y(v)}`);
  const parts = [
    `<text x="${LEFT}" y="${top - 5}" fill="#444444">${title}</text>`,
    `<rect x="${LEFT}" y="${top}" width="${WIDTH - LEFT - RIGHT}" height="${PANEL}" fill="none" stroke="#dddddd"/>`,
    `<polygon points="${[...upper, ...lower].join(' ')}" fill="#c9d8e8"/>`,
    `<polyline points="${mean.join(' ')}" fill="none" stroke="#1f4e79" stroke-width="1.2"/>`,
    ...[Math.min(...course.low), Math.max(...course.high)].map(
      (v) =>
        `<text x="${LEFT - 6}" y="${y(v) + 4}" text-anchor="end" fill="#444444">${Number(v.toPrecision(3))}</text>`,
    ),
    ...[0, 0.25, 0.5, 0.75, 1].map((share) => {
      const p = Math.min(n - 1, Math.floor(share * n));
      return `<text x="${x(p)}" y="${top + PANEL + 14}" text-anchor="middle" fill="#444444">${course.steps[p]}</text>`;
    }),
  ];
  for (const e of events.slice(0, MOST_MARKS)) {
    const at = x(Math.min(n - 1, Math.floor(e.index / course.pointsPerPiece)));
    const [colour, letter] = MARKS[e.kind];
    parts.push(
      `<line x1="${at}" x2="${at}" y1="${top}" y2="${top + PANEL}" stroke="${colour}" stroke-dasharray="2 2"/>`,
      `<text x="${at + 2}" y="${top + 11}" fill="${colour}" font-weight="600">${letter}<title>${e.kind} at step ${e.step}</title></text>`,
    );
  }
  return parts;
}

const round = (x: number): number => Math.round(x * 10) / 10;
