/** Seconds over flows x hops, both axes logarithmic, with a line of linear growth to compare the slopes with. */

export interface CostSeries {
  readonly label: string;
  readonly points: readonly { readonly hops: number; readonly seconds: number }[];
}

const WIDTH = 720;
const HEIGHT = 440;
const LEFT = 70;
const RIGHT = 20;
const TOP = 50;
const BOTTOM = 50;
const COLOURS = ['#0b6e99', '#b5482a', '#3f7d3a', '#6b4fa0'];

export function costPlot(series: readonly CostSeries[]): string {
  const points = series.flatMap((s) => s.points);
  const x = scale(
    points.map((p) => p.hops),
    LEFT,
    WIDTH - RIGHT,
  );
  const y = scale(
    points.map((p) => p.seconds),
    HEIGHT - BOTTOM,
    TOP,
  );
  const at = (p: { hops: number; seconds: number }): string =>
    `${x.of(p.hops).toFixed(1)},${y.of(p.seconds).toFixed(1)}`;
  const parts = [
    ...x.decades.map((d) => grid(x.of(10 ** d), TOP, x.of(10 ** d), HEIGHT - BOTTOM)),
    ...x.decades.map((d) => label(x.of(10 ** d), HEIGHT - BOTTOM + 18, 'middle', `1e${d}`)),
    ...y.decades.map((d) => grid(LEFT, y.of(10 ** d), WIDTH - RIGHT, y.of(10 ** d))),
    ...y.decades.map((d) => label(LEFT - 8, y.of(10 ** d) + 4, 'end', `1e${d} s`)),
    label(LEFT, 22, 'start', 'Processor seconds of a simulation over flows x hops'),
    label(WIDTH - RIGHT, HEIGHT - 12, 'end', 'flows x hops'),
    ...linear(points, at),
    ...series.flatMap((s, i) => line(s, i, at)),
  ];
  const size = `width="${WIDTH}" height="${HEIGHT}" viewBox="0 0 ${WIDTH} ${HEIGHT}"`;
  const font = 'font-family="sans-serif" font-size="12" fill="#222"';
  return `<svg xmlns="http://www.w3.org/2000/svg" ${size} ${font}>\n<rect width="100%" height="100%" fill="#fff"/>\n${parts.join('\n')}\n</svg>\n`;
}

function line(
  { label: text, points }: CostSeries,
  index: number,
  at: (p: CostSeries['points'][number]) => string,
) {
  const colour = COLOURS[index % COLOURS.length]!;
  const dots = points.map((p) => {
    const [cx, cy] = at(p).split(',');
    return `<circle cx="${cx}" cy="${cy}" r="3.5" fill="${colour}"/>`;
  });
  return [
    `<polyline points="${points.map(at).join(' ')}" fill="none" stroke="${colour}" stroke-width="2"/>`,
    ...dots,
    `<text x="${LEFT + 12}" y="${TOP + 18 + 17 * index}" fill="${colour}">${text}</text>`,
  ];
}

/** Grey: what linear growth from the cheapest point on would be. */
function linear(
  points: CostSeries['points'],
  at: (p: CostSeries['points'][number]) => string,
): readonly string[] {
  const first = points.reduce((a, b) => (b.seconds / b.hops < a.seconds / a.hops ? b : a));
  const most = Math.max(...points.map((p) => p.hops));
  const least = Math.min(...points.map((p) => p.hops));
  const on = (hops: number): string => at({ hops, seconds: (first.seconds * hops) / first.hops });
  return [
    `<polyline points="${on(least)} ${on(most)}" fill="none" stroke="#999" stroke-dasharray="6 4"/>`,
    label(WIDTH - RIGHT - 8, HEIGHT - BOTTOM - 10, 'end', 'dashed: linear growth'),
  ];
}

function scale(values: readonly number[], from: number, to: number) {
  const low = Math.floor(Math.log10(Math.min(...values)));
  const high = Math.ceil(Math.log10(Math.max(...values)));
  return {
    decades: Array.from({ length: high - low + 1 }, (_, i) => low + i),
    of: (value: number): number => from + ((Math.log10(value) - low) / (high - low)) * (to - from),
  };
}

function grid(x1: number, y1: number, x2: number, y2: number): string {
  return `<line x1="${x1}" y1="${y1}" x2="${x2}" y2="${y2}" stroke="#ddd"/>`;
}

function label(x: number, y: number, anchor: string, text: string): string {
  return `<text x="${x}" y="${y}" text-anchor="${anchor}">${text}</text>`;
}
